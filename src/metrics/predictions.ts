// How right predictions are: of classes with probabilities, and of numbers.
import { rocAuc } from "./roc.ts";
import { calibrationError } from "./temperature.ts";

/** Below it a probability costs no more. */
const LEAST = 1e-15;

export interface ClassFigures {
  accuracy: number;
  /** Mean −log of the probability of the class that came, in nats. */
  logLoss: number;
  /** Of two classes, both of which came, the area under the ROC curve of the second; else null. */
  rocAuc: number | null;
  /**
   * The mean squared error of probabilities (Brier 1950): of two classes that of the second; of more
   * the sum over classes.
   */
  brier: number;
  /** Expected calibration error, over 15 bins of the predicted class's probability (Guo et al. 2017). */
  calibrationError: number;
}

/**
 * @param probabilities `(rows, classes)`, row-major.
 * @param truths the class of each row.
 */
export function classFigures(probabilities: Float64Array, truths: readonly number[]): ClassFigures {
  const rows = truths.length;
  const classes = probabilities.length / rows;
  let [right, loss, squares] = [0, 0, 0];
  const told: { confidence: number; right: boolean }[] = [];
  const second: [number[], number[]] = [[], []];
  for (const [i, truth] of truths.entries()) {
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    const confidence = own.reduce((most, p) => Math.max(most, p), 0);
    const hit = own.indexOf(confidence) === truth;
    right += +hit;
    loss -= Math.log(Math.max(own[truth]!, LEAST));
    if (classes === 2) squares += (own[1]! - truth) ** 2;
    else for (const [k, p] of own.entries()) squares += (p - +(k === truth)) ** 2;
    told.push({ confidence, right: hit });
    if (classes === 2) second[truth as 0 | 1].push(own[1]!);
  }
  const both = second[0].length > 0 && second[1].length > 0;
  return {
    accuracy: right / rows,
    logLoss: loss / rows,
    rocAuc: both ? rocAuc(second[0], second[1]) : null,
    brier: squares / rows,
    calibrationError: calibrationError(told),
  };
}

export interface NumberFigures {
  rmse: number;
  mae: number;
  /** 1 − squared errors / those of these rows' own mean; null where the rows do not vary. */
  r2: number | null;
}

export function numberFigures(
  predicted: ArrayLike<number>,
  truths: readonly number[],
): NumberFigures {
  const rows = truths.length;
  const mean = truths.reduce((sum, value) => sum + value, 0) / rows;
  let [squares, distances, spread] = [0, 0, 0];
  for (const [i, truth] of truths.entries()) {
    squares += (predicted[i]! - truth) ** 2;
    distances += Math.abs(predicted[i]! - truth);
    spread += (truth - mean) ** 2;
  }
  return {
    rmse: Math.sqrt(squares / rows),
    mae: distances / rows,
    r2: spread > 0 ? 1 - squares / spread : null,
  };
}
