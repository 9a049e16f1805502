// Training as the library and the command line start it: reads the data, settles the
// configuration, makes the run folder, and follows the workers that train.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { packageVersion } from "../base/version.ts";
import type { DataSource } from "../data/source.ts";
import { removeStored } from "../data/store/disk.ts";
import { trainingGraph } from "../models/graphs.ts";
import { openDevice } from "../runtime/open.ts";
import { STATE_FILE } from "./checkpoint.ts";
import { spread } from "./compute.ts";
import { RUN_FORMAT, type RunConfig } from "./config.ts";
import type { TrainEvent } from "./events.ts";
import { follow, type TrainResult } from "./follow.ts";
import type { Job } from "./job.ts";
import { checkOptions, parseSize, type TrainOptions } from "./options.ts";
import { fieldsOf, measured, type Prepared, prepareRows } from "./prepare.ts";
import { METRICS_FILE } from "./recorder.ts";
import { createFreeRun, createRun, freeRunFolder, readRun, refuseRun } from "./run.ts";
import { DEFAULT_VALIDATION, FEWEST_TO_SPLIT, resolveModel, resolveTraining } from "./settings.ts";
import { reopen, sourceOf, windowOf } from "./source.ts";

export interface TrainHooks {
  /** Told of the start, each epoch, progress inside it, warnings, and the end. */
  onEvent?: (event: TrainEvent) => void;
  /** Stops training at the next step, with a checkpoint. */
  signal?: AbortSignal;
}

/**
 * Trains a model on `data` (a path, a glob, SQL, or rows in memory) and writes a run folder.
 * Training runs in worker threads, so the calling thread stays free.
 * @throws ElboError for options, data or folders that do not fit, and where the loss is no number.
 */
export async function train(
  data: string | DataSource,
  options: TrainOptions = {},
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  checkOptions(options);
  if (options.out !== undefined) refuseRun(options.out, options.force ?? false);
  const source = await sourceOf(data, options);
  try {
    return await trainOn(source, options, hooks);
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

async function trainOn(
  source: DataSource,
  options: TrainOptions,
  hooks: TrainHooks,
): Promise<TrainResult> {
  const emit = hooks.onEvent ?? (() => {});
  const warn = (notes: readonly { code: string; message: string; hint?: string }[]) => {
    for (const { code, message, hint = "" } of notes) {
      emit({ event: "warning", code, message, hint });
    }
  };
  warn(source.notes);
  const declared = await fieldsOf(source, options);
  warn(declared.findings);
  const seed = options.seed ?? 0;
  const share = options.validation ?? (source.rows < FEWEST_TO_SPLIT ? 0 : DEFAULT_VALIDATION);
  const method = options.method ?? "vae";
  const { windows } = source;
  const chosen = {
    ...options,
    validation: share,
    split: options.split ?? (windows === undefined ? "random" : `time:${windows.by}`),
  };
  const { memory, split } = resolveTraining(chosen, source.rows);
  const prepared = await prepareRows(
    source,
    declared.schema,
    { split, share, seed, memory },
    rowsFile(options.out ?? freeRunFolder(source.source, method)),
  );
  try {
    warn(prepared.notes);
    const schema = await measured(declared.schema, prepared);
    const model = resolveModel(options, schema);
    const training = resolveTraining(chosen, prepared.training.rows, schema);
    const { device, warning } = await openDevice(options.device ?? "auto");
    if (warning) emit({ event: "warning", ...warning });
    const { parameters } = trainingGraph(schema, model);
    const { batch } = training;
    const cores = options.threads;
    const compute = spread(device.name, model, schema, parameters.count, batch, cores);
    const config: RunConfig = {
      format: RUN_FORMAT,
      elbo: packageVersion(),
      data: {
        source: source.source,
        rows: source.rows,
        hash: prepared.hash,
        labels: options.labels ?? null,
        size: options.size === undefined ? null : parseSize(options.size),
        window: windowOf(source, options),
      },
      schema,
      model,
      training,
      compute,
    };
    const { out } = options;
    if (out !== undefined) await createRun(out, config, options.force ?? false);
    const folder = out ?? (await createFreeRun(config));
    const job = makeJob(folder, config, prepared, { resume: false, maxTime: options.maxTime });
    return await follow(job, parameters.specs, emit, hooks.signal);
  } finally {
    await removeStored(prepared.training);
  }
}

/**
 * Goes on with a run that was stopped, to the very result that it would have had without the stop.
 * @param data the same data; by default from where the run had it.
 */
export async function resume(
  folder: string,
  data?: string | DataSource,
  options: Pick<TrainOptions, "maxTime"> = {},
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  const config = await readRun(folder);
  const from = data ?? config.data.source;
  const source = await reopen(config, from);
  const { validation: share, seed, split, memory } = config.training;
  const settings = { split, share, seed, memory };
  const differs = (what: string) =>
    new ElboError({
      code: "resume-data",
      kind: "usage",
      message: `${folder} was trained on other data: ${config.data.rows} rows of ${config.data.source}, and ${source.source} has ${what}`,
      hint: "Resume with the data of the run, or train a new run.",
    });
  let prepared: Prepared | undefined;
  try {
    if (source.rows !== config.data.rows) throw differs(`${source.rows} rows`);
    prepared = await prepareRows(source, config.schema, settings, rowsFile(folder));
    if (prepared.hash !== config.data.hash) throw differs("another content");
    const emit = hooks.onEvent ?? (() => {});
    const started = existsSync(join(folder, STATE_FILE));
    if (!started) {
      // Killed before its first checkpoint: from the start, the same figures come again.
      await rm(join(folder, METRICS_FILE), { force: true });
      const message = `${folder} has no checkpoint yet; it starts from its first epoch`;
      emit({ event: "warning", code: "no-checkpoint", message, hint: "" });
    }
    const job = makeJob(folder, config, prepared, { resume: started, maxTime: options.maxTime });
    const { parameters } = trainingGraph(config.schema, config.model);
    return await follow(job, parameters.specs, emit, hooks.signal);
  } finally {
    if (prepared) await removeStored(prepared.training);
    if (typeof from === "string") await source.close?.();
  }
}

/** Where packed rows lie that memory has no room for: beside the run, gone when it ends. */
const rowsFile = (folder: string) => `${folder.replace(/[\\/]+$/, "")}.rows-${process.pid}`;

function makeJob(
  folder: string,
  config: RunConfig,
  { training, validation }: Prepared,
  { resume, maxTime }: { resume: boolean; maxTime: number | undefined },
): Job {
  return { folder, config, training, validation, resume, maxTime: maxTime ?? null };
}
