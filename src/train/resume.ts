// Going on with a run that was stopped: the same data and settings, or another rate from there on.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import type { DataSource } from "../data/source.ts";
import { removeStored } from "../data/store/disk.ts";
import { trainingGraph } from "../models/graphs.ts";
import { loadState, STATE_FILE } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import { follow, type TrainResult } from "./follow.ts";
import type { AttendedHooks } from "./hooks.ts";
import { jobOf } from "./job.ts";
import { METRICS_FILE } from "./metrics-file.ts";
import { checkOptions, type TrainOptions } from "./options.ts";
import { type Prepared, prepareRows, rowsFile } from "./prepare.ts";
import { readRun, replaceConfig } from "./run.ts";
import { lockRun } from "./run-lock.ts";
import { reopen } from "./source.ts";

export type ResumeOptions = Pick<TrainOptions, "maxTime" | "learningRate">;

export async function resumeRun(
  folder: string,
  data: string | DataSource | undefined,
  options: ResumeOptions,
  hooks: AttendedHooks,
): Promise<TrainResult> {
  const { learningRate } = options;
  checkOptions(learningRate === undefined ? {} : { learningRate });
  const config = await readRun(folder);
  const unlock = await lockRun(folder);
  try {
    return await goOn(folder, config, data, options, hooks);
  } finally {
    await unlock();
  }
}

async function goOn(
  folder: string,
  kept: RunConfig,
  data: string | DataSource | undefined,
  options: ResumeOptions,
  hooks: AttendedHooks,
): Promise<TrainResult> {
  const { learningRate } = options;
  let config = kept;
  const from = data ?? config.data.source;
  const source = await reopen(config, from);
  const { validation, seed, split, memory, anomalyLabel } = config.training;
  const share = typeof validation === "string" ? 0 : validation;
  const settings = { split, share, seed, memory, anomalyLabel };
  const differs = (what: string) =>
    new ElboError({
      code: "resume-data",
      kind: "usage",
      message: `${folder} was trained on other data: ${config.data.rows} rows of ${config.data.source}, and ${source.source} has ${what}`,
      hint: "Resume with the data of the run, or train a new run.",
    });
  let prepared: Prepared | undefined;
  let heldOut: DataSource | null = null;
  try {
    if (source.rows !== config.data.rows) throw differs(`${source.rows} rows`);
    if (typeof validation === "string") heldOut = await reopen(config, validation);
    prepared = await prepareRows(source, config.schema, settings, rowsFile(folder), heldOut);
    if (prepared.hash !== config.data.hash) throw differs("another content");
    const emit = hooks.onEvent ?? (() => {});
    const started = existsSync(join(folder, STATE_FILE));
    if (!started) {
      // Killed before its first checkpoint: from the start, the same figures come again.
      await rm(join(folder, METRICS_FILE), { force: true });
      const message = `${folder} has no checkpoint yet; it starts from its first epoch`;
      emit({ event: "warning", code: "no-checkpoint", message, hint: "" });
    }
    if (learningRate !== undefined) {
      const epochs = started ? (await loadState(folder)).progress.epoch : 0;
      config = atRate(config, learningRate, epochs);
      await replaceConfig(folder, config);
    }
    const job = jobOf(folder, config, prepared, { ...options, ...hooks, resume: started });
    const { parameters } = trainingGraph(config.schema, config.model);
    return await follow(job, parameters.specs, emit, hooks.signal);
  } finally {
    if (prepared) await removeStored(prepared.training);
    await heldOut?.close?.();
    if (typeof from === "string") await source.close?.();
  }
}

/** The configuration with another rate from here on; what was trained before is not forgotten. */
function atRate(config: RunConfig, learningRate: number, epochs: number): RunConfig {
  const { training } = config;
  const before = { learningRate: training.optimizer.learningRate, epochs };
  const ratesBefore = [...(training.ratesBefore ?? []), ...(epochs > 0 ? [before] : [])];
  const optimizer = { ...training.optimizer, learningRate };
  return {
    ...config,
    training: { ...training, optimizer, ...(ratesBefore.length > 0 ? { ratesBefore } : {}) },
  };
}
