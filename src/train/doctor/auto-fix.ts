// Training that does something about what it finds wrong: it trains anew with the remedy, and keeps
// the better run where it was asked for, the other one beside it.
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../../base/errors.ts";
import type { EpochEvent, Outcome, StartEvent, TrainEvent } from "../events.ts";
import { bestOf, type TrainResult } from "../follow.ts";
import type { TrainHooks } from "../hooks.ts";
import { METRICS_FILE, readEpochs } from "../metrics-file.ts";
import type { TrainOptions } from "../options.ts";
import { type Remedy, remedyOf } from "./remedies.ts";

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
 * @param tried codes whose remedies have been tried: they stop nothing.
 */
async function attend(start: Start, hooks: TrainHooks, tried: ReadonlySet<string>): Promise<Ended> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  if (hooks.signal?.aborted) stop();
  hooks.signal?.addEventListener("abort", stop, { once: true });
  const seen: { started: StartEvent | null; illness: Illness | null } = {
    started: null,
    illness: null,
  };
  const notice = (code: string, error: ElboError | null, column?: string) => {
    if (seen.illness || tried.has(code) || !seen.started) return;
    const { fields, settings } = seen.started;
    const remedy = remedyOf(code, { schema: { fields }, ...settings }, column);
    if (remedy) seen.illness = { code, remedy, error };
  };
  const onEvent = (event: TrainEvent) => {
    if (event.event === "start") seen.started = event;
    // Which run is the result is not known yet.
    if (event.event !== "done") hooks.onEvent?.(event);
    if (event.event !== "warning" || event.why === undefined) return;
    notice(event.code, null, event.column);
    if (seen.illness) stop();
  };
  try {
    const result = await start({ onEvent, signal: controller.signal });
    const outcome = outcomeOf(await readEpochs(result.run));
    return { run: result.run, result, illness: seen.illness, outcome };
  } catch (cause) {
    if (!(cause instanceof ElboError) || cause.code !== "loss-not-finite") throw cause;
    seen.illness = null;
    notice(cause.code, cause);
    if (!seen.illness || !seen.started) throw cause;
    const { run } = seen.started;
    const outcome = outcomeOf(existsSync(join(run, METRICS_FILE)) ? await readEpochs(run) : []);
    return { run, result: null, illness: seen.illness, outcome };
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

/** Whether what held-out rows say is better after a remedy; without any, it is taken to be. */
function better(before: Outcome, after: Outcome): boolean {
  const [was, is] = [before.validation, after.validation];
  if (!was || !is) return true;
  // The ELBO is of raw values whatever the settings; squared errors are on a scale that may differ.
  return was.elbo === null || is.elbo === null ? true : is.elbo > was.elbo;
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
  const going = (start: Start) => attend(start, hooks, tried);
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
    // A rate may have to be lowered more than once.
    if (code !== "learning-rate-high") tried.add(code);
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
    const kept = better(before, next.outcome);
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
