// Ranks of errors, and the coverage that they promise of any distribution.
import { expect, test } from "vitest";
import { conformalRadius } from "#elbo/metrics/conformal.js";
import { streams } from "#elbo/runtime/random.js";
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
