// A trained run, opened for use: its model, its weights, and the data that it takes.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import type { DataSet } from "../data/dataset.ts";
import { readData } from "../data/read.ts";
import type { Schema } from "../fields/schema.ts";
import { trainingGraph } from "../models/graphs.ts";
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
  trainingGraph(config.schema, config.model).parameters.check(weights);
  return { folder, config, weights, epoch };
}

export async function runOf(run: string | Run): Promise<Run> {
  return typeof run === "string" ? openRun(run) : run;
}

export async function deviceOf(options: TaskOptions): Promise<Device> {
  return (await openDevice(options.device ?? "auto")).device;
}

/** The data's rows as the run's schema wants them: columns by name, in the run's order. */
export async function rowsFor(run: Run, data: string | DataSet): Promise<DataSet> {
  const set = typeof data === "string" ? await readData(data) : data;
  const { schema } = run.config;
  if (set.kind !== schema.kind) {
    throw mismatch(set, `the run was trained on ${what(schema)}, ${set.source} holds ${set.kind}s`);
  }
  if (schema.kind === "image") {
    const [{ height, width, channels }] = schema.fields;
    const same = [height, width, channels].every((size, i) => size === set.shape[i]);
    if (!same || !(set.values instanceof Uint8Array)) {
      throw mismatch(set, `the run takes ${what(schema)}, received ${set.shape.join("×")}`);
    }
    return set;
  }
  return selectColumns(set, schema);
}

function what(schema: Schema): string {
  if (schema.kind === "table") return `tables of ${schema.fields.length} columns`;
  const [{ height, width, channels }] = schema.fields;
  return `images of ${height}×${width}×${channels}`;
}

function mismatch(
  set: DataSet,
  message: string,
  hint = "Give data of the kind that the run was trained on.",
): ElboError {
  return new ElboError({
    code: "data-mismatch",
    kind: "usage",
    message,
    hint,
    where: { file: set.source },
  });
}

function selectColumns(set: DataSet, schema: Extract<Schema, { kind: "table" }>): DataSet {
  const have = set.columns ?? schema.fields.map(({ name }) => name);
  const places = schema.fields.map(({ name }) => have.indexOf(name));
  const missing = schema.fields.filter((_, i) => places[i]! < 0).map(({ name }) => name);
  if (missing.length > 0) {
    const [first] = missing as [string];
    const unused = have.filter((name) => !schema.fields.some((field) => field.name === name));
    const guess = nearest(first, unused);
    throw mismatch(
      set,
      `the run's column${missing.length > 1 ? "s" : ""} ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not in ${set.source} as a numeric column`,
      guess ? `Is ${guess} the column ${first}? Rename it.` : "Give data with the run's columns.",
    );
  }
  const [from, to] = [have.length, places.length];
  if (from === to && places.every((place, i) => place === i)) return set;
  const values = new Float32Array(set.rows * to);
  for (let row = 0; row < set.rows; row++) {
    for (let j = 0; j < to; j++) values[row * to + j] = set.values[row * from + places[j]!]!;
  }
  return { ...set, values, shape: [to], columns: schema.fields.map(({ name }) => name) };
}
