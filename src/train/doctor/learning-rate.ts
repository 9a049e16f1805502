// Steps that are too large or too small, by the course of the training loss. Distances are told in
// deviations of a row's loss, so that units and sizes of rows do not matter.

import { type Course, type Diagnose, settled, told } from "./course.ts";
import { lowered, raised } from "./remedies.ts";

/** Epochs whose mean loss is compared, so that noise is not. */
const TOGETHER = 5;
/** Deviations of a row's loss that this mean has risen by, or that epochs differ by from one to the next. */
const RISEN = 0.25;
/** The same in standard errors of the training rows' mean loss: of few rows it is noise. */
const BEYOND_NOISE = 5;
/** How much more single epochs may differ than means of some: noise of the posterior is in both. */
const NOISE_OF_EPOCHS = 2;

/** What the loss of an adversary's opponent does tells nothing of steps. */
const adversarial = ({ epochs }: Course) =>
  epochs.at(-1)?.train.metrics?.["adversary"] !== undefined;

const lossesOf = (course: Course) => settled(course).map(({ train }) => train.loss);
/** The median yet: it grows where a model goes astray, and slowly where it tells rows ever more sharply. */
function deviationOf({ epochs }: Course): number | null {
  const known = epochs.flatMap(({ figures }) => figures.lossDeviation ?? []).sort((a, b) => a - b);
  return known[known.length >> 1] ?? null;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

export const learningRateHigh: Diagnose = (course) => {
  const deviation = deviationOf(course);
  if (deviation === null || adversarial(course)) return null;
  const losses = lossesOf(course);
  if (losses.length <= TOGETHER) return null;
  const means = losses.slice(TOGETHER - 1).map((_, i) => meanOf(losses.slice(i, i + TOGETHER)));
  const [best, now] = [Math.min(...means), means.at(-1)!];
  const latest = losses.slice(-TOGETHER - 1);
  const jumps = meanOf(latest.slice(1).map((loss, i) => Math.abs(loss - latest[i]!)));
  const most = deviation * Math.max(RISEN, BEYOND_NOISE / Math.sqrt(course.rows.training));
  // A steep fall is a jump from each epoch to the next as well.
  const astray = now - best > most;
  const jumping = jumps > NOISE_OF_EPOCHS * most && latest[0]! - latest.at(-1)! < most;
  if (!astray && !jumping) return null;
  const { learningRate } = course.config.training.optimizer;
  return {
    code: "learning-rate-high",
    what: astray
      ? `the training loss goes up again: it is ${told(now)}, and was ${told(best)}`
      : `the training loss jumps by ${told(jumps)} from epoch to epoch and falls no further`,
    why: `steps of the rate ${told(learningRate)} jump over what they should go down to`,
    remedy: `Train with --lr ${lowered(learningRate)}, or with --clip 1.`,
  };
};

/** Of what the loss falls from the first quarter of a run to the last, an even fall does a third in the last. */
const STILL_FALLING = 0.25;
const ENOUGH_EPOCHS = 8;
/** Deviations of a row's loss: a fall that matters. */
const FALLEN = 0.005;

export const learningRateLow: Diagnose = (course) => {
  const deviation = deviationOf(course);
  if (!course.ended || deviation === null || adversarial(course)) return null;
  // Held-out rows are met with the same noise in each epoch, so that small falls show.
  const losses = settled(course).map(({ validation }) => validation!.loss);
  if (losses.length < ENOUGH_EPOCHS) return null;
  const size = Math.floor(losses.length / 4);
  const first = meanOf(losses.slice(0, size));
  const [before, last] = [meanOf(losses.slice(-2 * size, -size)), meanOf(losses.slice(-size))];
  const fall = before - last;
  if (fall < STILL_FALLING * (first - last) || fall < FALLEN * deviation) return null;
  const { learningRate } = course.config.training.optimizer;
  return {
    code: "learning-rate-low",
    what: `the loss of held-out rows still fell at the end as it did before: by ${told(fall)} in the last quarter of the epochs, of ${told(first - last)} since the first`,
    why: `the run was too short for steps of the rate ${told(learningRate)}`,
    remedy: `Train with --lr ${raised(learningRate)}, or with --epochs ${3 * course.epochs.at(-1)!.epoch}.`,
  };
};
