// A trained run, opened for use: its model, its weights, and the data that it takes.
import { openData } from "../data/open.ts";
import { recognize, splitMember } from "../data/recognize.ts";
import type { DataSource } from "../data/source.ts";
import { isGlob } from "../data/tables/glob.ts";
import { isQuery } from "../data/tables/query.ts";
import { parametersOf } from "../models/graphs.ts";
import type { Device, DeviceName } from "../runtime/device.ts";
import { openDevice } from "../runtime/open.ts";
import { loadModel, type Weights } from "../train/checkpoint.ts";
import type { RunConfig } from "../train/config.ts";
import { readRun } from "../train/run.ts";

export interface Run {
  folder: string;
  config: RunConfig;
  weights: Weights;
  /** The epoch whose weights these are. */
  epoch: number;
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
  return { folder, config, weights, epoch };
}

export async function runOf(run: string | Run): Promise<Run> {
  return typeof run === "string" ? openRun(run) : run;
}

export async function deviceOf(options: TaskOptions): Promise<Device> {
  return (await openDevice(options.device ?? "auto")).device;
}

/** Rows for a run: a path is opened as the run's own data was. */
export async function sourceFor(run: Run, data: string | DataSource): Promise<DataSource> {
  if (typeof data !== "string") return data;
  const { window } = run.config.data;
  if (window !== null) return openData(data, { window });
  const image = run.config.schema.fields.find(({ kind }) => kind === "image");
  if (isQuery(data) || isGlob(data) || !image || !("height" in image)) return openData(data);
  // Files of images come in any size, and are brought to the one that was trained on.
  const files = (await recognize(splitMember(data).path)) === "images";
  return openData(data, files ? { size: { width: image.width, height: image.height } } : {});
}
