// PCA of rows with levels and gaps beside a model, against plain computations.
import { expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import type { RealField } from "#elbo/fields/field.js";
import { symmetricEigen } from "#elbo/metrics/eigen.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { type Numbers, readFixture } from "../../graph/pytorch.ts";
import { linearGaussianRun, rowsOf } from "../linear-gaussian.ts";
import { fitted, schemaOf } from "../schema-of.ts";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const threads = 1;

test("PCA of levels and gaps is of one-hot levels and of gaps at the mean, as computed plainly", async () => {
  const make = (seed: number, count: number) => {
    const { values } = rowsOf(count, seed);
    const at = (i: number, j: number) => values[4 * i + j]!;
    const rows = Array.from({ length: count }, (_, i) => i);
    return columnsOf({
      length: rows.map((i) => at(i, 0)),
      depth: rows.map((i) => (i % 5 === seed % 5 ? null : at(i, 1))),
      mass: rows.map((i) => {
        if (i % 7 === 0) return null;
        return at(i, 2) > 4600 ? "heavy" : at(i, 2) > 3900 ? "middling" : "light";
      }),
      age: rows.map((i) => at(i, 3) > 0.2),
    });
  };
  const [training, others] = [make(21, 150), make(22, 60)];
  const schema = await schemaOf(training);
  const config = { ...linearGaussianRun().config, schema };
  const run = await fitted(config, training);
  const report = await evaluate(run, others, { threads });
  // The encoding: null is a gap.
  const [length, depth, mass] = schema.fields as [RealField, RealField, { levels: string[] }];
  const encoded = async (source: typeof training) => {
    const rows: (number | null)[][] = [];
    for await (const { rows: count, columns } of source.chunks()) {
      const cell = (j: number, i: number) => columns[j]!.values[i] as number | string | null;
      const scaled = (field: RealField, value: number) =>
        Number.isNaN(value) ? null : (value - field.mean) / field.deviation;
      for (let i = 0; i < count; i++) {
        rows.push([
          scaled(length, cell(0, i) as number),
          scaled(depth, cell(1, i) as number),
          ...mass.levels.map((level) => (cell(2, i) === null ? null : +(cell(2, i) === level))),
          2 * Number(cell(3, i)) - 1,
        ]);
      }
    }
    return rows;
  };
  const [known, seen] = [await encoded(training), await encoded(others)];
  const size = known[0]!.length;
  const middle = Array.from({ length: size }, (_, j) =>
    average(known.flatMap((row) => row[j] ?? [])),
  );
  const away = (row: (number | null)[]) => row.map((v, j) => (v === null ? 0 : v - middle[j]!));
  const covariance = Float64Array.from({ length: size * size }, (_, at) =>
    average(known.map(away).map((d) => d[Math.floor(at / size)]! * d[at % size]!)),
  );
  const { vectors } = symmetricEigen(covariance, size);
  const axes = vectors.slice(0, 2);
  const said = seen.map((row) => {
    const d = away(row);
    const along = axes.map((axis) => axis.reduce((sum, v, j) => sum + v * d[j]!, 0));
    return middle.map((m, j) => m + axes.reduce((sum, axis, k) => sum + axis[j]! * along[k]!, 0));
  });
  const squares = seen.flatMap((row, i) =>
    [0, 1].flatMap((j) => (row[j] === null ? [] : (row[j]! - said[i]![j]!) ** 2)),
  );
  const hits = seen.flatMap((row, i) => {
    const ofMass = said[i]!.slice(2, 5);
    const right = ofMass.indexOf(Math.max(...ofMass)) === row.slice(2, 5).indexOf(1);
    return [...(row[2] === null ? [] : [+right]), +(said[i]![5]! > 0 === row[5]! > 0)];
  });
  const { pca, noPca } = report.baselines;
  expect([pca!.components, pca!.elbo, noPca]).toEqual([2, null, null]);
  expect(pca!.mse).toBeCloseTo(average(squares), 4);
  expect(pca!.mse).toBeLessThan(report.baselines.mean!.mse);
  expect(pca!.levelAccuracy).toBeCloseTo(average(hits), 9);
  expect(pca!.levelAccuracy).toBeGreaterThan(report.levelAccuracy!);
});

test("PCA of numbers tells rows with gaps by what is there, without a density", async () => {
  const fixture = readFixture<{ train: Numbers; test: Numbers }>("pca");
  const width = fixture.train.shape[1]!;
  const source = tableOf(Float32Array.from(fixture.train.data), width);
  const { config } = linearGaussianRun();
  const run = await fitted(
    { ...config, schema: await schemaOf(source, { scale: "none" }) },
    source,
  );
  const held = fixture.test;
  const gappy = tableOf(
    Float32Array.from(held.data, (v, i) => (i % 11 === 3 ? Number.NaN : v)),
    width,
  );
  const { baselines } = await evaluate(run, gappy, { threads });
  const { mean, components } = await run.linear();
  const axes = Array.from({ length: components!.count }, (_, k) =>
    components!.axes.subarray(k * width, (k + 1) * width),
  );
  const squares = Array.from({ length: held.data.length / width }, (_, i) => {
    const there = (j: number) => (i * width + j) % 11 !== 3;
    const d = Array.from(mean, (m, j) => (there(j) ? held.data[i * width + j]! - m : 0));
    const along = axes.map((axis) => d.reduce((sum, v, j) => sum + v * axis[j]!, 0));
    return d.flatMap((v, j) =>
      there(j) ? (v - axes.reduce((sum, axis, k) => sum + axis[j]! * along[k]!, 0)) ** 2 : [],
    );
  }).flat();
  expect(baselines.pca!.mse! / average(squares)).toBeCloseTo(1, 4);
  expect([baselines.pca!.elbo, baselines.noPca]).toEqual([null, null]);
});
