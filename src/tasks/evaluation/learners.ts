// Simple models of what belongs to points, classes or numbers: linear ones and nearest neighbours. They
// are what a model's predictions, and probes of its latents, are measured by.
import { availableParallelism } from "node:os";
import { fitLinearModel, linearScores, softmaxRows } from "../../metrics/linear-model.ts";
import { Neighbours } from "../detect/neighbours.ts";
import { deviceOf, type TaskOptions } from "../run.ts";

/** Of the nearest-neighbour models. */
export const NEIGHBOURS = 5;

/** Points `(rows, size)` with what belongs to each: a number, or a class's place. */
export interface Labelled {
  points: Float32Array;
  truths: readonly number[];
}

/** Of the classes, in the labelled points. */
export function sharesOf(truths: readonly number[], classes: number): Float64Array {
  const shares = new Float64Array(classes);
  for (const truth of truths) shares[truth]! += 1 / truths.length;
  return shares;
}

async function fitting(options: TaskOptions) {
  return [await deviceOf(options), options.threads ?? availableParallelism()] as const;
}

/** Multinomial logistic regression: probabilities `(rows, classes)` of other points. */
export async function logisticClasses(
  { points, truths }: Labelled,
  classes: number,
  others: Float32Array,
  options: TaskOptions,
): Promise<Float64Array> {
  const rows = truths.length;
  const oneHot = new Float32Array(rows * classes);
  for (const [i, truth] of truths.entries()) oneHot[i * classes + truth] = 1;
  const told = { rows, inputs: points, truths: oneHot };
  const model = await fitLinearModel(...(await fitting(options)), "logistic", told);
  return softmaxRows(linearScores(model, others), classes);
}

/** Ridge regression on numbers brought to mean 0 and deviation 1: the numbers of other points. */
export async function ridgeNumbers(
  { points, truths }: Labelled,
  others: Float32Array,
  options: TaskOptions,
): Promise<Float64Array> {
  const rows = truths.length;
  const mean = truths.reduce((sum, value) => sum + value, 0) / rows;
  const squares = truths.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / rows) || 1;
  const scaled = Float32Array.from(truths, (value) => (value - mean) / deviation);
  const told = { rows, inputs: points, truths: scaled };
  const model = await fitLinearModel(...(await fitting(options)), "ridge", told);
  return linearScores(model, others).map((value) => mean + deviation * value);
}

async function nearestTruths(
  { points, truths }: Labelled,
  others: Float32Array,
  options: TaskOptions,
): Promise<number[][]> {
  const size = points.length / truths.length;
  const neighbours = await Neighbours.of(points, size, NEIGHBOURS, options);
  try {
    const near = await neighbours.nearest(others, NEIGHBOURS);
    return near.map((found) => found.map(({ place }) => truths[place]!));
  } finally {
    await neighbours.release();
  }
}

/**
 * Shares of classes among the nearest points, with the shares of all points as one more neighbour:
 * five that agree are no certainty.
 */
export async function neighbourClasses(
  labelled: Labelled,
  classes: number,
  others: Float32Array,
  options: TaskOptions,
): Promise<Float64Array> {
  const shares = sharesOf(labelled.truths, classes);
  const near = await nearestTruths(labelled, others, options);
  const probabilities = new Float64Array(near.length * classes);
  for (const [i, found] of near.entries()) {
    const weight = 1 / (found.length + 1);
    for (const [k, share] of shares.entries()) probabilities[i * classes + k] = weight * share;
    for (const truth of found) probabilities[i * classes + truth]! += weight;
  }
  return probabilities;
}

/** The mean of the nearest points. */
export async function neighbourNumbers(
  labelled: Labelled,
  others: Float32Array,
  options: TaskOptions,
): Promise<Float64Array> {
  const near = await nearestTruths(labelled, others, options);
  return Float64Array.from(near, (found) => {
    return found.reduce((sum, value) => sum + value, 0) / found.length;
  });
}
