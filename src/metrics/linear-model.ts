// Simple models that tell a column from others: ridge regression of numbers, and of levels softmax
// regression with a ridge, by Nesterov's accelerated gradient (Nesterov 1983).
import { cholesky, solveLower } from "../prob/cholesky.ts";

export interface LinearModel {
  /** Of each output: weights of the features, then the intercept. */
  weights: Float64Array[];
}

/** Rows of features, each with a 1 behind them. */
type Rows = readonly Float64Array[];

const withOne = (row: Float64Array) => Float64Array.from([...row, 1]);

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
};

/** Solves LLᵀ x = b. */
function solve(factor: Float64Array, b: Float64Array): Float64Array {
  const y = solveLower(factor, b);
  const size = b.length;
  const x = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < size; j++) sum -= factor[j * size + i]! * x[j]!;
    x[i] = sum / factor[i * size + i]!;
  }
  return x;
}

/** Keeps an intercept's equation solvable where it stands alone. */
const LEAST = 1e-10;

/** Least ‖y − Xw − c‖² + ridge ‖w‖². */
export function ridgeRegression(rows: Rows, y: ArrayLike<number>, ridge: number): LinearModel {
  const all = rows.map(withOne);
  const size = all[0]!.length;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const [i, x] of all.entries()) {
    for (let a = 0; a < size; a++) {
      right[a]! += x[a]! * y[i]!;
      for (let b = 0; b <= a; b++) normal[a * size + b]! += x[a]! * x[b]!;
    }
  }
  for (let a = 0; a < size; a++) normal[a * size + a]! += a < size - 1 ? ridge : LEAST;
  return { weights: [solve(cholesky(normal, size), right)] };
}

function shares(weights: readonly Float64Array[], x: Float64Array): number[] {
  const logits = weights.map((own) => dot(own, x));
  const peak = Math.max(...logits);
  const all = logits.map((logit) => Math.exp(logit - peak));
  const sum = all.reduce((total, value) => total + value, 0);
  return all.map((value) => value / sum);
}

/** Least Σ −log p(level) + ½ ridge ‖w‖², intercepts free. */
export function softmaxRegression(
  rows: Rows,
  levels: ArrayLike<number>,
  count: number,
  { ridge = 1, steps = 300 }: { ridge?: number; steps?: number } = {},
): LinearModel {
  const all = rows.map(withOne);
  const size = all[0]!.length;
  // The Hessian is at most ½ Σ ‖x‖² + ridge (Böhning 1992).
  const rate = 1 / (all.reduce((sum, x) => sum + dot(x, x), 0) / 2 + ridge);
  let weights = Array.from({ length: count }, () => new Float64Array(size));
  let ahead = weights;
  for (let step = 1; step <= steps; step++) {
    const slope = Array.from({ length: count }, () => new Float64Array(size));
    for (const [i, x] of all.entries()) {
      const p = shares(ahead, x);
      for (let k = 0; k < count; k++) {
        const off = p[k]! - (k === levels[i] ? 1 : 0);
        const own = slope[k]!;
        for (let j = 0; j < size; j++) own[j]! += off * x[j]!;
      }
    }
    const next = ahead.map((own, k) =>
      own.map((w, j) => w - rate * (slope[k]![j]! + (j < size - 1 ? ridge * w : 0))),
    );
    const momentum = (step - 1) / (step + 2);
    const before = weights;
    ahead = next.map((own, k) => own.map((w, j) => w + momentum * (w - before[k]![j]!)));
    weights = next;
  }
  return { weights };
}

/** Of each output. */
export function scoresOf({ weights }: LinearModel, row: Float64Array): number[] {
  const x = withOne(row);
  return weights.map((own) => dot(own, x));
}
