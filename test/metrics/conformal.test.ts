// Split conformal prediction: ranks of errors and p-values, and the coverage that they promise.
import { expect, test } from "vitest";
import { conformalPValue, conformalRadius } from "#elbo/metrics/conformal.js";
import { Ranks } from "#elbo/metrics/ranks.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";

test("of n errors it is the ⌈(n + 1) · share⌉-th smallest", () => {
  const errors = Array.from({ length: 9 }, (_, i) => i + 1);
  expect(conformalRadius(errors, 0.9)).toBe(9);
  expect(conformalRadius(errors, 0.5)).toBe(5);
  expect(conformalRadius(errors, 0.51)).toBe(6);
  expect(conformalRadius(errors, 0.91)).toBeNull();
  expect(conformalRadius([], 0.5)).toBeNull();
});

test("the next error lies within with the probability that is asked for", () => {
  const [trials, n, share] = [4000, 19, 0.8];
  let inside = 0;
  for (let trial = 0; trial < trials; trial++) {
    const draws = new Sequence(1, streams.synthetic, trial);
    // Heavy tails: no moment of them is finite.
    const error = () => Math.abs(Math.tan(Math.PI * (draws.uniform() - 0.5)));
    const errors = Float64Array.from({ length: n }, error).sort();
    inside += +(error() <= conformalRadius(errors, share)!);
  }
  // (n + 1) · share is whole: the probability is exactly that.
  const deviation = Math.sqrt((share * (1 - share)) / trials);
  expect(Math.abs(inside / trials - share)).toBeLessThan(4 * deviation);
});

function pValues(calibration: Float64Array): (score: number) => number {
  const ranks = new Ranks(calibration);
  return (score) => conformalPValue(calibration.length, ranks.below(score));
}

test("counts the calibration scores that are at least as high, and the row itself", () => {
  const calibration = Float64Array.of(1, 2, 2, 3);
  const values = [0, 1, 2, 2.5, 3, 4].map(pValues(calibration));
  expect(values).toEqual([1, 1, 0.8, 0.4, 0.4, 0.2]);
});

test("rows of the same kind are alarms at the rate, over calibrations", () => {
  const [n, m, repeats, rate] = [499, 400, 400, 0.01];
  const random = new Random(5);
  let alarms = 0;
  for (let r = 0; r < repeats; r++) {
    const calibration = Float64Array.from(random.normal(streams.synthetic, 2 * r, n)).sort();
    const pValue = pValues(calibration);
    for (const score of random.normal(streams.synthetic, 2 * r + 1, m)) {
      if (pValue(score) <= rate) alarms++;
    }
  }
  // Of m rows the alarms are beta-binomial with a = ⌊rate (n + 1)⌋ = 5 and b = n + 1 − a: their share
  // has mean a / (a + b) = 0.01 and the variance below. Five deviations: one in 1.7 million.
  const [a, b] = [5, n + 1 - 5];
  const variance = (a * b * (a + b + m)) / (m * (a + b) ** 2 * (a + b + 1));
  const tolerance = 5 * Math.sqrt(variance / repeats);
  expect(tolerance).toBeLessThan(0.002);
  expect(Math.abs(alarms / (m * repeats) - rate)).toBeLessThan(tolerance);
});
