// The minimum of a smooth function by limited-memory BFGS (Nocedal and Wright 2006, Numerical
// Optimization, algorithms 7.4 and 7.5), each step long enough for the weak Wolfe conditions, by
// bisection (Lewis and Overton 2013, Nonsmooth Optimization via Quasi-Newton Methods, algorithm 2.6).

export interface Point {
  value: number;
  gradient: Float64Array;
}

/** Pairs of steps and changes of the gradient that are kept. */
const MEMORY = 20;
/** Of the weak Wolfe conditions. */
const [DECREASE, CURVATURE] = [1e-4, 0.9];
const MOST_HALVINGS = 20;

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
};

const along = (x: Float64Array, direction: Float64Array, length: number) =>
  x.map((value, j) => value + length * direction[j]!);

interface Pair {
  step: Float64Array;
  change: Float64Array;
  inverse: number;
}

/** −H g, of the inverse Hessian that the pairs tell. */
function direction(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  let q = gradient.map((value) => -value);
  const shares: number[] = [];
  for (const { step, change, inverse } of pairs.toReversed()) {
    const share = inverse * dot(step, q);
    shares.unshift(share);
    q = along(q, change, -share);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.inverse * dot(last.change, last.change));
    q = q.map((value) => value * scale);
  }
  for (const [i, { step, change, inverse }] of pairs.entries()) {
    q = along(q, step, shares[i]! - inverse * dot(change, q));
  }
  return q;
}

/**
 * @param of the function and its gradient.
 * @param tolerance of the gradient's largest element, below which it ends.
 * @param steps at most.
 */
export async function minimize(
  of: (x: Float64Array) => Promise<Point>,
  start: Float64Array,
  tolerance: number,
  steps: number,
): Promise<Float64Array> {
  let x = start;
  let at = await of(x);
  const pairs: Pair[] = [];
  for (let taken = 0; taken < steps; taken++) {
    const largest = at.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest <= tolerance) break;
    const toward = direction(at.gradient, pairs);
    const slope = dot(toward, at.gradient);
    let [low, high] = [0, Infinity];
    // The first step has no Hessian yet: as long as the gradient may be anything.
    let length = pairs.length === 0 ? Math.min(1, 1 / largest) : 1;
    let next: { x: Float64Array; at: Point } | null = null;
    for (let halving = 0; halving < MOST_HALVINGS; halving++) {
      const there = along(x, toward, length);
      const found = await of(there);
      if (found.value > at.value + DECREASE * length * slope) high = length;
      else {
        next = { x: there, at: found };
        if (dot(toward, found.gradient) >= CURVATURE * slope) break;
        low = length;
      }
      length = high === Infinity ? 2 * low : (low + high) / 2;
    }
    // No lower value within rounding: this is the minimum as far as it can be told.
    if (!next) break;
    const step = next.x.map((value, j) => value - x[j]!);
    const change = next.at.gradient.map((value, j) => value - at.gradient[j]!);
    const curvature = dot(step, change);
    if (curvature > 0) {
      pairs.push({ step, change, inverse: 1 / curvature });
      if (pairs.length > MEMORY) pairs.shift();
    }
    ({ x, at } = next);
  }
  return x;
}
