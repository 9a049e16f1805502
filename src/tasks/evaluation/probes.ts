// Probes (Alain and Bengio 2017): how well simple models tell a label by points, half of the rows fitted
// to and the others told.
import { codesOf, type Points } from "../../metrics/points.ts";
import {
  type ClassFigures,
  classFigures,
  type NumberFigures,
  numberFigures,
} from "../../metrics/predictions.ts";
import { Random, streams } from "../../runtime/random.ts";
import type { TaskOptions } from "../run.ts";
import type { Label } from "./labels.ts";
import { logisticClasses, neighbourClasses, neighbourNumbers, ridgeNumbers } from "./learners.ts";

export interface ProbeFigures {
  /** Logistic or ridge regression. */
  linear: ClassFigures | NumberFigures;
  /** Five nearest neighbours. */
  neighbours: ClassFigures | NumberFigures;
}

/** Of the order in which rows are halved, in `streams.measures`. */
const HALVES = 1;

/** Coordinates brought to mean 0 and deviation 1 by the rows that are fitted to. */
function standardized(points: Points, rows: Uint32Array, by: Uint32Array): Float32Array {
  const { size, values } = points;
  const result = new Float32Array(rows.length * size);
  for (let j = 0; j < size; j++) {
    let [sum, squares] = [0, 0];
    for (const row of by) sum += values[row * size + j]!;
    const mean = sum / by.length;
    for (const row of by) squares += (values[row * size + j]! - mean) ** 2;
    const deviation = Math.sqrt(squares / by.length) || 1;
    for (const [i, row] of rows.entries()) {
      result[i * size + j] = (values[row * size + j]! - mean) / deviation;
    }
  }
  return result;
}

export async function probeFigures(
  points: Points,
  label: Label,
  values: readonly (string | number)[],
  options: TaskOptions & { seed: number },
): Promise<ProbeFigures> {
  const order = new Random(options.seed).permutation(streams.measures, HALVES, points.rows);
  const half = Math.ceil(points.rows / 2);
  const [fitted, told] = [order.subarray(0, half), order.subarray(half)];
  const { codes, count } = codesOf(values);
  const truths = label.classes ? codes : (values as readonly number[]);
  const labelled = {
    points: standardized(points, fitted, fitted),
    truths: Array.from(fitted, (row) => truths[row]!),
  };
  const others = standardized(points, told, fitted);
  const right = Array.from(told, (row) => truths[row]!);
  if (!label.classes) {
    return {
      linear: numberFigures(await ridgeNumbers(labelled, others, options), right),
      neighbours: numberFigures(await neighbourNumbers(labelled, others, options), right),
    };
  }
  return {
    linear: classFigures(await logisticClasses(labelled, count, others, options), right),
    neighbours: classFigures(await neighbourClasses(labelled, count, others, options), right),
  };
}
