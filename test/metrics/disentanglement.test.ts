// Disentanglement against scikit-learn (make_disentanglement.py), and where the answer is known.
import { expect, test } from "vitest";
import {
  dci,
  dciOf,
  factorVaeScore,
  mutualInformationGap,
  separatedAttributePredictability,
} from "#elbo/metrics/disentanglement.js";
import { codesOf, type Points } from "#elbo/metrics/points.js";
import { RandomForest } from "#elbo/metrics/random-forest.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";

const fixture = readFixture<
  Record<"mig" | "sap" | "trees" | "disentanglement" | "completeness", number> &
    Record<"z" | "importances" | "deviations", Numbers> & { factors: number[][] }
>("disentanglement");
const [rows, size] = fixture.z.shape as [number, number];
const points: Points = { rows, size, values: fixture.z.data };
const factors = fixture.factors.map((values) => codesOf(values));

test("MIG by mutual information, and the lead of variance between levels, are scikit-learn's", () => {
  expect(mutualInformationGap(points, factors)).toBeCloseTo(fixture.mig, 10);
  expect(separatedAttributePredictability(points, factors)).toBeCloseTo(fixture.sap, 10);
});

test("forests weigh coordinates as scikit-learn's do", () => {
  const trees = 300;
  for (const [k, { codes, count }] of factors.entries()) {
    const forest = new RandomForest(points, codes, count, { trees, depth: 12, seed: 2 });
    for (const [j, importance] of forest.importances.entries()) {
      const at = k * size + j;
      const error = fixture.deviations.data[at]! * Math.sqrt(1 / trees + 1 / fixture.trees);
      // Of 8 means, one in 200,000 draws is further off than 5 deviations.
      expect(Math.abs(importance - fixture.importances.data[at]!)).toBeLessThan(5 * error);
    }
    const right = codes.filter((code, row) => forest.predict(points, row) === code).length;
    expect(right / rows).toBeGreaterThan(0.97);
  }
});

test("disentanglement and completeness of given importances", () => {
  const importances = factors.map((_, k) =>
    Float64Array.from(fixture.importances.data.slice(k * size, (k + 1) * size)),
  );
  const told = dciOf(importances);
  expect(told.disentanglement).toBeCloseTo(fixture.disentanglement, 10);
  expect(told.completeness).toBeCloseTo(fixture.completeness, 10);
  const perfect = [Float64Array.of(0, 1, 0), Float64Array.of(1, 0, 0)];
  expect(dciOf(perfect)).toEqual({ disentanglement: 1, completeness: 1 });
  const even = [Float64Array.of(0.5, 0.5), Float64Array.of(0.5, 0.5)];
  expect(dciOf(even)).toEqual({ disentanglement: 0, completeness: 0 });
});

test("latents that are the factors have the best scores, and noise has those of chance", () => {
  const random = new Random(4);
  const count = 1000;
  const noise = random.normal(streams.synthetic, 0, 3 * count);
  const levels = [0, 1].map((k) =>
    Array.from(random.bits(streams.synthetic, 1 + k, count), (word) => word % 4),
  );
  const known = levels.map((values) => codesOf(values));
  const same: Points = {
    ...{ rows: count, size: 2 },
    values: Float64Array.from(
      { length: 2 * count },
      (_, at) => levels[at % 2]![Math.floor(at / 2)]!,
    ),
  };
  expect(mutualInformationGap(same, known)).toBeGreaterThan(0.99);
  expect(separatedAttributePredictability(same, known)).toBeGreaterThan(0.98);
  expect(factorVaeScore(same, known, 1)).toBe(1);
  const told = dci(same, known, 1);
  expect(told.informativeness).toBe(1);
  expect(told.disentanglement).toBeGreaterThan(0.9);
  const nothing: Points = { rows: count, size: 3, values: noise };
  expect(mutualInformationGap(nothing, known)).toBeLessThan(0.02);
  // One of four levels by chance, of 500 rows and two factors: within 5 deviations of √(3/16/1000).
  expect(Math.abs(dci(nothing, known, 1).informativeness - 0.25)).toBeLessThan(0.07);
  // Which of two factors by chance; the majority of 800 votes says a little more.
  expect(factorVaeScore(nothing, known, 1)).toBeLessThan(0.6);
});
