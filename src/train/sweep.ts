// A sweep: runs of one data set with options that are drawn, of which the best is kept. Its table
// of trials says what is done, so that the same call after a stop or a kill goes on.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import { openLines } from "../base/lines.ts";
import { checkDraws, type Draw } from "./check-draws.ts";
import type { LossParts } from "./events.ts";
import { bestOf as bestEpochOf } from "./follow.ts";
import type { TrainHooks } from "./hooks.ts";
import { readEpochs } from "./metrics-file.ts";
import { checkOptions, type TrainOptions } from "./options.ts";
import { lockRun } from "./run-lock.ts";
import { type Axis, drawTrial, outermost, rungsOf } from "./search.ts";
import { resume, train } from "./train.ts";

export const TRIALS_FILE = "trials.ndjson";
const SWEEP_FILE = "sweep.json";

/** A line of trials.ndjson. */
export interface Trial {
  /** Counted from 1. */
  trial: number;
  /** With halving: how often it had been among the best before; otherwise 0. */
  rung: number;
  /** What was drawn. */
  options: Readonly<Record<string, string>>;
  /** Lower is better: −elbo of the rows held out with their targets' nats, or their loss; null: failed. */
  score: number | null;
  epoch: number | null;
  seconds: number;
  /** Why it failed. */
  error: string | null;
  /** The trial before with the same options, whose figures these are: nothing was trained. */
  sameAs: number | null;
}

export interface SweepSettings {
  folder: string;
  /** As a person wrote them, to compare with those of a sweep that goes on. */
  words: Readonly<Record<string, unknown>>;
  axes: readonly Axis[];
  trials: number;
  /** Whether trials that are not among the best after a part of their epochs end there. */
  halving: boolean;
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

/** Refuses what no trial could be, before the data is read. */
function checkAxes({ axes, optionsOf }: SweepSettings): void {
  const first = Object.fromEntries(axes.map((axis) => [axis.name, outermost(axis)[0]!]));
  for (const axis of axes) {
    for (const value of outermost(axis)) checkOptions(optionsOf({ ...first, [axis.name]: value }));
  }
}

function drawsOf({ axes, seed, trials, optionsOf }: SweepSettings): Draw[] {
  return Array.from({ length: trials }, (_, i) => {
    const drawn = drawTrial(axes, seed, i);
    return { trial: i + 1, drawn, options: optionsOf(drawn) };
  });
}

/** Of each trial whose options an earlier one has, that one. */
function twinsOf(draws: readonly Draw[]): Map<number, number> {
  const first = new Map<string, number>();
  return new Map(
    draws.flatMap(({ trial, options }) => {
      const settings = JSON.stringify(options);
      const twin = first.get(settings);
      if (twin === undefined) first.set(settings, trial);
      return twin === undefined ? [] : [[trial, twin]];
    }),
  );
}

/** Trains the trials that are not done; null where the signal stopped them. */
export async function sweep(data: string, settings: SweepSettings): Promise<SweepResult | null> {
  const { folder } = settings;
  checkAxes(settings);
  const isNew = !existsSync(folder);
  let trained = false;
  const onTrial = (trial: Trial) => {
    trained = true;
    settings.onTrial(trial);
  };
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw fileError(cause, folder);
  }
  const unlock = await lockRun(folder);
  try {
    const done = await begin(settings);
    const draws = drawsOf(settings);
    const ahead = draws.filter(({ trial }) => !done.some((each) => each.trial === trial));
    await checkDraws(data, ahead, join(folder, "rows"));
    return await runTrials(data, { ...settings, onTrial }, draws, done);
  } catch (error) {
    // The same folder is to serve once the options are put right.
    if (isNew && !trained) await rm(folder, { recursive: true });
    throw error;
  } finally {
    await unlock();
  }
}

