// The two-sample test against SciPy (make_two_samples.py).
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TwoSamples } from "#elbo/metrics/two-samples.js";

interface Case {
  known: number[];
  others: number[];
  distance: number;
  pValue: number;
}
const { cases } = JSON.parse(
  readFileSync(new URL("../fixtures/two_samples.json", import.meta.url), "utf8"),
) as { cases: Case[] };

test.each(cases.map((each, i) => [i, each] as const))("pair %i is as SciPy has it", (_, each) => {
  const samples = new TwoSamples(Float64Array.from(each.known));
  for (const value of each.others) samples.add(value);
  expect(samples.distance).toBeCloseTo(each.distance, 12);
  expect(samples.pValue()).toBeCloseTo(each.pValue, 10);
});

test("numbers of which several count as one tell less", () => {
  const known = Float64Array.from({ length: 200 }, (_, i) => i);
  const samples = new TwoSamples(known);
  for (let i = 0; i < 200; i++) samples.add(i + 40);
  expect(samples.distance).toBeCloseTo(0.2, 12);
  expect(samples.pValue()).toBeLessThan(0.001);
  expect(samples.pValue(20)).toBeGreaterThan(0.5);
});
