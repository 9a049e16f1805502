// Encoding, reconstructing and sampling with a model of which the exact answers are known.
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readData } from "#elbo/data/read.js";
import { tableOf } from "#elbo/data/table.js";
import { inferSchema } from "#elbo/fields/infer.js";
import { encode, writeEncoding } from "#elbo/tasks/encode.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { writeRows } from "#elbo/tasks/rows.js";
import { sample } from "#elbo/tasks/sample.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

describe("encode", () => {
  test("gives the exact posterior's means and deviations", async () => {
    const set = rowsOf(50, 1);
    const { mean, standardDeviation, rows, latent } = await encode(run, set, {
      std: true,
      threads,
    });
    expect([rows, latent]).toEqual([50, 2]);
    for (const [i, value] of posteriorMeans(set).flat().entries()) {
      expect(Math.abs(mean[i]! - value)).toBeLessThan(1e-5);
      expect(standardDeviation![i]).toBeCloseTo(1 / Math.sqrt(model.precision[i % 2]!), 6);
    }
    expect((await encode(run, set, { threads })).standardDeviation).toBeNull();
  });

  test("a row's latents are the same bits alone, in any batch and in any order", async () => {
    const set = rowsOf(1100, 2);
    const whole = await encode(run, set, { threads, std: true });
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
      (await encode(run, set, { threads })).mean,
    );
  });

  test("a renamed column is named, with its likely new name", async () => {
    const set = { ...rowsOf(3, 3), columns: ["Length_", "depth", "mass", "age"] };
    const error = await elboError(() => encode(run, set));
    expect(error).toMatchObject({ code: "data-mismatch", kind: "usage" });
    expect(error.message).toContain("the run's column length is not in");
    expect(error.hint).toContain("Is Length_ the column length?");
    const none = { ...rowsOf(3, 3), columns: ["w", "x", "y", "z"] };
    const several = await elboError(() => encode(run, none));
    expect(several.message).toContain("columns length, depth, mass, age are not in");
    expect(several.hint).toContain("the run's columns");
  });

  test("an autoencoder has no standard deviations", async () => {
    const config = {
      ...run.config,
      model: { ...run.config.model, method: "ae", likelihood: "squared-error" },
    } as const;
    const error = await elboError(() => encode({ ...run, config }, rowsOf(3, 1), { std: true }));
    expect(error).toMatchObject({ code: "no-posterior", kind: "usage" });
  });

  test("rows left out keep the others' numbers in the written table", async () => {
    const path = join(testFolder(), "z.csv");
    const rows = [...rowsOf(3, 4).values];
    const set = tableOf(
      [rows.slice(0, 4), [1, 2, Number.NaN, 4], rows.slice(4, 8), rows.slice(8)],
      model.columns,
    );
    const encoding = await encode(run, set, { std: true, threads });
    await writeEncoding(path, encoding);
    const written = await readData(path);
    expect(written.columns).toEqual(["row", "z0", "z1", "z0_std", "z1_std"]);
    expect([0, 5, 10].map((i) => written.values[i])).toEqual([1, 3, 4]);
    expect(written.values[6]).toBe(encoding.mean[2]);
    expect((await elboError(() => writeEncoding(path, encoding))).code).toBe("output-exists");
  });
});

test("reconstruct decodes the posterior mean to raw units", async () => {
  const set = rowsOf(20, 5);
  const { values, rows, rowNumbers } = await reconstruct(run, set, { threads });
  expect([rows, rowNumbers]).toEqual([20, null]);
  for (const [i, z] of posteriorMeans(set).entries()) {
    for (const [j, { mean, standardDeviation }] of model.scales.entries()) {
      const x = model.offset[j]! + z[0]! * model.loadings[0]![j]! + z[1]! * model.loadings[1]![j]!;
      const error = Math.abs(values[i * width + j]! - (x * standardDeviation + mean));
      expect(error).toBeLessThan(1e-5 * standardDeviation + 1e-6 * Math.abs(mean));
    }
  }
});

describe("sample", () => {
  test("has the model's means, variances and covariances, in raw units", async () => {
    const n = 20_000;
    const { values } = await sample(run, n, { threads, seed: 3 });
    const z = Array.from({ length: width }, (_, j) => {
      const { mean, standardDeviation } = model.scales[j]!;
      return Float64Array.from({ length: n }, (_, i) => {
        return (values[i * width + j]! - mean) / standardDeviation - model.offset[j]!;
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
    const many = await sample(run, 1500, { threads, seed: 1 });
    for (const count of [1, 7, 1024, 1025]) {
      const few = await sample(run, count, { threads, seed: 1 });
      expect(few.values).toEqual(many.values.subarray(0, count * width));
    }
    expect((await sample(run, 7, { threads, seed: 2 })).values).not.toEqual(
      many.values.subarray(0, 7 * width),
    );
  });

  test("writes the run's columns", async () => {
    const path = join(testFolder(), "rows.csv");
    const rows = await sample(run, 5, { threads });
    await writeRows(path, rows);
    const read = await readData(path);
    expect(read.columns).toEqual(model.columns);
    expect(read.values).toEqual(rows.values);
  });

  test("an autoencoder has no prior to draw from, and 0 rows are none", async () => {
    const config = {
      ...run.config,
      model: { ...run.config.model, method: "ae", likelihood: "squared-error" },
    } as const;
    expect((await elboError(() => sample({ ...run, config }, 3))).code).toBe("no-prior");
    expect((await elboError(() => sample(run, 0))).code).toBe("option-value");
  });
});

test("images of another shape are refused, though they have as many pixels", async () => {
  const images = (shape: number[]) => {
    const values = new Uint8Array(2 * shape.reduce((a, b) => a * b, 1));
    return { source: "pictures", kind: "image", values, rows: 2, shape, notes: [] } as const;
  };
  const square = { ...images([4, 4, 1]), notes: [] };
  const schema = inferSchema(square, Uint32Array.of(0), { scale: "standardize", binarize: "none" });
  const trained = { ...run, config: { ...run.config, schema } };
  const error = await elboError(() => encode(trained, { ...images([2, 8, 1]), notes: [] }));
  expect(error).toMatchObject({ code: "data-mismatch", kind: "usage" });
  expect(error.message).toContain("the run takes images of 4×4×1, received 2×8×1");
  const table = await elboError(() => encode(trained, rowsOf(2, 1)));
  expect(table.message).toContain("the run was trained on images of 4×4×1");
});
