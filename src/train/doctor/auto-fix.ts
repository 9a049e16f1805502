// Training that does something about what it finds wrong: it trains anew with the remedy, and keeps
// the better run where it was asked for, the other one beside it.
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../../base/errors.ts";
import type { EpochEvent, Outcome, StartEvent, TrainEvent } from "../events.ts";
import { bestOf, type TrainResult } from "../follow.ts";
import type { AttendedHooks, TrainHooks } from "../hooks.ts";
import { METRICS_FILE, readEpochs } from "../metrics-file.ts";
import type { TrainOptions } from "../options.ts";
import { type Remedy, remedyToTry } from "./remedies.ts";

/** Remedies that are tried of one run. */
const MOST = 3;
/** A rate may have to be lowered more than once, and several columns be given. */
const again = new Set(["learning-rate-high", "loss-not-finite", "scale-degenerate"]);

/** How runs are made. */
export interface Trainers {
  train(options: TrainOptions, hooks: AttendedHooks): Promise<TrainResult>;
  resume(
    run: string,
    options: Pick<TrainOptions, "maxTime">,
    hooks: AttendedHooks,
  ): Promise<TrainResult>;
}

/** How one training ended. */
interface Ended {
  run: string;
  /** Null where the loss became no number. */
  result: TrainResult | null;
  /** What was found that has a remedy, the first first. */
  illnesses: readonly Illness[];
  epochs: readonly EpochEvent[];
  /** Of the mean loss of the rows held out. */
  standardError: number;
}

interface Illness {
  code: string;
  remedy: Remedy;
  /** Of a loss that became no number. */
  error: ElboError | null;
}

type Start = (hooks: AttendedHooks) => Promise<TrainResult>;

/**
 * Runs one training to its end, or to the epoch in which something is found that has a remedy.
 * @param tried codes whose remedies have been tried, which stop nothing.
 * @param from the run that it starts from.
 */
async function attend(
  start: Start,
  { signal, onEvent: tell }: TrainHooks,
  tried: readonly string[],
  from: string | null,
): Promise<Ended> {
  const seen: {
    started: StartEvent | null;
    activeUnits: number | null;
    illnesses: Illness[];
  } = { started: null, activeUnits: null, illnesses: [] };
  const notice = (code: string, error: ElboError | null, column?: string) => {
    if (!seen.started) return;
    const { fields, settings } = seen.started;
    const config = { schema: { fields }, ...settings, from };
    const { activeUnits } = seen;
    const remedy = remedyToTry(config, tried, { code, column, activeUnits });
    if (remedy) seen.illnesses.push({ code, remedy, error });
    else if (!tried.includes(code)) tell?.({ event: "unfixed", code });
  };
  const onEvent = (event: TrainEvent) => {
    if (event.event === "start") seen.started = event;
    if (event.event === "epoch") seen.activeUnits = event.figures?.activeUnits ?? null;
    // Which run is the result is not known yet.
    if (event.event !== "done") tell?.(event);
    if (event.event !== "warning" || event.why === undefined) return;
    notice(event.code, null, event.column);
  };
  const ended = (run: string, epochs: readonly EpochEvent[]) => ({
    ...{ run, epochs, illnesses: seen.illnesses },
    standardError:
      (epochs.at(-1)?.figures?.lossDeviation ?? 0) / Math.sqrt(seen.started?.rows.validation || 1),
  });
  try {
    const result = await start({ onEvent, tried, ...(signal ? { signal } : {}) });
    return { ...ended(result.run, await readEpochs(result.run)), result };
  } catch (cause) {
    if (!(cause instanceof ElboError) || cause.code !== "loss-not-finite") throw cause;
    seen.illnesses.length = 0;
    notice(cause.code, cause);
    if (seen.illnesses.length === 0 || !seen.started) throw cause;
    const { run } = seen.started;
    const epochs = existsSync(join(run, METRICS_FILE)) ? await readEpochs(run) : [];
    return { ...ended(run, epochs), result: null };
  }
}

