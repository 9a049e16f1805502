// Training as the library and the command line start it: makes the run folder of settled options, and
// follows the workers that train.
import type { DataSource } from "../data/source.ts";
import { saveInitial } from "./checkpoint.ts";
import { trainAndFix } from "./doctor/auto-fix.ts";
import { follow, type TrainResult } from "./follow.ts";
import { startingRun } from "./from.ts";
import type { AttendedHooks, TrainHooks } from "./hooks.ts";
import { jobOf } from "./job.ts";
import { findLatent } from "./latent-size/find.ts";
import { checkOptions, type TrainOptions } from "./options.ts";
import { recordOf, saveRecord } from "./record.ts";
import { type ResumeOptions, resumeRun } from "./resume.ts";
import { createFreeRun, createRun, refuseRun } from "./run.ts";
import { withRows } from "./settle.ts";
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
  const emit = hooks.onEvent ?? (() => {});
  return withRows(data, options, base, emit, async ({ seen, prepared, settle }, source) => {
    const { config, parameters } = await settle(options, base);
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
  });
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
