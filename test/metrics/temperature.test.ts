// Temperatures against what is known of distributions, and calibration errors by hand.
import { expect, test } from "vitest";
import { calibrationError, fitTemperature, tempered } from "#elbo/metrics/temperature.js";
import { drawFrom } from "#elbo/prob/draws.js";
import { streams } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";

/** Rows of three levels whose own probabilities are `softmax(logits)`, told as those of `T · logits`. */
function rowsOf(count: number, factor: number, seed: number) {
  const draws = new Sequence(seed, streams.synthetic, 0);
  return Array.from({ length: count }, () => {
    const logits = [0, 1, 2].map(() => 1.5 * draws.normal());
    const softmax = (scale: number) => {
      const powers = logits.map((l) => Math.exp(scale * l));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((p) => p / sum);
    };
    return { probabilities: softmax(factor), level: drawFrom(draws, softmax(1)) };
  });
}

test.each([0.5, 1, 3])("probabilities %f times too sure are brought back", (factor) => {
  const count = 20_000;
  const rows = rowsOf(count, factor, 1);
  // The information on 1/T of a row is the variance of its logits: of logits of deviation 1.5 more
  // than 0.3, so that the deviation of the estimate of factor / T is below 1 / √(0.3 n).
  const estimate = factor / fitTemperature(rows);
  expect(Math.abs(estimate - 1)).toBeLessThan(5 / Math.sqrt(0.3 * count));
});

test("at the temperature that is found, no other makes the rows likelier", () => {
  const n = 500;
  const rows = rowsOf(n, 2, 2);
  const likelihood = (t: number) =>
    rows.reduce((sum, { probabilities, level }) => {
      const logs = tempered(probabilities, t).map(Math.log);
      return logs.reduce((all, log, k) => all + log * (k === level ? n + 1 : 1), sum);
    }, 0);
  const found = fitTemperature(rows);
  for (const t of [0.5, 0.9, 0.99, 1.01, 1.1, 2]) {
    expect(likelihood(found * t)).toBeLessThan(likelihood(found));
  }
  expect(fitTemperature([])).toBe(1);
});

test("n rows of two levels that all are right are right with (n + 1) / (n + 2)", () => {
  for (const n of [2, 60, 1000]) {
    const rows = Array.from({ length: n }, () => ({ probabilities: [0.9, 0.1], level: 0 }));
    expect(tempered([0.9, 0.1], fitTemperature(rows))[0]).toBeCloseTo((n + 1) / (n + 2), 9);
  }
  // Below even chances no temperature reaches: the softest is taken.
  const wrong = Array.from({ length: 60 }, () => ({ probabilities: [0.9, 0.1], level: 1 }));
  expect(fitTemperature(wrong)).toBeCloseTo(20, 4);
});

test("the calibration error is the distance of confidence from accuracy, by bins", () => {
  const rows = [
    ...Array.from({ length: 6 }, (_, i) => ({ confidence: 0.9, right: i < 3 })),
    ...Array.from({ length: 4 }, (_, i) => ({ confidence: 0.55, right: i < 3 })),
  ];
  // |5.4 − 3| + |2.2 − 3| of 10 rows.
  expect(calibrationError(rows)).toBeCloseTo(0.32, 9);
  expect(calibrationError([{ confidence: 1, right: true }])).toBe(0);
});
