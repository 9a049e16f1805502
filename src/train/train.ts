// Training as the library and the command line start it: reads the data, settles the
// configuration, makes the run folder, and follows the workers that train.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { packageVersion } from "../base/version.ts";
import type { DataSet } from "../data/dataset.ts";
import { readData } from "../data/read.ts";
import { inferSchema } from "../fields/infer.ts";
import { trainingGraph } from "../models/graphs.ts";
import { openDevice } from "../runtime/open.ts";
import { Random, streams } from "../runtime/random.ts";
import { STATE_FILE } from "./checkpoint.ts";
import { spread } from "./compute.ts";
import { RUN_FORMAT, type RunConfig } from "./config.ts";
import type { TrainEvent } from "./events.ts";
import { follow, type TrainResult } from "./follow.ts";
import type { Job } from "./job.ts";
import { METRICS_FILE } from "./recorder.ts";
import { createRun, freeRunFolder, readRun, refuseRun } from "./run.ts";
import {
  checkOptions,
  DEFAULT_VALIDATION,
  FEWEST_TO_SPLIT,
  resolveModel,
  resolveTraining,
  type TrainOptions,
} from "./settings.ts";

export interface TrainHooks {
  /** Told of the start, each epoch, progress inside it, warnings, and the end. */
  onEvent?: (event: TrainEvent) => void;
  /** Stops training at the next step, with a checkpoint. */
  signal?: AbortSignal;
}

/**
 * Trains a model on `data` (a path, or rows in memory) and writes a run folder. Training runs in
 * worker threads, so the calling thread stays free.
 * @throws ElboError for options, data or folders that do not fit, and where the loss is no number.
 */
export async function train(
  data: string | DataSet,
  options: TrainOptions = {},
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  checkOptions(options);
  if (options.out !== undefined) refuseRun(options.out, options.force ?? false);
  const set = typeof data === "string" ? await readData(data) : data;
  const emit = hooks.onEvent ?? (() => {});
  for (const { code, message } of set.notes) emit({ event: "warning", code, message, hint: "" });

  const seed = options.seed ?? 0;
  const share = options.validation ?? (set.rows < FEWEST_TO_SPLIT ? 0 : DEFAULT_VALIDATION);
  const rows = splitRows(set.rows, share, seed);
  const schema = inferSchema(set, rows.training, {
    scale: options.scale ?? "standardize",
    binarize: options.binarize ?? "none",
  });
  const model = resolveModel(options, schema);
  checkRange(set, options, model.likelihood);
  const training = resolveTraining({ ...options, validation: share }, rows.training.length);
  const { device, warning } = await openDevice(options.device ?? "auto");
  if (warning) emit({ event: "warning", ...warning });
  const { parameters } = trainingGraph(schema, model);
  const compute = spread(
    device.name,
    model,
    schema,
    parameters.count,
    training.batch,
    options.threads,
  );
  const config: RunConfig = {
    format: RUN_FORMAT,
    elbo: packageVersion(),
    data: { source: set.source, rows: set.rows, hash: dataHash(set) },
    schema,
    model,
    training,
    compute,
  };
  const folder = options.out ?? freeRunFolder(set.source, model.method);
  await createRun(folder, config, options.force ?? false);
  const job = makeJob(folder, config, set, rows, { resume: false, maxTime: options.maxTime });
  return follow(job, parameters.specs, emit, hooks.signal);
}

/**
 * Goes on with a run that was stopped, to the very result that it would have had without the stop.
 * @param data the same data; by default from where the run had it.
 */
export async function resume(
  folder: string,
  data?: string | DataSet,
  options: Pick<TrainOptions, "maxTime"> = {},
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  const config = await readRun(folder);
  const source = data ?? config.data.source;
  const set = typeof source === "string" ? await readData(source) : source;
  const hash = dataHash(set);
  if (hash !== config.data.hash) {
    throw new ElboError({
      code: "resume-data",
      kind: "usage",
      message: `${folder} was trained on other data: ${config.data.rows} rows of ${config.data.source} with another content than the ${set.rows} rows of ${set.source}`,
      hint: "Resume with the data of the run, or train a new run.",
    });
  }
  const { validation, seed } = config.training;
  const rows = splitRows(set.rows, validation, seed);
  const emit = hooks.onEvent ?? (() => {});
  const started = existsSync(join(folder, STATE_FILE));
  if (!started) {
    // Killed before its first checkpoint: from the start, the same figures come again.
    await rm(join(folder, METRICS_FILE), { force: true });
    const message = `${folder} has no checkpoint yet; it starts from its first epoch`;
    emit({ event: "warning", code: "no-checkpoint", message, hint: "" });
  }
  const job = makeJob(folder, config, set, rows, { resume: started, maxTime: options.maxTime });
  const { parameters } = trainingGraph(config.schema, config.model);
  return follow(job, parameters.specs, emit, hooks.signal);
}

/** Which rows train and which are held out: drawn with the seed, in the order of the data. */
export function splitRows(count: number, share: number, seed: number) {
  // One row at least trains.
  const held = Math.min(Math.round(count * share), count - 1);
  const order = new Random(seed).permutation(streams.split, 0, count);
  return { training: order.slice(held).sort(), validation: order.slice(0, held).sort() };
}

function dataHash(set: DataSet): string {
  const { buffer, byteOffset, byteLength } = set.values;
  const shape = new TextEncoder().encode(JSON.stringify([set.kind, set.rows, set.shape]));
  return sha256(shape, new Uint8Array(buffer, byteOffset, byteLength));
}

/** A Bernoulli speaks of values from 0 to 1. */
function checkRange(set: DataSet, options: TrainOptions, likelihood: string): void {
  if (set.kind !== "table" || likelihood !== "bernoulli") return;
  const outside = set.values.findIndex((value) => !(value >= 0 && value <= 1));
  if (options.scale === "none" && outside < 0) return;
  const columns = set.shape[0]!;
  const found =
    outside < 0
      ? "columns scaled to mean 0"
      : `${set.values[outside]} in column ${set.columns?.[outside % columns]}`;
  throw new ElboError({
    code: "likelihood-range",
    kind: "usage",
    message: `--likelihood bernoulli needs values from 0 to 1 as they are, received ${found}`,
    hint: outside < 0 ? "Add --scale none." : "Use --likelihood gaussian.",
  });
}

/** The values in shared memory, so that no worker holds a copy beside the one it gathers from. */
function sharedValues(values: DataSet["values"]): DataSet["values"] {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = new SharedArrayBuffer(values.byteLength);
  const copy = values instanceof Uint8Array ? new Uint8Array(shared) : new Float32Array(shared);
  copy.set(values);
  return copy;
}

function makeJob(
  folder: string,
  config: RunConfig,
  set: DataSet,
  rows: { training: Uint32Array; validation: Uint32Array },
  { resume, maxTime }: { resume: boolean; maxTime: number | undefined },
): Job {
  return {
    folder,
    config,
    data: { values: sharedValues(set.values), rows: set.rows },
    trainingRows: rows.training,
    validationRows: rows.validation,
    resume,
    maxTime: maxTime ?? null,
  };
}
