// The learning rate over a run: what it is multiplied by at each step, a function of the step
// alone, so that a run that goes on needs nothing of those before.
import { ElboError } from "../base/errors.ts";

export const learningRateSchedules = ["constant", "cosine", "step", "one-cycle"] as const;
export type LearningRateScheduleName = (typeof learningRateSchedules)[number];

/** Epochs after which the rate drops: each multiple of one number, or those listed. */
export type Drops = { every: number } | { at: number[] };

export type LearningRateSchedule =
  | { name: Exclude<LearningRateScheduleName, "step"> }
  | { name: "step"; drops: Drops; factor: number };

export interface LearningRatePlan {
  schedule: LearningRateSchedule;
  /** Epochs over which the rate rises evenly to its full height. */
  warmup: number;
}

/** The cycle's lowest rate at its start is a tenth of the peak (Smith 2018, section 4.1). */
const CYCLE_START = 1 / 10;
/** Shares of the steps on which it rises, and falls as long; the rest annihilates it. */
const CYCLE_RISE = 0.45;
/** "Several orders of magnitude" below the start. */
const CYCLE_END = CYCLE_START / 1000;

/**
 * Times the learning rate, at step `step` of `steps`, counted from 0.
 *
 * - Warm-up of W steps: (t + 1) / W (Goyal et al. 2017, "Accurate, Large Minibatch SGD", 2.2).
 * - `cosine`: ½ (1 + cos(π t / T)) over the steps after the warm-up (Loshchilov & Hutter 2017,
 *   "SGDR", equation 5 with one period and η_min = 0).
 * - `step`: `factor` for each drop that lies behind.
 * - `one-cycle`: straight from a tenth up to 1, as long down to a tenth, and in the last tenth of
 *   the steps to a ten-thousandth (Smith 2018, "A disciplined approach to neural network
 *   hyper-parameters: Part 1"); the momentum stays as it is.
 */
export function learningRateFactor(
  { schedule, warmup }: LearningRatePlan,
  step: number,
  steps: number,
  stepsPerEpoch: number,
): number {
  const rise = Math.min(steps, Math.round(warmup * stepsPerEpoch));
  const warm = step < rise ? (step + 1) / rise : 1;
  switch (schedule.name) {
    case "constant":
      return warm;
    case "cosine":
      if (step < rise) return warm;
      return (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise))) / 2;
    case "step":
      return warm * schedule.factor ** dropsBefore(schedule.drops, step / stepsPerEpoch);
    case "one-cycle": {
      const peak = CYCLE_RISE * steps - 1;
      const low = 2 * peak;
      if (step <= peak) return between(CYCLE_START, 1, step / peak);
      if (step <= low) return between(1, CYCLE_START, (step - peak) / (low - peak));
      return between(CYCLE_START, CYCLE_END, (step - low) / (steps - 1 - low));
    }
    default:
      return schedule satisfies never;
  }
}

const between = (from: number, to: number, share: number) => from + (to - from) * share;

function dropsBefore(drops: Drops, epochs: number): number {
  if ("every" in drops) return Math.floor(epochs / drops.every);
  return drops.at.filter((epoch) => epoch <= epochs).length;
}

/** `every:30`, or `at:60,120`: epochs, which rise. */
export function parseDrops(text: string): Drops {
  const [, kind, list = ""] = /^(every|at):(\d+(?:,\d+)*)$/.exec(text) ?? [];
  const epochs = list.split(",").map(Number);
  const rising = epochs.every((epoch, i) => epoch > (epochs[i - 1] ?? 0));
  if (kind === "at" && rising) return { at: epochs };
  if (kind === "every" && rising && epochs.length === 1) return { every: epochs[0]! };
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--lr-steps is every:EPOCHS or at:EPOCH,..., whole numbers from 1 that rise; received "${text}"`,
    hint: "For example --lr-steps every:30, or --lr-steps at:60,120,160.",
  });
}

export const formatDrops = (drops: Drops) =>
  "every" in drops ? `every ${drops.every} epochs` : `after epochs ${drops.at.join(", ")}`;
