// Training that does something about what it finds wrong: it trains anew with the remedy, and keeps
// the better run where it was asked for, the other one beside it.
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../../base/errors.ts";
import type { EpochEvent, Outcome, StartEvent, TrainEvent } from "../events.ts";
import { bestOf, type TrainResult } from "../follow.ts";
import { asksForOthers } from "../from.ts";
import type { TrainHooks } from "../hooks.ts";
import { METRICS_FILE, readEpochs } from "../metrics-file.ts";
import type { TrainOptions } from "../options.ts";
import { type Found, type Remedy, remedyOf } from "./remedies.ts";

/** Remedies that are tried of one run. */
const MOST = 3;

/** How runs are made. */
export interface Trainers {
  train(options: TrainOptions, hooks: TrainHooks): Promise<TrainResult>;
  resume(
    run: string,
    options: Pick<TrainOptions, "learningRate" | "maxTime">,
    hooks: TrainHooks,
  ): Promise<TrainResult>;
}

/** How one training ended. */
interface Ended {
  run: string;
  /** Null where the loss became no number. */
  result: TrainResult | null;
  illness: Illness | null;
  outcome: Outcome;
  /** Of the mean loss of the rows held out. */
  standardError: number;
}

interface Illness {
  code: string;
  remedy: Remedy;
  /** Of a loss that became no number. */
  error: ElboError | null;
}

type Start = (hooks: TrainHooks) => Promise<TrainResult>;

/**
 * Runs one training, and stops it where something is found that has a remedy.
 * @param may whether a remedy may be tried: others stop nothing.
 */
async function attend(
  start: Start,
  hooks: TrainHooks,
  may: (code: string, remedy: Remedy) => boolean,
): Promise<Ended> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  if (hooks.signal?.aborted) stop();
  hooks.signal?.addEventListener("abort", stop, { once: true });
  const seen: {
    started: StartEvent | null;
    activeUnits: number | null;
    illness: Illness | null;
  } = { started: null, activeUnits: null, illness: null };
  const notice = (code: string, error: ElboError | null, found: Found = {}) => {
    if (seen.illness || !seen.started) return;
    const { fields, settings } = seen.started;
    const remedy = remedyOf(code, { schema: { fields }, ...settings }, found);
    if (remedy && may(code, remedy)) seen.illness = { code, remedy, error };
  };
  const onEvent = (event: TrainEvent) => {
    if (event.event === "start") seen.started = event;
    if (event.event === "epoch") seen.activeUnits = event.figures?.activeUnits ?? null;
    // Which run is the result is not known yet.
    if (event.event !== "done") hooks.onEvent?.(event);
    if (event.event !== "warning" || event.why === undefined) return;
    notice(event.code, null, { column: event.column, activeUnits: seen.activeUnits });
    if (seen.illness) stop();
  };
  const ended = (run: string, epochs: readonly EpochEvent[]) => ({
    ...{ run, outcome: outcomeOf(epochs), illness: seen.illness },
    standardError:
      (epochs.at(-1)?.figures?.lossDeviation ?? 0) / Math.sqrt(seen.started?.rows.validation || 1),
  });
  try {
    const result = await start({ onEvent, signal: controller.signal });
    return { ...ended(result.run, await readEpochs(result.run)), result };
  } catch (cause) {
    if (!(cause instanceof ElboError) || cause.code !== "loss-not-finite") throw cause;
    seen.illness = null;
    notice(cause.code, cause);
    if (!seen.illness || !seen.started) throw cause;
    const { run } = seen.started;
    const epochs = existsSync(join(run, METRICS_FILE)) ? await readEpochs(run) : [];
    return { ...ended(run, epochs), result: null };
  } finally {
    hooks.signal?.removeEventListener("abort", stop);
  }
}

function outcomeOf(epochs: readonly EpochEvent[]): Outcome {
  return {
    epochs: epochs.length,
    validation: bestOf(epochs).validation,
    activeUnits: epochs.at(-1)?.figures?.activeUnits ?? null,
  };
}

/**
 * Whether what held-out rows say lets the run after a remedy be kept; without any, it is.
 * Losses of models with an ELBO may weigh the KL differently.
 */
function keeps({ keeps = "better" }: Remedy, before: Ended, after: Ended): boolean {
  const [was, is] = [before.outcome.validation, after.outcome.validation];
  if (!was || !is || keeps === "always") return true;
  const gain = was.elbo === null || is.elbo === null ? was.loss - is.loss : is.elbo - was.elbo;
  return keeps === "better" ? gain > 0 : gain > -before.standardError;
}

/** A name beside the run's that nothing has. */
function besides(run: string): string {
  const base = `${run.replace(/[\\/]+$/, "")}.set-aside`;
  for (let number = 1; ; number++) {
    const folder = number === 1 ? base : `${base}-${number}`;
    if (!existsSync(folder)) return folder;
  }
}

/**
 * Trains, and where something is found that training anew can better, does that, at most `MOST`
 * times. A loss that became no number goes on from its last checkpoint at a lower rate; all else
 * starts again, since weights that have gone astray are no start. The run that held-out rows find
 * better is the result, in the folder asked for; the other is set aside beside it.
 */
export async function trainAndFix(
  options: TrainOptions,
  hooks: TrainHooks,
  trainers: Trainers,
): Promise<TrainResult> {
  const emit = hooks.onEvent ?? (() => {});
  const tried = new Set<string>();
  const { maxTime } = options;
  const time = maxTime === undefined ? {} : { maxTime };
  const may = (code: string, remedy: Remedy) =>
    !tried.has(code) && (options.from === undefined || !asksForOthers(remedy.options));
  const going = (start: Start) => attend(start, hooks, may);
  let given = options;
  let ended = await going((told) => trainers.train(given, told));
  for (let round = 0; ended.illness && round < MOST && !hooks.signal?.aborted; round++) {
    const { run, outcome: before, illness } = ended;
    const { code, remedy, error } = illness;
    const fix = { event: "fix", code, remedy: remedy.words, before } as const;
    emit({ ...fix, after: null, kept: false });
    if (error) {
      const { learningRate } = remedy.options as { learningRate: number };
      ended = await going((told) => trainers.resume(run, { learningRate, ...time }, told));
      emit({ ...fix, after: ended.outcome, kept: true });
      continue;
    }
    // A rate may have to be lowered more than once, and several columns be given.
    if (code !== "learning-rate-high" && code !== "scale-degenerate") tried.add(code);
    const changed = { ...given, ...remedy.options, out: run };
    const aside = besides(run);
    await rename(run, aside);
    let next: Ended;
    try {
      next = await going((told) => trainers.train(changed, told));
    } catch (cause) {
      if (!existsSync(run)) await rename(aside, run);
      throw cause;
    }
    const kept = keeps(remedy, ended, next);
    emit({ ...fix, after: next.outcome, kept });
    if (!kept) tried.add(code);
    if (kept) {
      given = changed;
      ended = next;
      continue;
    }
    const other = besides(run);
    await rename(run, other);
    await rename(aside, run);
    await rename(other, aside);
    // It may have been stopped for the remedy's sake.
    ended = ended.result?.interrupted
      ? await going((told) => trainers.resume(run, time, told))
      : { ...ended, illness: null };
  }
  if (!ended.result) throw ended.illness!.error;
  const { config, ...done } = ended.result;
  emit(done);
  return ended.result;
}