/** @param compared the epochs that count, the first ones; null for all. */
function outcomeOf({ epochs }: Ended, compared: number | null): Outcome {
  const counted = compared === null ? epochs : epochs.slice(0, compared);
  return {
    epochs: epochs.length,
    validation: bestOf(counted).validation,
    activeUnits: counted.findLast(({ figures }) => figures)?.figures?.activeUnits ?? null,
  };
}

/**
 * Among how many first epochs two runs are compared: as many as both have had, so that none has the
 * advantage of a longer training. A run that went to its end is not given up for the first epochs of one
 * that did not. Null where nothing is compared: figures of other columns, or a loss that became no number.
 */
function comparedEpochs({ keeps }: Remedy, before: Ended, after: Ended): number | null {
  if (!before.result || !after.result || keeps === "always") return null;
  const [was, is] = [before.epochs, after.epochs];
  if (![was, is].every((epochs) => epochs[0]?.validation)) return null;
  return before.result.interrupted ? Math.min(was.length, is.length) : was.length;
}

/**
 * Whether what held-out rows say lets the run after a remedy be kept; without any, it is.
 * Losses of models with an ELBO may weigh the KL differently.
 */
function compare(remedy: Remedy, ended: Ended, next: Ended) {
  const compared = comparedEpochs(remedy, ended, next);
  const [before, after] = [outcomeOf(ended, compared), outcomeOf(next, compared)];
  const [was, is] = [before.validation, after.validation];
  const keeps = () => {
    if (ended.result && !next.result) return false;
    if (compared === null || !was || !is) return true;
    const gain = was.elbo === null || is.elbo === null ? was.loss - is.loss : is.elbo - was.elbo;
    return remedy.keeps === "no-worse" ? gain > -ended.standardError : gain > 0;
  };
  return { before, after, compared, kept: keeps() };
}

async function swap(run: string, aside: string): Promise<void> {
  const between = besides(run);
  await rename(run, between);
  await rename(aside, run);
  await rename(between, aside);
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
 * times. Weights that have gone astray are no start, so that it starts again. Where the remedied run is
 * no better in as many epochs, the one before it goes on, and they are compared once more. The run
 * that held-out rows find better is the result, in the folder asked for; the other is set aside beside it.
 */
export async function trainAndFix(
  options: TrainOptions,
  hooks: TrainHooks,
  trainers: Trainers,
): Promise<TrainResult> {
  const emit = hooks.onEvent ?? (() => {});
  const tried = new Set<string>();
  const { maxTime, from = null } = options;
  const time = maxTime === undefined ? {} : { maxTime };
  const going = (start: Start) => attend(start, hooks, [...tried], from);
  let given = options;
  let ended = await going((told) => trainers.train(given, told));
  for (let round = 0; round < MOST && !hooks.signal?.aborted; round++) {
    const { run } = ended;
    const illness = ended.illnesses.find((each) => !tried.has(each.code));
    if (!illness) break;
    const { code, remedy } = illness;
    const fix = { event: "fix", code, remedy: remedy.words } as const;
    const begun = { before: outcomeOf(ended, null), after: null, compared: null };
    emit({ ...fix, ...begun, kept: false });
    if (!again.has(code)) tried.add(code);
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
    let compared = compare(remedy, ended, next);
    if (!compared.kept) {
      tried.add(code);
      await swap(run, aside);
      if (ended.result?.interrupted) {
        // Stopped for the remedy's sake. The remedy may need longer to show than the fault did.
        ended = await going((told) => trainers.resume(run, time, told));
        compared = compare(remedy, ended, next);
        if (compared.kept) await swap(run, aside);
      }
    }
    emit({ ...fix, ...compared });
    if (!compared.kept) continue;
    given = changed;
    ended = next;
  }
  if (!ended.result) throw ended.illnesses[0]!.error;
  const { config, ...done } = ended.result;
  emit(done);
  return ended.result;
}
