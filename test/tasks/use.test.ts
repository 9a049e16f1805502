// Encoding, reconstructing and sampling with a model of which the exact answers are known.
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { encode, encodeTo } from "#elbo/tasks/encode.js";
import { reconstruct, reconstructTo } from "#elbo/tasks/reconstruct.js";
import type { ModelRows } from "#elbo/tasks/rows.js";
import { sample, sampleTo } from "#elbo/tasks/sample.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";
import { schemaOf, zeroWeights } from "./schema-of.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

/** Rows of numbers, one after the other. */
function rowMajor({ rows, values }: ModelRows): number[] {
  const columns = values.map((column) => column.values as Float64Array);
  return Array.from({ length: rows }, (_, i) => columns.map((column) => column[i]!)).flat();
}

describe("encode", () => {
  test("gives the exact posterior's means and deviations", async () => {
    const set = rowsOf(50, 1);
    const { mean, standardDeviation, rows, latent } = await encode(run, set.source, {
      std: true,
      threads,
    });
    expect([rows, latent]).toEqual([50, 2]);
    for (const [i, value] of posteriorMeans(set).flat().entries()) {
      expect(Math.abs(mean[i]! - value)).toBeLessThan(1e-5);
      expect(standardDeviation![i]).toBeCloseTo(1 / Math.sqrt(model.precision[i % 2]!), 6);
    }
    expect((await encode(run, set.source, { threads })).standardDeviation).toBeNull();
  });

  test("a row's latents are the same bits alone, in any batch and in any order", async () => {
    const set = rowsOf(1100, 2);
    const whole = await encode(run, set.source, { threads, std: true });
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 1099 }), { minLength: 1, maxLength: 40 }),
      async (picked) => {
        const values = Float32Array.from(
          picked.flatMap((row) => [...set.values.subarray(row * width, (row + 1) * width)]),
        );
        const part = await encode(run, tableOf(values, model.columns), { threads, std: true });
        const expected = picked.flatMap((row) => [...whole.mean.subarray(2 * row, 2 * row + 2)]);
        expect([...part.mean]).toEqual(expected);
      },
    );
    await fc.assert(property, { seed: 1, numRuns: 15, examples: [[[0]], [[1099]]] });
  });

  test("columns are found by name, in any order and among others", async () => {
    const set = rowsOf(9, 3);
    const order = [2, 0, 3, 1];
    const rows = Array.from({ length: 9 }, (_, i) => [
      7,
      ...order.map((j) => set.values[i * width + j]!),
    ]);
    const shuffled = tableOf(rows, ["site", ...order.map((j) => model.columns[j]!)]);
    expect((await encode(run, shuffled, { threads })).mean).toEqual(
      (await encode(run, set.source, { threads })).mean,
    );
  });

  test("an autoencoder has no standard deviations", async () => {
    const config = {
      ...run.config,
      model: { ...run.config.model, method: "ae" },
    } as const;
    const error = await elboError(() =>
      encode({ ...run, config }, rowsOf(3, 1).source, { std: true }),
    );
    expect(error).toMatchObject({ code: "no-posterior", kind: "usage" });
  });

  test("a missing value is taken as the column's mean, and its row keeps its place", async () => {
    const { values } = rowsOf(3, 4);
    const rows = Array.from({ length: 3 }, (_, i) => [
      ...values.subarray(i * width, (i + 1) * width),
    ]);
    const filled = rows.map((row, i) => row.with(2, i === 1 ? model.scales[2]!.mean : row[2]!));
    const gap = rows.map((row, i) => row.with(2, i === 1 ? Number.NaN : row[2]!));
    const expected = await encode(run, tableOf(filled, model.columns), { threads });
    const { mean } = await encode(run, tableOf(gap, model.columns), { threads });
    expect(mean).toEqual(expected.mean);
  });

  test("a written table has a row for each row, and a file that exists stays", async () => {
    const path = join(testFolder(), "z.csv");
    const { source } = rowsOf(3, 4);
    const encoding = await encode(run, source, { std: true, threads });
    expect(await encodeTo(path, run, source, { std: true, threads })).toBe(3);
    const written = await collect(await openData(path));
    expect(Object.keys(written)).toEqual(["z0", "z1", "z0_std", "z1_std"]);
    expect(written["z1"]!.map((value) => Math.fround(value as number))).toEqual(
      [1, 3, 5].map((i) => encoding.mean[i]),
    );
    const again = await elboError(() => encodeTo(path, run, source, { threads }));
    expect(again.code).toBe("output-exists");
  });
});

