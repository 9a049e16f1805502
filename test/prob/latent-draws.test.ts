// Draws of latents: that they follow the densities, which are checked
// against SciPy elsewhere, and that gradients of expectations reach the concentration.
import { describe, expect, test } from "vitest";
import { gradients } from "#elbo/graph/index.js";
import { type Posterior, vonMisesFisher } from "#elbo/prob/posteriors/index.js";
import { vonMisesFisher as bessel } from "../oracle/bessel.ts";
import { noiseFeeds, noiseOf, parameterFeeds, parametersOf, posteriorsOf } from "./latents.ts";
import { run } from "./run.ts";

const DRAWS = 20_000;

/** Chi-square's value exceeded with probability 1e-6 (Wilson and Hilferty 1931). */
function critical(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 4.753 * Math.sqrt(spread)) ** 3;
}

/** `DRAWS` latents. */
async function drawsOf(family: Posterior, raw: readonly (readonly number[])[]) {
  const { z } = family.draw(parametersOf(family), noiseOf(family));
  const feeds = { ...parameterFeeds(family, raw, DRAWS), ...noiseFeeds(family, DRAWS, 5) };
  return (await run([z], feeds))[0]!;
}

/** Moments of each latent and each pair, as `(latent,)` and `(latent, latent)`. */
function momentsOf(list: Float64Array | Float32Array, latent: number) {
  const rows = list.length / latent;
  const mean = new Float64Array(latent);
  const second = new Float64Array(latent * latent);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < latent; i++) {
      const x = list[row * latent + i]!;
      mean[i]! += x / rows;
      for (let j = 0; j < latent; j++)
        second[i * latent + j]! += (x * list[row * latent + j]!) / rows;
    }
  }
  return { mean, second };
}

describe("Gaussian draws have their mean and covariance within five standard errors", () => {
  const latent = 3;
  const mean = [0.5, -1, 2];
  const cases = [
    { raw: [mean, [0, 1, -2]], factor: [[1], [0, Math.exp(0.5)], [0, 0, Math.exp(-1)]] },
    {
      raw: [mean, [0.2, -0.7, -0.5, 0.4, 0.9, 0.1]],
      factor: [[Math.exp(0.2)], [-0.7, Math.exp(-0.5)], [0.4, 0.9, Math.exp(0.1)]],
    },
  ];
  test.each(cases.map((each, i) => ({ ...each, family: posteriorsOf(latent)[i]! })))(
    "$family.name",
    async ({ family, raw, factor }) => {
      const list = await drawsOf(family, raw);
      const received = momentsOf(list, latent);
      for (let i = 0; i < latent; i++) {
        for (let j = 0; j < latent; j++) {
          const cov = (p: number, q: number) =>
            factor[p]!.reduce((sum, x, k) => sum + x * (factor[q]![k] ?? 0), 0);
          const error = Math.sqrt((cov(i, i) * cov(j, j) + cov(i, j) ** 2) / DRAWS);
          const centered = received.second[i * latent + j]! - received.mean[i]! * received.mean[j]!;
          expect(Math.abs(centered - cov(i, j)), `${i}, ${j}`).toBeLessThan(5 * error);
          if (i === j) {
            const off = Math.abs(received.mean[i]! - mean[i]!);
            expect(off).toBeLessThan(5 * Math.sqrt(cov(i, i) / DRAWS));
          }
        }
      }
    },
  );
});

/** Ends of angles, and the probabilities of w = μᵀz between them, by Simpson's rule. */
function angleBins(dimension: number, kappa: number, bins: number) {
  const steps = 40_000;
  const h = Math.PI / steps;
  const density = Array.from(
    { length: steps + 1 },
    (_, i) => Math.exp(kappa * (Math.cos(i * h) - 1)) * Math.sin(i * h) ** (dimension - 2),
  );
  const cells = Array.from(
    { length: steps / 2 },
    (_, i) => density[2 * i]! + 4 * density[2 * i + 1]! + density[2 * i + 2]!,
  );
  const total = cells.reduce((sum, p) => sum + p, 0);
  const result: { end: number; p: number }[] = [];
  let sum = 0;
  for (const [i, p] of cells.entries()) {
    sum += p / total;
    if (sum < 1 / bins && i < cells.length - 1) continue;
    result.push({ end: i === cells.length - 1 ? Math.PI : (2 * i + 2) * h, p: sum });
    sum = 0;
  }
  const rest = result.pop()!;
  const last = result.at(-1)!;
  return [...result.slice(0, -1), { end: Math.PI, p: last.p + rest.p }];
}

