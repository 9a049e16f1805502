// A sweep: runs of one data set with options that are drawn, of which the best is kept. Its table
// of trials says what is done, so that the same call after a stop or a kill goes on.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import { openLines } from "../base/lines.ts";
import type { LossParts } from "./events.ts";
import type { TrainOptions } from "./options.ts";
import { lockRun } from "./run-lock.ts";
import { type Axis, drawTrial } from "./search.ts";
import { train } from "./train.ts";

export const TRIALS_FILE = "trials.ndjson";
const SWEEP_FILE = "sweep.json";

/** A line of trials.ndjson. */
export interface Trial {
  /** Counted from 1. */
  trial: number;
  /** What was drawn. */
  options: Readonly<Record<string, string>>;
  /** Lower is better: −elbo of the rows held out with their targets' nats, or their loss; null: failed. */
  score: number | null;
  epoch: number | null;
  seconds: number;
  /** Why it failed. */
  error: string | null;
}

export interface SweepSettings {
  folder: string;
  /** As a person wrote them, to compare with those of a sweep that goes on. */
  words: Readonly<Record<string, unknown>>;
  axes: readonly Axis[];
  trials: number;
  seed: number;
  /** Keep every trial's run. */
  keep: boolean;
  /** A trial's options, of what was drawn. */
  optionsOf(drawn: Readonly<Record<string, string>>): TrainOptions;
  onTrial(trial: Trial): void;
  signal: AbortSignal;
}

export interface SweepResult {
  trials: Trial[];
  best: Trial;
  /** The best trial's. */
  run: string;
}

/** βs and free bits differ between trials, so losses do not compare; the ELBO does. */
function scoreOf({ elbo, loss, target }: LossParts): number {
  return elbo === null ? loss : (target ?? 0) - elbo;
}

const runOf = (folder: string, { trial }: Pick<Trial, "trial">) => join(folder, `trial-${trial}`);

function bestOf(trials: readonly Trial[]): Trial | null {
  const score = (of: Trial | null) => of?.score ?? Infinity;
  return trials.reduce<Trial | null>((best, of) => (score(of) < score(best) ? of : best), null);
}

/** The trials done, of a folder whose sweep is this one; none of a new folder. */
async function begin({ folder, words }: SweepSettings): Promise<Trial[]> {
  const path = join(folder, SWEEP_FILE);
  if (!existsSync(path)) {
    if (existsSync(folder) && (await readdir(folder)).some((name) => !name.startsWith("."))) {
      throw new ElboError({
        code: "output-exists",
        kind: "usage",
        message: `${folder} exists already and is no sweep`,
        hint: "Give another --out.",
      });
    }
    await writeFileAtomic(path, `${JSON.stringify(words, null, 2)}\n`);
    return [];
  }
  const before = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const names = [...new Set([...Object.keys(before), ...Object.keys(words)])];
  const differences = names.flatMap((name) => {
    const [there, here] = [before[name], words[name]].map((value) => JSON.stringify(value));
    return there === here
      ? []
      : [`${name} is ${there ?? "none"} there, and ${here ?? "none"} here`];
  });
  if (differences.length > 0) {
    throw new ElboError({
      code: "sweep-differs",
      kind: "usage",
      message: `${folder} holds another sweep: ${differences.join("; ")}`,
      hint: "Give the options that it was begun with, or another --out.",
    });
  }
  const trials = join(folder, TRIALS_FILE);
  if (!existsSync(trials)) return [];
  // The last line may be a half of one.
  const lines = (await readFile(trials, "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Trial);
}

/** Trains the trials that are not done; null where the signal stopped them. */
export async function sweep(data: string, settings: SweepSettings): Promise<SweepResult | null> {
  const { folder } = settings;
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw fileError(cause, folder);
  }
  const unlock = await lockRun(folder);
  try {
    return await runTrials(data, settings, await begin(settings));
  } finally {
    await unlock();
  }
}

async function runTrials(
  data: string,
  settings: SweepSettings,
  trials: Trial[],
): Promise<SweepResult | null> {
  const { folder, signal, keep } = settings;
  const lines = await openLines(join(folder, TRIALS_FILE), { flush: true });
  try {
    for (let number = trials.length + 1; number <= settings.trials; number++) {
      const trial = await runTrial(data, settings, number);
      if (trial === null) return null;
      await lines.append(JSON.stringify(trial));
      trials.push(trial);
      settings.onTrial(trial);
      const best = bestOf(trials);
      for (const each of keep ? [] : trials) {
        if (each !== best) await rm(runOf(folder, each), { recursive: true, force: true });
      }
      if (signal.aborted) return null;
    }
  } finally {
    await lines.close();
  }
  const best = bestOf(trials);
  if (best === null) {
    throw new ElboError({
      code: "sweep-failed",
      message: `none of ${trials.length} trials ended with a model; the last: ${trials.at(-1)?.error}`,
      hint: `Search other values; ${join(folder, TRIALS_FILE)} says what became of each.`,
    });
  }
  return { trials, best, run: runOf(folder, best) };
}

/** One trial, from its beginning whatever a killed process left; null where it was stopped. */
async function runTrial(
  data: string,
  { folder, axes, seed, optionsOf, signal }: SweepSettings,
  trial: number,
): Promise<Trial | null> {
  const options = drawTrial(axes, seed, trial - 1);
  const out = runOf(folder, { trial });
  await rm(out, { recursive: true, force: true });
  const began = performance.now();
  const ended = (rest: Pick<Trial, "score" | "epoch" | "error">): Trial => ({
    ...{ trial, options, ...rest },
    seconds: Number(((performance.now() - began) / 1000).toFixed(3)),
  });
  try {
    const given = optionsOf(options);
    const { best, interrupted } = await train(data, { ...given, out }, { signal });
    if (interrupted && signal.aborted) return null;
    if (best.validation === null) {
      throw new ElboError({
        code: "options-contradict",
        kind: "usage",
        message: "a sweep chooses by rows held out, and none are",
        hint: "Give --validation 0.1, or more rows.",
      });
    }
    return ended({ score: scoreOf(best.validation), epoch: best.epoch, error: null });
  } catch (error) {
    // What was asked wrongly will be wrong in every trial; what went wrong may have been its draw.
    if (!(error instanceof ElboError) || error.code !== "loss-not-finite") throw error;
    return ended({ score: null, epoch: null, error: error.message });
  }
}
