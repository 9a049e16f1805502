// Evaluation against a model of which the exact answers are known.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableOf } from "#elbo/data/table.js";
import { inferSchema } from "#elbo/fields/infer.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import { elboError } from "../helpers/errors.ts";
import {
  linearGaussianRun,
  logDensities,
  model,
  posteriorMeans,
  rowsOf,
} from "./linear-gaussian.ts";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const threads = 1;

describe("the exact posterior", () => {
  const set = rowsOf(3000, 1);
  const exact = average(logDensities(set));
  const means = posteriorMeans(set);

  test("each importance weight is the density: no noise is left in nll", async () => {
    const { nll } = await evaluate(linearGaussianRun(), set, { threads, importanceSamples: 3 });
    expect(nll!.samples).toBe(3);
    expect(Math.abs(nll!.value + exact)).toBeLessThan(1e-5);
    const densities = logDensities(set);
    const spread = average(densities.map((v) => (v - exact) ** 2)) * (3000 / 2999);
    expect(nll!.standardError).toBeCloseTo(Math.sqrt(spread / 3000), 5);
  });

  test("the elbo is the log-density, but for the one draw's noise", async () => {
    const { elbo, kl, klPerLatent, reconstruction, activeUnits, bitsPerDim, nll, rows } =
      await evaluate(linearGaussianRun(), set, { threads, seed: 5 });
    expect(rows).toBe(3000);
    // z = m + δ changes log p(x | z) by m·δ − ½(p − 1)δ², δ² of mean 1/p, in each latent.
    const variance = average(
      means.map((m) =>
        m.reduce((sum, v, l) => {
          const p = model.precision[l]!;
          return sum + v ** 2 / p + 0.5 * ((p - 1) / p) ** 2;
        }, 0),
      ),
    );
    expect(Math.abs(elbo! - exact)).toBeLessThan(5 * Math.sqrt(variance / rows));
    for (const [l, value] of klPerLatent!.entries()) {
      const p = model.precision[l]!;
      const expected = average(means.map((m) => 0.5 * (m[l]! ** 2 + 1 / p + Math.log(p) - 1)));
      expect(value).toBeCloseTo(expected, 4);
    }
    expect(kl).toBeCloseTo(klPerLatent![0]! + klPerLatent![1]!, 9);
    expect(elbo).toBeCloseTo(-(reconstruction + kl!), 9);
    expect([activeUnits, bitsPerDim, nll]).toEqual([2, null, null]);
  });

  test("the seed decides the noise", async () => {
    const run = (seed: number) => evaluate(linearGaussianRun(), set, { threads, seed });
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect((await run(2)).elbo).not.toBe(first.elbo);
    expect((await run(2)).kl).toBe(first.kl);
  });
});

test("of a wrong posterior, nll comes down to the truth from −elbo as samples grow", async () => {
  const set = rowsOf(2000, 2);
  const exact = -average(logDensities(set));
  const run = linearGaussianRun({ shrink: 0.7, widen: 0.8 });
  const at = (importanceSamples: number) => evaluate(run, set, { threads, importanceSamples });
  const [one, ten, many] = [await at(1), await at(10), await at(300)];
  // One sample is the elbo with its KL drawn; both are means over 2000 rows of some nats' spread.
  expect(Math.abs(one.nll!.value + one.elbo!)).toBeLessThan(0.2);
  expect(one.nll!.value).toBeGreaterThan(ten.nll!.value);
  expect(ten.nll!.value).toBeGreaterThan(many.nll!.value);
  expect(many.nll!.value).toBeLessThan(-many.elbo!);
  // The weights' variance is of order 1: 300 of them leave a bias of about 1/600 nats.
  expect(many.nll!.value).toBeGreaterThan(exact - 0.01);
  expect(many.nll!.value).toBeLessThan(exact + 0.02);
});

test("the same model of the same data in other units: the elbo moves by Σ log of the factors", async () => {
  const set = rowsOf(200, 3);
  const before = await evaluate(linearGaussianRun(), set, { threads, importanceSamples: 2 });
  const factor = fc.constantFrom(1000, 1e-3, 1024, 3, 1);
  const property = fc.asyncProperty(fc.tuple(factor, factor, factor, factor), async (units) => {
    const scaled = tableOf(
      (set.values as Float32Array).map((v, i) => v * units[i % 4]!),
      model.columns,
    );
    const run = linearGaussianRun(undefined, units);
    const after = await evaluate(run, scaled, { threads, importanceSamples: 2 });
    const shift = units.reduce((sum, unit) => sum + Math.log(unit), 0);
    // The offset of mass is 5 deviations, of depth 20: float32 moves a standardised value by 1e-6.
    expect(Math.abs(after.elbo! + shift - before.elbo!)).toBeLessThan(1e-4);
    expect(Math.abs(after.nll!.value - shift - before.nll!.value)).toBeLessThan(1e-4);
    expect(after.kl).toBeCloseTo(before.kl!, 4);
    expect(after.mse).toBeCloseTo(before.mse, 4);
  });
  await fc.assert(property, { seed: 4, numRuns: 12, examples: [[[1000, 1000, 1000, 1000]]] });
});