describe("von Mises-Fisher draws", () => {
  const cases = [2, 3, 8, 64].flatMap((latent) =>
    [0.01, 1, 30, 3000].map((kappa) => ({ latent, kappa })),
  );
  test.each(cases)("of $latent dimensions, κ = $kappa", async ({ latent, kappa }) => {
    const family = vonMisesFisher(latent);
    const direction = Array.from({ length: latent }, (_, i) => Math.cos(2 + 3 * i));
    const length = Math.hypot(...direction);
    const mean = direction.map((x) => x / length);
    const held = Math.exp(Math.fround(Math.log(kappa)));
    const list = await drawsOf(family, [direction, [Math.log(kappa)]]);
    const bins = angleBins(latent, held, 40);
    const resultant = held > 100 ? null : bessel(held, latent).ratio;

    const counts = bins.map(() => 0);
    const across = new Float64Array(latent);
    for (let row = 0; row < DRAWS; row++) {
      const point = list.subarray(row * latent, (row + 1) * latent);
      const chord = Math.hypot(...mean.map((m, i) => point[i]! - m));
      const angle = 2 * Math.asin(Math.min(1, chord / 2));
      counts[bins.findIndex(({ end }) => angle <= end)]! += 1;
      const w = Math.cos(angle);
      for (let i = 0; i < latent; i++) across[i]! += (point[i]! - w * mean[i]!) / DRAWS;
    }
    const statistic = bins.reduce(
      (sum, { p }, i) => sum + (counts[i]! - DRAWS * p) ** 2 / (DRAWS * p),
      0,
    );
    expect(statistic, "chi-square of the projection").toBeLessThan(critical(bins.length - 1));
    // What is left beside μ has mean 0, and a variance of (1 − w²)/(d − 1) in each direction.
    const variance = resultant === null ? 1 / held : resultant / held;
    for (const x of across) expect(Math.abs(x)).toBeLessThan(5 * Math.sqrt(variance / DRAWS));
    if (resultant === null) return;
    const { mean: average } = momentsOf(list, latent);
    const along = average.reduce((sum, x, i) => sum + x * mean[i]!, 0);
    const spread = 1 - resultant ** 2 - ((latent - 1) * resultant) / held;
    expect(Math.abs(along - resultant), "mean resultant length").toBeLessThan(
      5 * Math.sqrt(spread / DRAWS),
    );
  });

  test("another concentration is found by this chi-square", async () => {
    const family = vonMisesFisher(8);
    const list = await drawsOf(family, [[1, 0, 0, 0, 0, 0, 0, 0], [Math.log(30)]]);
    const bins = angleBins(8, 32, 40);
    const counts = bins.map(() => 0);
    for (let row = 0; row < DRAWS; row++) {
      const angle = Math.acos(Math.min(1, list[row * 8]!));
      counts[bins.findIndex(({ end }) => angle <= end)]! += 1;
    }
    const statistic = bins.reduce(
      (sum, { p }, i) => sum + (counts[i]! - DRAWS * p) ** 2 / (DRAWS * p),
      0,
    );
    expect(statistic).toBeGreaterThan(critical(bins.length - 1));
  });
});

/** E w and E w² of κ = exp(logKappa). */
function expectations(logKappa: number, dimension: number): [number, number] {
  const kappa = Math.exp(logKappa);
  const { ratio } = bessel(kappa, dimension);
  return [ratio, 1 - ((dimension - 1) * ratio) / kappa];
}

describe("gradients of draws have the gradient of the expectation as their mean", () => {
  const cases = [2, 3, 8, 64].flatMap((latent) => [0.5, 5, 60].map((kappa) => ({ latent, kappa })));
  test.each(cases)("$latent dimensions, κ = $kappa", async ({ latent, kappa }) => {
    const family = vonMisesFisher(latent);
    const logKappa = Math.fround(Math.log(kappa));
    const parameters = parametersOf(family);
    const { z } = family.draw(parameters, noiseOf(family));
    const w = z.slice(1, 0, 1);
    const powers = [w, w.square()];
    const slopes = powers.map((y) => gradients(y.sum(), [parameters[1]!])[0]!);
    const mean = Array.from({ length: latent }, (_, i) => Number(i === 0));
    const feeds = {
      ...parameterFeeds(family, [mean, [logKappa]], DRAWS),
      ...noiseFeeds(family, DRAWS, 9),
    };
    const received = await run(slopes, feeds);
    const h = 1e-4;
    const [up, down] = [expectations(logKappa + h, latent), expectations(logKappa - h, latent)];
    for (const [k, list] of received.entries()) {
      const expected = (up[k]! - down[k]!) / (2 * h);
      const average = list.reduce((sum, x) => sum + x, 0) / DRAWS;
      const spread = list.reduce((sum, x) => sum + (x - average) ** 2, 0) / DRAWS;
      const error = Math.abs(average - expected);
      expect(error, `power ${k + 1}`).toBeLessThan(
        5 * Math.sqrt(spread / DRAWS) + 1e-4 * Math.abs(expected),
      );
    }
  });
});
