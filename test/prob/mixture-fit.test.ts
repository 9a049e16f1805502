// Mixtures fitted to points: as good as scikit-learn's, and drawn as they are.
import { expect, test } from "vitest";
import { BATCH, input } from "#elbo/graph/index.js";
import { bic, chooseMixture } from "#elbo/prob/mixture-choice.js";
import {
  type FittedMixture,
  fitMixture,
  mixtureDraw,
  responsibilities,
} from "#elbo/prob/mixture-fit.js";
import { Random } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import fixture from "../fixtures/mixture.json" with { type: "json" };
import { run } from "./run.ts";

const { shape, data } = fixture.points;
const points = Array.from({ length: shape[0]! }, (_, i) =>
  Float64Array.from(data.slice(3 * i, 3 * i + 3)),
);

/** `(rows, size)`, row by row. */
async function drawsOf(mixture: FittedMixture, rows: number): Promise<Float64Array[]> {
  const { noise, draw } = mixtureDraw(mixture);
  const size = noise.normal;
  const given = { normal: input("normal", [BATCH, size]), uniform: input("uniform", [BATCH, 1]) };
  const random = new Random(2);
  const [drawn] = await run([draw([], given)], {
    normal: { shape: [rows, size], data: random.normal(901, 0, rows * size) },
    uniform: { shape: [rows, 1], data: random.uniform(901, 1, rows) },
  });
  return Array.from({ length: rows }, (_, i) => drawn!.subarray(i * size, (i + 1) * size));
}

test.each(fixture.cases)("$components Gaussians: scikit-learn's likelihood", (expected) => {
  const { components } = expected;
  const mixture = fitMixture(points, { components, tolerance: 1e-9 }, new Sequence(1, 900, 0));
  // Variances have a floor of their own, 1e-6 there and a share of the points' here.
  expect(mixture.logLikelihood).toBeGreaterThan(expected.logLikelihood - 1e-4);
  expect(mixture.logLikelihood).toBeLessThan(expected.logLikelihood + 1e-4);
  for (const [k, weight] of [...mixture.weights].sort((a, b) => a - b).entries()) {
    expect(weight).toBeCloseTo(expected.weights[k]!, 3);
  }
});

test("the criterion is scikit-learn's, and chooses the three that the points were made of", () => {
  const { mixture, tried } = chooseMixture(points, 8, new Sequence(1, 900, 0));
  expect(mixture.weights.length).toBe(3);
  // Two more were tried, and were no better.
  expect(tried.length).toBe(5);
  for (const { components, bic: expected } of fixture.cases) {
    const fitted = fitMixture(points, { components, tolerance: 1e-9 }, new Sequence(1, 900, 0));
    // Likelihoods agree within 1e-4 a point, as above.
    const own = bic(fitted, points.length);
    expect(Math.abs(own - expected)).toBeLessThan(2e-4 * points.length);
  }
});

test("the same draws give the same mixture; draws of it have its mean and covariance", async () => {
  const fitted = () => fitMixture(points, { components: 1 }, new Sequence(4, 900, 0));
  const mixture = fitted();
  expect(fitted()).toEqual(mixture);
  const n = 20_000;
  const draws = await drawsOf(mixture, n);
  const mean = (of: (x: ArrayLike<number>) => number, all: readonly ArrayLike<number>[]) =>
    all.reduce((sum, x) => sum + of(x), 0) / all.length;
  for (let a = 0; a < 3; a++) {
    const spread = Math.sqrt(mean((x) => (x[a]! - mixture.means[0]![a]!) ** 2, points));
    const off = mean((x) => x[a]!, draws) - mean((x) => x[a]!, points);
    expect(Math.abs(off)).toBeLessThan((5 * spread) / Math.sqrt(n));
    for (let b = 0; b <= a; b++) {
      const product = (x: ArrayLike<number>) =>
        (x[a]! - mixture.means[0]![a]!) * (x[b]! - mixture.means[0]![b]!);
      const wanted = mean(product, points);
      const error = Math.sqrt(mean((x) => (product(x) - wanted) ** 2, draws) / n);
      expect(Math.abs(mean(product, draws) - wanted)).toBeLessThan(5 * error);
    }
  }
});

test("points far apart belong to one component each; equal points are no fault", async () => {
  const two = [0, 100].flatMap((center) =>
    Array.from({ length: 10 }, (_, i) => Float64Array.of(center + i / 10)),
  );
  const mixture = fitMixture(two, { components: 2 }, new Sequence(1, 900, 0));
  const sides = two.map((point) => responsibilities(point, mixture).shares.indexOf(1));
  expect(new Set(sides.slice(0, 10)).size).toBe(1);
  expect(sides[0]).not.toBe(sides[10]);
  const same = Array.from({ length: 5 }, () => Float64Array.of(3, 3));
  const flat = fitMixture(same, { components: 2 }, new Sequence(1, 900, 0));
  const [out] = await drawsOf(flat, 1);
  expect(out![0]).toBeCloseTo(3, 1);
  expect(Number.isFinite(flat.logLikelihood)).toBe(true);
});
