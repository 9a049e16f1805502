// Points of latent space decoded, with a model of which the decoder is known.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode as readPng } from "fast-png";
import { expect, test } from "vitest";
import { columnsOf, imagesOf } from "#elbo/data/in-memory.js";
import { interpolate, interpolateTo } from "#elbo/tasks/interpolate.js";
import type { Run } from "#elbo/tasks/run.js";
import { traverse, traverseTo } from "#elbo/tasks/traverse.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { modelConfig } from "../models/config.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";
import { fitted, schemaOf } from "./schema-of.ts";

const threads = 1;
const run = linearGaussianRun();

/** What the decoder makes of a latent, in raw units. */
const decoded = (z: readonly number[]) =>
  model.scales.map(({ mean, deviation }, j) => {
    const x = model.offset[j]! + z[0]! * model.loadings[0]![j]! + z[1]! * model.loadings[1]![j]!;
    return x * deviation + mean;
  });

test("interpolate decodes the straight line between two posterior means", async () => {
  const set = rowsOf(20, 7);
  const { rows, columns, values } = await interpolate(run, set.source, {
    ...{ from: 4, to: 17, steps: 5, threads },
  });
  expect([rows, columns.map(({ name }) => name)]).toEqual([5, ["share", ...model.columns]]);
  expect([...values[0]!.values]).toEqual([0, 0.25, 0.5, 0.75, 1]);
  const [a, b] = [4, 17].map((row) => posteriorMeans(set)[row]!) as [number[], number[]];
  for (let i = 0; i < 5; i++) {
    const exact = decoded(a.map((value, j) => value + (i / 4) * (b[j]! - value)));
    for (const [j, value] of exact.entries()) {
      const { deviation } = model.scales[j]!;
      expect(Math.abs((values[j + 1]!.values[i] as number) - value)).toBeLessThan(1e-4 * deviation);
    }
  }
  const error = await elboError(() => interpolate(run, set.source, { from: 0, to: 20, threads }));
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
  expect(error.message).toContain("--to takes a whole number of at least 0 and at most 19");
});

test("traverse moves one latent by four deviations, the others at their middle", async () => {
  const { rows, values } = await traverse(run, { latents: [1], steps: 3, threads });
  expect(rows).toBe(3);
  const [latent, value, ...fields] = values.map((column) => [...column.values]) as [
    string[],
    number[],
    ...number[][],
  ];
  expect(latent).toEqual(["z1", "z1", "z1"]);
  // The aggregate posterior of the model's own rows is its prior, of 2,000 rows within 5 errors.
  expect(Math.abs(value[1]!)).toBeLessThan(5 / Math.sqrt(2000));
  expect(Math.abs(value[2]! - value[1]! - 2)).toBeLessThan((2 * 5) / Math.sqrt(2 * 2000));
  const [length, , mass] = fields as [number[], number[], number[]];
  expect(Math.abs(length[2]! - length[0]!)).toBeLessThan(1e-3);
  const slope = model.loadings[1]![2]! * model.scales[2]!.deviation;
  const moved = mass[2]! - mass[0]!;
  expect(moved / (slope * (value[2]! - value[0]!))).toBeCloseTo(1, 4);
  expect((await traverse(run, { threads })).rows).toBe(18);
  const wrong = await elboError(() => traverse(run, { latents: [2], threads }));
  expect(wrong).toMatchObject({ code: "option-value", kind: "usage" });
});

test("images stand in rows: one of each latent, steps across", async () => {
  const source = imagesOf(
    Uint8Array.from({ length: 24 * 12 }, (_, i) => (i * 37) % 256),
    [4, 3, 1],
  );
  const config = {
    ...run.config,
    schema: await schemaOf(source),
    model: modelConfig({ latent: 2, network: { kind: "mlp", hidden: [] } }),
  };
  const own: Run = await fitted(config, source);
  const folder = testFolder();
  await traverseTo(join(folder, "t.png"), own, { latents: [0, 1], steps: 5, threads });
  const grid = readPng(readFileSync(join(folder, "t.png")));
  expect([grid.width, grid.height]).toEqual([5 * 5 - 2, 2 * 6 - 2]);
  await interpolateTo(join(folder, "i.png"), own, source, { from: 0, to: 1, steps: 12, threads });
  const line = readPng(readFileSync(join(folder, "i.png")));
  expect([line.width, line.height]).toEqual([12 * 5 - 2, 4]);
});

test("columns beside those of the data have names of their own", async () => {
  const columns = { value: [1, 2, 3, 4, 5.5], share: [2, 1, 4, 3, 0.5] };
  const source = columnsOf(columns);
  const config = {
    ...run.config,
    schema: await schemaOf(source, { kind: { value: "real", share: "real" } }),
    model: modelConfig({ network: { kind: "mlp", hidden: [] } }),
  };
  const own = await fitted(config, source);
  const names = ({ columns }: Awaited<ReturnType<typeof traverse>>) =>
    columns.map(({ name }) => name);
  expect(names(await traverse(own, { steps: 2, threads }))).toEqual([
    ...["latent", "value_2", "value", "share"],
  ]);
  const between = await interpolate(own, source, { from: 0, to: 1, steps: 2, threads });
  expect(names(between)).toEqual(["share_2", "value", "share"]);
});

test("a conditional run takes its conditions from the first row, or from --where", async () => {
  const source = mixedSource(mixedColumns(60));
  const schema = await schemaOf(source, { condition: ["city"] });
  const config = {
    ...run.config,
    schema,
    model: modelConfig({ network: { kind: "mlp", hidden: [] } }),
  };
  const own = await fitted(config, source);
  const between = await interpolate(own, source, { from: 0, to: 1, steps: 3, threads });
  const cityOf = ({ columns, values }: typeof between) =>
    values[columns.findIndex(({ name }) => name === "city")]?.values;
  expect(cityOf(between)).toEqual(new Array(3).fill(mixedColumns(60).city[0]));
  const points = await traverse(own, { where: { city: "Bern" }, steps: 2, threads });
  expect(points.rows).toBe(4);
  expect(cityOf(points)).toEqual(["Bern", "Bern", "Bern", "Bern"]);
  const none = await elboError(() => traverse(own, { threads }));
  expect(none).toMatchObject({ code: "where-invalid", kind: "usage" });
});
