// Training as the library and the command line start it: reads the data, settles the
// configuration, makes the run folder, and follows the workers that train.
import { packageVersion } from "../base/version.ts";
import type { DataSource } from "../data/source.ts";
import { removeStored } from "../data/store/disk.ts";
import { trainingGraph } from "../models/graphs.ts";
import { openDevice } from "../runtime/open.ts";
import { saveInitial } from "./checkpoint.ts";
import { spread } from "./compute.ts";
import { RUN_FORMAT, type RunConfig } from "./config.ts";
import { trainAndFix } from "./doctor/auto-fix.ts";
import { follow, type TrainResult } from "./follow.ts";
import { checkGaps, type StartingRun, startingRun } from "./from.ts";
import type { AttendedHooks, TrainHooks } from "./hooks.ts";
import { jobOf } from "./job.ts";
import { checkPrunable } from "./latent-size/check.ts";
import { findLatent } from "./latent-size/find.ts";
import { checkOptions, parseSize, type TrainOptions } from "./options.ts";
import { fieldsOf, measured, prepareRows, rowsFile } from "./prepare.ts";
import { recordOf, saveRecord } from "./record.ts";
import { type ResumeOptions, resumeRun } from "./resume.ts";
import { createFreeRun, createRun, freeRunFolder, refuseRun } from "./run.ts";
import { DEFAULT_VALIDATION, FEWEST_TO_SPLIT, resolveModel, resolveTraining } from "./settings.ts";
import { reopen, sourceOf, windowOf } from "./source.ts";
import { asTraining, type Training } from "./training.ts";

/**
 * Trains a model on `data` (a path, a glob, SQL, or rows in memory) and writes a run folder.
 * Training runs in worker threads, so the calling thread stays free. Awaited it gives the result;
 * `for await (const event of train(…))` goes through its events, see `Training`.
 * @throws ElboError for options, data or folders that do not fit, and where the loss is no number.
 */
export function train(
  data: string | DataSource,
  options: TrainOptions = {},
  hooks: TrainHooks = {},
): Training {
  return asTraining(hooks, (told) => trainRun(data, options, told));
}

async function trainRun(
  data: string | DataSource,
  options: TrainOptions,
  hooks: TrainHooks,
): Promise<TrainResult> {
  checkOptions(options);
  const { autoFix = false, ...own } = options;
  if (options.latent === "auto") {
    return findLatent(data, options, hooks, (given, told) => trainOnce(data, given, told));
  }
  if (autoFix) {
    return trainAndFix(own, hooks, {
      train: (given, told) => trainOnce(data, given, told),
      resume: (run, given, told) => resumeRun(run, data, given, told),
    });
  }
  return trainOnce(data, own, hooks);
}

async function trainOnce(
  data: string | DataSource,
  options: TrainOptions,
  hooks: AttendedHooks,
): Promise<TrainResult> {
  checkOptions(options);
  if (options.out !== undefined) refuseRun(options.out, options.force ?? false);
  const base = options.from === undefined ? null : await startingRun(options.from, options);
  const { labels = null } = options;
  const opened = (from: string | DataSource) =>
    base
      ? reopen({ ...base.config, data: { ...base.config.data, labels } }, from)
      : sourceOf(from, options);
  const source = await opened(data);
  let heldOut: DataSource | null = null;
  try {
    if (typeof options.validation === "string") heldOut = await opened(options.validation);
    return await trainOn(source, heldOut, base, options, hooks);
  } finally {
    await heldOut?.close?.();
    if (typeof data === "string") await source.close?.();
  }
}

async function trainOn(
  source: DataSource,
  heldOut: DataSource | null,
  base: StartingRun | null,
  options: TrainOptions,
  hooks: AttendedHooks,
): Promise<TrainResult> {
  const emit = hooks.onEvent ?? (() => {});
  const warn = (notes: readonly { code: string; message: string; hint?: string }[]) => {
    for (const { code, message, hint = "" } of notes) {
      emit({ event: "warning", code, message, hint });
    }
  };
  warn(source.notes);
  const seen = base ? null : await fieldsOf(source, options);
  const declared = seen ?? { schema: base!.config.schema, findings: [] };
  warn(declared.findings);
  const seed = options.seed ?? 0;
  const share = options.validation ?? (source.rows < FEWEST_TO_SPLIT ? 0 : DEFAULT_VALIDATION);
  const method = base?.model.method ?? options.method ?? "vae";
  const { windows } = source;
  const ofSource = windows ? `time:${windows.by}` : splitFor(declared.schema);
  const chosen = {
    ...options,
    validation: share,
    ...(options.split === undefined && !heldOut ? { split: ofSource } : {}),
  };
  const { memory, split, anomalyLabel } = resolveTraining(chosen, source.rows);
  const prepared = await prepareRows(
    source,
    declared.schema,
    { ...{ split, seed, memory, anomalyLabel }, share: typeof share === "string" ? 0 : share },
    rowsFile(options.out ?? freeRunFolder(source.source, method)),
    heldOut,
  );
  try {
    warn(prepared.notes);
    const found = await measured(declared.schema, prepared);
    if (base) checkGaps(base.folder, base.config.schema, found);
    // The statistics are those that the weights were learned with.
    const schema = base ? base.config.schema : found;
    const model = base ? base.model : resolveModel(options, schema);
    if (options.latent === "auto") checkPrunable(schema, model, prepared.validation.rows);
    const training = resolveTraining(chosen, prepared.training.rows, schema);
    const { device, warning } = await openDevice(options.device ?? "auto");
    if (warning) emit({ event: "warning", ...warning });
    const { parameters } = trainingGraph(schema, model);
    const { batch } = training;
    const cores = options.threads;
    const convolves = model.network.kind === "conv";
    const block = (convolves && (await device.channelBlock?.())) || null;
    const compute = spread(device.name, block, model, schema, parameters.count, batch, cores);
    const config: RunConfig = {
      format: RUN_FORMAT,
      elbo: packageVersion(),
      data: {
        source: source.source,
        rows: source.rows,
        hash: prepared.hash,
        labels: options.labels ?? null,
        size: base
          ? base.config.data.size
          : options.size === undefined
            ? null
            : parseSize(options.size),
        window: base ? base.config.data.window : windowOf(source, options),
      },
      from: base ? base.folder : null,
      schema,
      model,
      training,
      compute,
    };
    const { out } = options;
    const { folder, unlock } =
      out === undefined
        ? await createFreeRun(config)
        : await createRun(out, config, options.force ?? false);
    try {
      if (base) await saveInitial(folder, parameters.specs, base.weights);
      await saveRecord(folder, recordOf(source, seen, prepared));
      const job = jobOf(folder, config, prepared, { ...options, ...hooks, resume: false });
      return await follow(job, parameters.specs, emit, hooks.signal);
    } finally {
      await unlock();
    }
  } finally {
    await removeStored(prepared.training);
  }
}

/**
 * Goes on with a run that was stopped, to the very result that it would have had without the stop.
 * With `learningRate` it goes on at that rate instead, which its configuration then tells.
 * @param data the same data; by default from where the run had it.
 */
export function resume(
  folder: string,
  data?: string | DataSource,
  options: ResumeOptions = {},
  hooks: TrainHooks = {},
): Training {
  return asTraining(hooks, (told) => resumeRun(folder, data, options, told));
}

/** A target's levels are held out by their shares, where there is one target and it has some. */
function splitFor({ fields }: RunConfig["schema"]): string {
  const targets = fields.filter(({ role }) => role === "target");
  const [target] = targets;
  return target && targets.length === 1 && "levels" in target
    ? `stratified:${target.name}`
    : "random";
}