async function runTrials(
  data: string,
  settings: SweepSettings,
  draws: readonly Draw[],
  done: Trial[],
): Promise<SweepResult | null> {
  const { folder, signal, keep } = settings;
  const lines = await openLines(join(folder, TRIALS_FILE), { flush: true });
  const rungs = settings.halving
    ? rungsOf(settings.trials)
    : [{ trials: settings.trials, share: 1 }];
  let best: Trial | null = null;
  const twins = twinsOf(draws);
  let chosen = draws.map(({ trial }) => trial);
  try {
    for (const [rung, { trials, share }] of rungs.entries()) {
      chosen = chosen.slice(0, trials);
      const ended: Trial[] = [];
      for (const number of chosen) {
        const before = done.find((each) => each.rung === rung && each.trial === number);
        const twin = ended.find((each) => each.trial === twins.get(number));
        const draw = draws[number - 1]!;
        const trial =
          before ??
          (twin
            ? { ...twin, trial: number, options: draw.drawn, seconds: 0, sameAs: twin.trial }
            : await runTrial(data, settings, draw, rung, share));
        if (trial === null) return null;
        ended.push(trial);
        if (!before) {
          await lines.append(JSON.stringify(trial));
          settings.onTrial(trial);
        }
        best = bestOf(ended);
        // Of the last rung the best run alone is wanted; of others those that go on.
        const over = share === 1 ? ended.filter((each) => each !== best) : [];
        if (!keep) await removeRuns(folder, over);
        if (signal.aborted) return null;
      }
      const ranked = ended.filter(({ score, sameAs }) => score !== null && !sameAs);
      ranked.sort((a, b) => a.score! - b.score! || a.trial - b.trial);
      chosen = ranked.map(({ trial }) => trial);
      const left = chosen.slice(0, rungs[rung + 1]?.trials ?? chosen.length);
      if (share < 1 && !keep)
        await removeRuns(
          folder,
          ended.filter((t) => !left.includes(t.trial)),
        );
    }
  } finally {
    await lines.close();
  }
  const trials = await begin(settings);
  if (best === null) {
    throw new ElboError({
      code: "sweep-failed",
      message: `none of ${settings.trials} trials ended with a model; the last: ${trials.at(-1)?.error}`,
      hint: `Search other values; ${join(folder, TRIALS_FILE)} says what became of each.`,
    });
  }
  return { trials, best, run: runOf(folder, best) };
}

async function removeRuns(folder: string, trials: readonly Trial[]): Promise<void> {
  for (const trial of trials) await rm(runOf(folder, trial), { recursive: true, force: true });
}

/** One trial, or what is left of it at its rung; null where it was stopped. */
async function runTrial(
  data: string,
  { folder, signal }: SweepSettings,
  { trial, drawn, options }: Draw,
  rung: number,
  share: number,
): Promise<Trial | null> {
  const out = runOf(folder, { trial });
  // What a killed process left of a first rung is begun anew; later ones go on from where they stand.
  if (rung === 0) await rm(out, { recursive: true, force: true });
  const began = performance.now();
  const ended = (rest: Pick<Trial, "score" | "epoch" | "error">): Trial => ({
    ...{ trial, rung, options: drawn, ...rest, sameAs: null },
    seconds: Number(((performance.now() - began) / 1000).toFixed(3)),
  });
  const enough = new AbortController();
  let last = Infinity;
  const hooks: TrainHooks = {
    signal: AbortSignal.any([signal, enough.signal]),
    onEvent(event) {
      if (event.event === "start") last = Math.ceil(event.settings.training.epochs * share);
      if (event.event === "epoch" && share < 1 && event.epoch >= last) enough.abort();
    },
  };
  try {
    const { interrupted } =
      rung === 0
        ? await train(data, { ...options, out }, hooks)
        : await resume(out, data, {}, hooks);
    if (interrupted && signal.aborted) return null;
    // It may have gone on for some steps until it stopped; those say nothing here.
    const counted = bestEpochOf((await readEpochs(out)).filter(({ epoch }) => epoch <= last));
    if (counted.validation === null) {
      return ended({ score: null, epoch: null, error: "no epoch was finished" });
    }
    return ended({ score: scoreOf(counted.validation), epoch: counted.epoch, error: null });
  } catch (error) {
    // What was asked wrongly will be wrong in every trial; what went wrong may have been its draw.
    if (!(error instanceof ElboError) || error.code !== "loss-not-finite") throw error;
    return ended({ score: null, epoch: null, error: error.message });
  }
}
