// Evaluation against a model of which the exact answers are known.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import type { RealField } from "#elbo/fields/field.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import { elboError } from "../helpers/errors.ts";
import {
  independentDensities,
  linearGaussianRun,
  logDensities,
  model,
  posteriorMeans,
  rowsOf,
} from "./linear-gaussian.ts";
import { fitted, schemaOf } from "./schema-of.ts";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const threads = 1;

describe("the exact posterior", () => {
  const set = rowsOf(3000, 1);
  const exact = average(logDensities(set));
  const means = posteriorMeans(set);

  test("each importance weight is the density: no noise is left in nll", async () => {
    const { nll } = await evaluate(linearGaussianRun(), set.source, {
      threads,
      importanceSamples: 3,
    });
    expect(nll!.samples).toBe(3);
    expect(Math.abs(nll!.value + exact)).toBeLessThan(1e-5);
    const densities = logDensities(set);
    const spread = average(densities.map((v) => (v - exact) ** 2)) * (3000 / 2999);
    expect(nll!.standardError).toBeCloseTo(Math.sqrt(spread / 3000), 5);
  });

  test("the elbo is the log-density, but for the one draw's noise", async () => {
    const { elbo, kl, klPerLatent, reconstruction, activeUnits, bitsPerDim, nll, rows } =
      await evaluate(linearGaussianRun(), set.source, { threads, seed: 5 });
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
    const run = (seed: number) => evaluate(linearGaussianRun(), set.source, { threads, seed });
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
  const at = (importanceSamples: number) =>
    evaluate(run, set.source, { threads, importanceSamples });
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
  const before = await evaluate(linearGaussianRun(), set.source, { threads, importanceSamples: 2 });
  const factor = fc.constantFrom(1000, 1e-3, 1024, 3, 1);
  const property = fc.asyncProperty(fc.tuple(factor, factor, factor, factor), async (units) => {
    const scaled = tableOf(
      set.values.map((v, i) => v * units[i % 4]!),
      model.columns,
    );
    const run = linearGaussianRun(undefined, units);
    const after = await evaluate(run, scaled, { threads, importanceSamples: 2 });
    const shift = units.reduce((sum, unit) => sum + Math.log(unit), 0);
    // The offset of mass is 5 deviations, of depth 20: float32 moves a standardised value by 1e-6.
    expect(Math.abs(after.elbo! + shift - before.elbo!)).toBeLessThan(1e-4);
    expect(Math.abs(after.nll!.value - shift - before.nll!.value)).toBeLessThan(1e-4);
    expect(after.kl).toBeCloseTo(before.kl!, 4);
    expect(after.mse!).toBeCloseTo(before.mse!, 4);
  });
  await fc.assert(property, { seed: 4, numRuns: 12, examples: [[[1000, 1000, 1000, 1000]]] });
});

describe("baselines", () => {
  interface Scaled {
    mean: number;
    pca: { components: number; error: number; densities: Numbers }[];
  }
  const fixture = readFixture<{
    train: Numbers;
    test: Numbers;
    scales: Record<"none" | "standardize", Scaled>;
  }>("pca");
  const width = fixture.train.shape[1]!;
  const table = ({ data }: Numbers) => tableOf(Float32Array.from(data), width);
  const source = table(fixture.train);

  test.each(["none", "standardize"] as const)(
    "mean and PCA of the training rows with scale %s, and its density, are scikit-learn's on others",
    async (scale) => {
      const { mean, pca } = fixture.scales[scale];
      for (const { components, error, densities } of [
        ...pca,
        { ...pca[2]!, components: width + 2 },
      ]) {
        const { config } = linearGaussianRun();
        const run = await fitted(
          {
            ...config,
            schema: await schemaOf(source, { scale }),
            model: { ...config.model, latent: components },
          },
          source,
        );
        const report = await evaluate(run, table(fixture.test), { threads });
        const { baselines } = report;
        expect(Math.abs(baselines.mean!.mse - mean)).toBeLessThan(1e-5 * mean);
        // Fewer than a row has numbers.
        expect(baselines.pca!.components).toBe(Math.min(components, width - 1));
        expect(baselines.noPca).toBeNull();
        expect(Math.abs(baselines.pca!.mse! - error)).toBeLessThan(1e-5 * mean);
        const density = average(densities.data);
        expect(Math.abs(baselines.pca!.elbo! - density)).toBeLessThan(1e-4 * Math.abs(density));
        expect(report.activeUnits).toBe(0);
      }
    },
  );

  test("rows of one number have no components, and say so", async () => {
    const one = tableOf(Float32Array.from(fixture.train.data.filter((_, i) => i % width === 0)), 1);
    const { config } = linearGaussianRun();
    const run = await fitted({ ...config, schema: await schemaOf(one) }, one);
    const { baselines } = await evaluate(run, one, { threads });
    expect(baselines).toMatchObject({ pca: null, noPca: "rows hold one number" });
    expect(baselines.mean!.mse).toBeCloseTo(1, 5);
  });

  test("a density claims no more of whole numbers than their last digit", async () => {
    // The third column is the sum of the others: without a floor its density would have no bound.
    const rows = 100;
    const values = Float32Array.from({ length: 3 * rows }, (_, i) => {
      const [a, b] = [(Math.floor(i / 3) * 7) % 40, (Math.floor(i / 3) * 11) % 50];
      return [a, b, a + b][i % 3]!;
    });
    const sums = tableOf(values, ["a", "b", "sum"]);
    const { config } = linearGaussianRun();
    const schema = await schemaOf(sums, { kind: { a: "real", b: "real", sum: "real" } });
    const run = await fitted({ ...config, schema }, sums);
    const { baselines } = await evaluate(run, sums, { threads });
    expect(baselines.pca!.components).toBe(2);
    expect(baselines.pca!.mse).toBeLessThan(1e-6);
    expect((await run.linear()).components!.noise).toBeLessThan(1e-6);
    // In raw units: the columns' covariance and the variance of their last digits on top of it. Of
    // c = a + b, its determinant is Σ |S of two| ψ of the third + … with S singular.
    const fields = schema.fields as RealField[];
    const psi = fields.map(({ resolution }) => resolution ** 2 / (2 * Math.PI));
    const s = [0, 1, 2].map((i) =>
      [0, 1, 2].map((j) => {
        const [m, n] = [fields[i]!.mean, fields[j]!.mean];
        const products = Array.from({ length: rows }, (_, r) => {
          return (values[3 * r + i]! - m) * (values[3 * r + j]! - n);
        });
        return average(products) + (i === j ? psi[i]! : 0);
      }),
    );
    const minor = (i: number, j: number) => {
      const [a, b] = [0, 1, 2].filter((k) => k !== i) as [number, number];
      const [c, d] = [0, 1, 2].filter((k) => k !== j) as [number, number];
      return s[a]![c]! * s[b]![d]! - s[a]![d]! * s[b]![c]!;
    };
    const determinant = [0, 1, 2].reduce((sum, j) => sum + (-1) ** j * s[0]![j]! * minor(0, j), 0);
    // tr(C⁻¹ S) over the training rows, S = C − Ψ: 3 less Σ ψ (C⁻¹) of the diagonal.
    const trace = 3 - [0, 1, 2].reduce((sum, i) => sum + (psi[i]! * minor(i, i)) / determinant, 0);
    const density = -0.5 * (3 * Math.log(2 * Math.PI) + Math.log(determinant) + trace);
    expect(baselines.pca!.elbo).toBeCloseTo(density, 3);
  });

  test("of columns alone, Gaussians of the training rows' statistics, in closed form", async () => {
    const set = rowsOf(500, 6);
    const { baselines, elbo } = await evaluate(linearGaussianRun(), set.source, { threads });
    expect(baselines.independent!.elbo).toBeCloseTo(average(independentDensities(set)), 4);
    expect(elbo).toBeGreaterThan(baselines.independent!.elbo);
  });

  test("rows with levels and gaps have a mean row of their numbers", async () => {
    const { rows, values } = rowsOf(40, 7);
    const column = (j: number) => Array.from({ length: rows }, (_, i) => values[4 * i + j]!);
    const gaps = column(1).map((value, i) => (i % 3 === 0 ? null : value));
    const levels = column(2).map((value) => (value > 4200 ? "heavy" : "light"));
    const mixed = columnsOf({ length: column(0), depth: gaps, mass: levels });
    const config = { ...linearGaussianRun().config, schema: await schemaOf(mixed) };
    const run = await fitted(config, mixed);
    const report = await evaluate(run, mixed, { threads });
    const { baselines, mse, elbo, fields, bitsPerDim, levelAccuracy } = report;
    // Standardised by these rows' own moments: the mean row, which zero weights give too, is off by 1.
    expect(baselines.mean!.mse).toBeCloseTo(1, 5);
    expect(mse).toBeCloseTo(1, 5);
    expect(bitsPerDim).toBeNull();
    // Zero weights are the columns alone, and fields' shares add up to the elbo.
    expect(elbo).toBeCloseTo(baselines.independent!.elbo, 5);
    expect(fields.map(({ name }) => name)).toEqual(["length", "depth", "mass"]);
    expect(fields.reduce((sum, { nats }) => sum + nats, 0)).toBeCloseTo(-elbo!, 5);
    const shares = levels.filter((level) => level === "heavy").length / rows;
    const entropy = -shares * Math.log(shares) - (1 - shares) * Math.log(1 - shares);
    expect(fields[2]!.nats).toBeCloseTo(entropy, 2);
    expect(levelAccuracy).toBeCloseTo(Math.max(shares, 1 - shares), 6);
  });
});

describe("images", () => {
  const pixels = Uint8Array.from({ length: 40 * 6 }, (_, i) => (i * 89 + (i % 7) * 31) % 256);
  const source = imagesOf(pixels, [2, 3, 1]);
  const imageRun = async (
    binarize: "none" | "threshold" | "dynamic",
    everyLikelihood: "bernoulli" | "gaussian",
  ) => {
    const run = linearGaussianRun();
    const schema = await schemaOf(source, { binarize, everyLikelihood });
    const config = { ...run.config, schema };
    return fitted(config, source);
  };

  /** Each pixel's mean over the images, to a byte, within what a decoder begins at. */
  const means = (of: (pixel: number) => number) =>
    Array.from({ length: 6 }, (_, p) => {
      const values = Array.from({ length: 40 }, (_, row) => of(pixels[6 * row + p]!));
      return Math.round((values.reduce((a, b) => a + b, 0) / 40) * 255) / 255;
    });
  const bits = (pixel: number) => Number(pixel > 127.5);
  const cost = (x: number, p: number) => -x * Math.log(p) - (1 - x) * Math.log(1 - p);

  test("all-zero weights cost what pixels alone do, at the mean image", async () => {
    const chances = means(bits);
    const nats = pixels.reduce((sum, pixel, i) => sum + cost(bits(pixel), chances[i % 6]!), 0) / 40;
    const threshold = await evaluate(await imageRun("threshold", "bernoulli"), source, { threads });
    expect(threshold.elbo).toBeCloseTo(-nats, 4);
    expect(threshold.bitsPerDim).toBeCloseTo(nats / 6 / Math.LN2, 5);
    const grey = await evaluate(await imageRun("none", "bernoulli"), source, { threads });
    const whole = means((pixel) => pixel / 255);
    const cross = pixels.reduce((sum, x, i) => sum + cost(x / 255, whole[i % 6]!), 0) / 40;
    expect(grey.elbo).toBeCloseTo(-cross, 4);
    expect(grey.bitsPerDim).toBeNull();
    const dynamic = await evaluate(await imageRun("dynamic", "bernoulli"), source, { threads });
    for (const report of [threshold, grey, dynamic]) {
      expect(report.baselines.independent!.elbo).toBeCloseTo(report.elbo!, 4);
    }
    expect(dynamic.bitsPerDim).toBeGreaterThan(0.9);
  });

  test("a Gaussian's density is of pixels from 0 to 255", async () => {
    const report = await evaluate(await imageRun("none", "gaussian"), source, { threads });
    // The learned scale begins at 1, above the least that the last digit allows.
    const scale = 1 + 1 / 255 / Math.sqrt(2 * Math.PI);
    const whole = means((pixel) => pixel / 255);
    const logs = [...pixels].map((p, i) => {
      const z = (p / 255 - whole[i % 6]!) / scale;
      return -0.5 * z ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);
    });
    const perRow = logs.reduce((a, b) => a + b, 0) / 40;
    expect(report.elbo).toBeCloseTo(perRow - 6 * Math.log(255), 4);
    expect(report.bitsPerDim).toBeNull();
    expect(report.baselines.independent).toBeNull();
  });
});

test("an autoencoder has no density to sample", async () => {
  const run = linearGaussianRun();
  const config = {
    ...run.config,
    model: { ...run.config.model, method: "ae" },
  } as const;
  const error = await elboError(() =>
    evaluate({ ...run, config }, rowsOf(3, 1).source, { importanceSamples: 2 }),
  );
  expect(error).toMatchObject({ code: "no-density", kind: "usage" });
  const negative = await elboError(() =>
    evaluate(run, rowsOf(3, 1).source, { importanceSamples: -1 }),
  );
  expect(negative.message).toContain("--importance-samples takes a whole number");
});