test("reconstruct decodes the posterior mean to raw units", async () => {
  const set = rowsOf(20, 5);
  const given = await reconstruct(run, set.source, { threads });
  expect(given.rows).toBe(20);
  expect(given.columns).toEqual(model.columns.map((name) => ({ name, type: "number" })));
  const values = rowMajor(given);
  for (const [i, z] of posteriorMeans(set).entries()) {
    for (const [j, { mean, deviation }] of model.scales.entries()) {
      const x = model.offset[j]! + z[0]! * model.loadings[0]![j]! + z[1]! * model.loadings[1]![j]!;
      const error = Math.abs(values[i * width + j]! - (x * deviation + mean));
      expect(error).toBeLessThan(1e-5 * deviation + 1e-6 * Math.abs(mean));
    }
  }
});

describe("sample", () => {
  test("has the model's means, variances and covariances, in raw units", async () => {
    const n = 20_000;
    const values = rowMajor(await sample(run, n, { threads, seed: 3 }));
    const z = Array.from({ length: width }, (_, j) => {
      const { mean, deviation } = model.scales[j]!;
      return Float64Array.from({ length: n }, (_, i) => {
        return (values[i * width + j]! - mean) / deviation - model.offset[j]!;
      });
    });
    const covariance = (a: number, b: number) =>
      model.loadings.reduce((sum, w) => sum + w[a]! * w[b]!, 0) + (a === b ? model.variance : 0);
    for (let a = 0; a < width; a++) {
      const mean = z[a]!.reduce((sum, v) => sum + v, 0) / n;
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(covariance(a, a) / n));
      for (let b = 0; b <= a; b++) {
        const product = z[a]!.reduce((sum, v, i) => sum + v * z[b]![i]!, 0) / n;
        // The variance of a product of Gaussians: σaa σbb + σab².
        const error = Math.sqrt((covariance(a, a) * covariance(b, b) + covariance(a, b) ** 2) / n);
        expect(Math.abs(product - covariance(a, b))).toBeLessThan(5 * error);
      }
    }
  });

  test("row i is the same however many are drawn, and another with another seed", async () => {
    const many = rowMajor(await sample(run, 1500, { threads, seed: 1 }));
    for (const count of [1, 7, 1024, 1025]) {
      const few = rowMajor(await sample(run, count, { threads, seed: 1 }));
      expect(few).toEqual(many.slice(0, count * width));
    }
    const other = rowMajor(await sample(run, 7, { threads, seed: 2 }));
    expect(other).not.toEqual(many.slice(0, 7 * width));
  });

  test("writes the run's columns", async () => {
    const path = join(testFolder(), "rows.csv");
    const rows = await sample(run, 5, { threads });
    expect(await sampleTo(path, run, 5, { threads })).toBe(5);
    const written = await collect(await openData(path));
    expect(Object.keys(written)).toEqual(model.columns);
    expect(Object.values(written)).toEqual(rows.values.map(({ values }) => [...values]));
  });

  test("an autoencoder has no prior to draw from, and 0 rows are none", async () => {
    const config = {
      ...run.config,
      model: { ...run.config.model, method: "ae" },
    } as const;
    expect((await elboError(() => sample({ ...run, config }, 3, { sampler: "prior" }))).code).toBe(
      "no-prior",
    );
    expect((await elboError(() => sample(run, 0))).code).toBe("option-value");
  });
});

test("images of another shape are refused, though they have as many pixels", async () => {
  const square = imagesOf(new Uint8Array(2 * 16), [4, 4, 1]);
  const config = { ...run.config, schema: await schemaOf(square) };
  const trained = { ...run, config, weights: zeroWeights(config) };
  const flat = imagesOf(new Uint8Array(2 * 16), [2, 8, 1]);
  const error = await elboError(() => encode(trained, flat, { threads }));
  expect(error).toMatchObject({ code: "data-mismatch", kind: "usage" });
  expect(error.message).toContain("the run has images of 4×4×1 there, received images of 2×8×1");
  const table = await elboError(() => encode(trained, rowsOf(2, 1).source, { threads }));
  expect(table.message).toContain("the run's column image is not in");
  const numbers = columnsOf({ image: [1, 2] });
  expect((await elboError(() => encode(trained, numbers, { threads }))).message).toContain(
    "received a column of numbers",
  );
});

test("a file of one array, whatever its name, is a run's one field", async () => {
  const folder = testFolder();
  const rows = imagesOf(new Uint8Array(3 * 16).fill(7), [4, 4, 1]);
  const config = { ...run.config, schema: await schemaOf(rows) };
  const trained = { ...run, config, weights: zeroWeights(config) };
  const path = join(folder, "whatever.npy");
  await reconstructTo(path, trained, rows, { threads });
  const { rows: count } = await encode(trained, path, { threads });
  expect(count).toBe(3);
});
