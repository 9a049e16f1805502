// The learning rate's course, from what a person asks for.
import { type LearningRatePlan, parseDrops } from "./learning-rate.ts";
import { contradiction, type TrainOptions } from "./options.ts";

/** @throws ElboError `options-contradict` for options that are of another schedule. */
export function learningRatePlan(options: TrainOptions): LearningRatePlan {
  const { lrSchedule: name = "constant", lrWarmup: warmup = 0, lrSteps, lrFactor } = options;
  const extra = lrSteps === undefined ? "--lr-factor" : "--lr-steps";
  if (name !== "step") {
    if (lrSteps !== undefined || lrFactor !== undefined) {
      throw contradiction(
        `${extra} belongs to --lr-schedule step; the schedule is ${name}`,
        `Give --lr-schedule step, or leave ${extra} out.`,
      );
    }
    if (name === "one-cycle" && options.lrWarmup !== undefined) {
      throw contradiction(
        "--lr-warmup does not go with --lr-schedule one-cycle, which has a rise of its own",
        "Leave --lr-warmup out.",
      );
    }
    return { schedule: { name }, warmup };
  }
  if (lrSteps === undefined) {
    throw contradiction(
      "--lr-schedule step lowers the rate at epochs, and none are given",
      "Give --lr-steps every:30, or --lr-steps at:60,120,160.",
    );
  }
  return { schedule: { name, drops: parseDrops(lrSteps), factor: lrFactor ?? 0.1 }, warmup };
}
