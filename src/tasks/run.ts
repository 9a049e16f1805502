// A trained run, opened for use: its model, its weights, and the data that it takes.

import type { Format } from "../data/formats.ts";
import { type OpenOptions, openData } from "../data/open.ts";
import { recognize, splitMember } from "../data/recognize.ts";
import type { DataSource } from "../data/source.ts";
import { isGlob } from "../data/tables/glob.ts";
import { isQuery } from "../data/tables/query.ts";
import type { ColumnInfo } from "../fields/columns.ts";
import { isModelled } from "../fields/field.ts";
import { parametersOf } from "../models/graphs.ts";
import type { Device, DeviceName } from "../runtime/device.ts";
import { openDevice } from "../runtime/open.ts";
import { type Calibration, loadCalibration } from "../train/calibration.ts";
import { loadModel, type Weights } from "../train/checkpoint.ts";
import type { RunConfig } from "../train/config.ts";
import { type Linear, loadLinear } from "../train/linear.ts";
import { loadReference, type Reference } from "../train/reference.ts";
import { readRun } from "../train/run.ts";
import { cutFor, runReadings, runWindow } from "../train/source.ts";

export interface Run {
  folder: string;
  config: RunConfig;
  weights: Weights;
  /** The epoch whose weights these are. */
  epoch: number;
  /** The mean and the principal components of the training rows. */
  linear(): Promise<Linear>;
  /** What rows held out say of the predictions of targets; null where none were. */
  calibration(): Promise<Calibration | null>;
  /** Some of the training rows, and of those held out. */
  reference(): Promise<Reference>;
}

/** Where a task computes. */
export interface TaskOptions {
  /** Default `auto`. */
  device?: DeviceName | "auto";
  /** Default: one for each core. */
  threads?: number;
  /** Told what a person should know of the rows, once they have been seen. */
  onNotes?: (notes: readonly { code: string; message: string }[]) => void;
}

/**
 * Opens a run folder. A folder from a stranger is data: its configuration is validated, its
 * weights' sizes and hash are checked.
 * @throws ElboError `run-missing`, `run-config`, `run-newer`, `file-missing`, `safetensors-invalid`,
 * `weights-changed` or `weights-mismatch`.
 */
export async function openRun(folder: string): Promise<Run> {
  const config = await readRun(folder);
  const { weights, epoch } = await loadModel(folder);
  parametersOf(config.schema, config.model).check(weights);
  const kept = {
    linear: () => loadLinear(folder, config),
    calibration: () => loadCalibration(folder, epoch),
    reference: () => loadReference(folder, config),
  };
  return { folder, config, weights, epoch, ...kept };
}

export async function runOf(run: string | Run): Promise<Run> {
  return typeof run === "string" ? openRun(run) : run;
}

export async function deviceOf(options: TaskOptions): Promise<Device> {
  return (await openDevice(options.device ?? "auto")).device;
}

/** What a run's data are opened with, of a format. */
function openOptions({ config }: Run, format: Format): OpenOptions {
  const { window } = config.data;
  // A run of texts takes them from a table, too, and there as they stand.
  const takes = window?.of === "text" ? ["txt"] : ["csv", "json", "parquet"];
  if (takes.includes(format)) {
    const choice = runWindow(config);
    return choice === undefined ? {} : { window: choice };
  }
  const image = config.schema.fields.find(({ kind }) => kind === "image");
  // Files of images come in any size, and are brought to the one that was trained on.
  if (format !== "images" || !image || !("height" in image)) return {};
  return { size: { width: image.width, height: image.height } };
}

/**
 * Rows for a run: a path is opened, and rows of a series are cut, as the run's own data was.
 * @param labels an IDX file of classes beside one of images; default none.
 */
export async function sourceFor(
  run: Run,
  data: string | DataSource,
  labels?: string,
): Promise<DataSource> {
  const { config } = run;
  // Ids go to outputs as the texts that they are, but for the times that windows are ordered by.
  const modelled = config.data.window?.of === "series" ? undefined : isModelled;
  const settled = runReadings(config.schema, modelled);
  if (typeof data !== "string") return cutFor(config, data, settled);
  const table = isQuery(data) || isGlob(data);
  const format = table ? "csv" : await recognize(splitMember(data).path);
  const options = openOptions(run, format);
  const source = await openData(data, {
    ...options,
    ...(labels === undefined ? {} : { labels }),
    reading: { settled },
  });
  if (format === "npy" || format === "idx") return asTrained(run, source);
  return modelled ? idsAsTexts(run, source) : source;
}

/** Times that are carried along come out as they stand in the file, where no format says how. */
function idsAsTexts({ config }: Run, source: DataSource): DataSource {
  const ids = config.schema.fields.filter(({ role }) => role === "id").map(({ name }) => name);
  const texts = source.columns.filter(
    (info) => ids.includes(info.name) && info.type === "time" && !info.date && !info.format,
  );
  return texts.length === 0 ? source : (source.asTexts?.(texts.map(({ name }) => name)) ?? source);
}

/** A file of one array names its column by itself: for a run of one field it is that field. */
function asTrained({ config }: Run, source: DataSource): DataSource {
  const [field, other] = config.schema.fields.filter(isModelled);
  const [column, second] = source.columns;
  if (!field || other || !column || second || column.name === field.name) return source;
  const own = (name: string) => (name === field.name ? column.name : name);
  const { exact } = source;
  const renamed = (columns: readonly ColumnInfo[]) =>
    columns.map((each) => ({ ...each, name: field.name }));
  return {
    ...source,
    columns: renamed(source.columns),
    chunks: (names) => source.chunks(names?.map(own)),
    ...(exact && {
      exact() {
        const rows = exact();
        return { ...rows, columns: renamed(rows.columns) };
      },
    }),
  };
}
