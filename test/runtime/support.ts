// What the tests of this folder share.
import { ElboError } from "#elbo/base/errors.js";

/** The code of the ElboError that `call` throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ElboError) return error.code;
    throw error;
  }
  return "no error";
}

/** Φ(x) in float64, by the series ½ + φ(x) Σ x^(2k+1) / (2k+1)!! (Marsaglia 2004). */
export function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Kolmogorov and Smirnov's statistic √n sup |F_n - F|; above 1.95 with probability 1e-3. */
export function kolmogorovSmirnov(sample: Float32Array, cdf: (x: number) => number): number {
  const sorted = sample.toSorted();
  let distance = 0;
  sorted.forEach((x, i) => {
    const f = cdf(x);
    distance = Math.max(distance, f - i / sorted.length, (i + 1) / sorted.length - f);
  });
  return distance * Math.sqrt(sorted.length);
}