describe("baselines", () => {
  const fixture = readFixture<{ rows: Numbers; errors: Record<"none" | "standardize", Numbers> }>(
    "pca",
  );
  const [rows, width] = fixture.rows.shape as [number, number];
  const set = tableOf(Float32Array.from(fixture.rows.data), width);
  const every = Uint32Array.from({ length: rows }, (_, i) => i);

  test.each(["none", "standardize"] as const)(
    "mean and PCA with scale %s are NumPy's, whatever the columns' offset",
    async (scale) => {
      const schema = inferSchema(set, every, { scale, binarize: "none" });
      const errors = fixture.errors[scale].data;
      for (const components of [1, 2, width, width + 2]) {
        const run = linearGaussianRun();
        const config = {
          ...run.config,
          schema,
          model: { ...run.config.model, latent: components },
        };
        const weights = new Map([
          ["encoder.posterior.weight", new Float32Array(width * 2 * components)],
          ["encoder.posterior.bias", new Float32Array(2 * components)],
          ["decoder.output.weight", new Float32Array(components * width)],
          ["decoder.output.bias", new Float32Array(width)],
          ["decoder.logScale", new Float32Array(width)],
        ]);
        const { baselines, mse, activeUnits } = await evaluate({ ...run, config, weights }, set, {
          threads,
        });
        const kept = Math.min(components, width);
        expect(baselines.pca.components).toBe(kept);
        expect(Math.abs(baselines.mean.mse - errors[0]!)).toBeLessThan(1e-5 * errors[0]!);
        expect(Math.abs(baselines.pca.mse - errors[kept]!)).toBeLessThan(1e-5 * errors[0]!);
        expect(activeUnits).toBe(0);
        // A decoder of zeros gives the mean of standardised columns.
        if (scale === "standardize") expect(mse).toBeCloseTo(errors[0]!, 5);
      }
    },
  );
});

describe("images", () => {
  const pixels = Uint8Array.from({ length: 40 * 6 }, (_, i) => (i * 89 + (i % 7) * 31) % 256);
  const images = {
    source: "memory",
    kind: "image",
    values: pixels,
    rows: 40,
    shape: [2, 3, 1],
    notes: [],
  } as const;
  const set = { ...images, shape: [...images.shape], notes: [] };
  const zeros = new Map([
    ["encoder.posterior.weight", new Float32Array(6 * 4)],
    ["encoder.posterior.bias", new Float32Array(4)],
    ["decoder.output.weight", new Float32Array(2 * 6)],
    ["decoder.output.bias", new Float32Array(6)],
    ["decoder.logScale", new Float32Array(6)],
  ]);
  const imageRun = (
    binarize: "none" | "threshold" | "dynamic",
    likelihood: "bernoulli" | "gaussian",
  ) => {
    const run = linearGaussianRun();
    const schema = inferSchema(set, Uint32Array.of(0), { scale: "standardize", binarize });
    const config = { ...run.config, schema, model: { ...run.config.model, likelihood } };
    return { ...run, config, weights: zeros };
  };

  test("all-zero weights cost one bit a pixel", async () => {
    for (const binarize of ["threshold", "dynamic"] as const) {
      const report = await evaluate(imageRun(binarize, "bernoulli"), set, { threads });
      expect(report.elbo).toBeCloseTo(-6 * Math.LN2, 5);
      expect(report.bitsPerDim).toBeCloseTo(1, 5);
      expect(report.mse).toBeCloseTo(0.25, 6);
    }
    const grey = await evaluate(imageRun("none", "bernoulli"), set, { threads });
    expect(grey.bitsPerDim).toBeNull();
    expect(grey.elbo).toBeCloseTo(-6 * Math.LN2, 5);
  });

  test("a Gaussian's density is of pixels from 0 to 255", async () => {
    const report = await evaluate(imageRun("none", "gaussian"), set, { threads });
    const logs = [...pixels].map((p) => -0.5 * (p / 255) ** 2 - 0.5 * Math.log(2 * Math.PI));
    const perRow = logs.reduce((a, b) => a + b, 0) / 40;
    expect(report.elbo).toBeCloseTo(perRow - 6 * Math.log(255), 4);
    expect(report.bitsPerDim).toBeNull();
  });
});

test("an autoencoder has no density to sample", async () => {
  const run = linearGaussianRun();
  const config = {
    ...run.config,
    model: { ...run.config.model, method: "ae", likelihood: "squared-error" },
  } as const;
  const error = await elboError(() =>
    evaluate({ ...run, config }, rowsOf(3, 1), { importanceSamples: 2 }),
  );
  expect(error).toMatchObject({ code: "no-density", kind: "usage" });
  const negative = await elboError(() => evaluate(run, rowsOf(3, 1), { importanceSamples: -1 }));
  expect(negative.message).toContain("--importance-samples takes a whole number");
});
