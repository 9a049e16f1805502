// Reports on synthetic rows: good ones, bad ones, copies, and a model that gives its rows away.
import { describe, expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { isModelled, type ModelledField } from "#elbo/fields/field.js";
import type { ModelRows } from "#elbo/tasks/rows.js";
import { sample } from "#elbo/tasks/sample.js";
import type { RawTable } from "#elbo/tasks/synthetic/compared-table.js";
import { membership, recordDistances } from "#elbo/tasks/synthetic/privacy.js";
import { syntheticReport } from "#elbo/tasks/synthetic/report.js";
import { targetOf, usefulness } from "#elbo/tasks/synthetic/usefulness.js";
import fixture from "../fixtures/synthetic.json" with { type: "json" };
import { elboError } from "../helpers/errors.ts";
import { linearGaussianRun, model, packed, rowsOf } from "./linear-gaussian.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";
import { schemaOf } from "./schema-of.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

/** Rows as a model would give them. */
const made = (values: Float32Array): ModelRows => ({
  rows: values.length / width,
  columns: model.columns.map((name) => ({ name, type: "number" })),
  values: model.columns.map((_, j) => ({
    type: "number",
    values: Float64Array.from({ length: values.length / width }, (__, i) => values[i * width + j]!),
  })),
});

test("rows of the very distribution are as far from real ones as those from each other", async () => {
  const real = rowsOf(1000, 21);
  const report = await syntheticReport(
    run,
    await sample(run, 1000, { seed: 5, threads }),
    real.source,
    {
      threads,
    },
  );
  expect(report.rows).toEqual({ synthetic: 1000, real: 1000 });
  for (const { synthetic, real: halves } of report.marginals) {
    // Each is the KS distance of 500 and 500: P(D > 1.95 · √(2/500)) is 0.001 (Kolmogorov's tail).
    expect(synthetic).toBeLessThan(1.95 * Math.sqrt(2 / 500));
    expect(halves).toBeLessThan(1.95 * Math.sqrt(2 / 500));
  }
  expect(report.usefulness).toMatchObject({ target: "age", measure: "r2" });
  expect(report.copies).toEqual({ synthetic: 0, real: 0 });
  const { auc, standardError, members, others } = report.membership!;
  expect([members, others]).toEqual([2000, 999]);
  expect(Math.abs(auc - 0.5)).toBeLessThan(5 * standardError);
});

test("rows that are those of training are copies, and give them away", async () => {
  const real = rowsOf(400, 22);
  const kept = rowsOf(400, 22);
  const reference = async () => ({
    training: packed(kept),
    heldOut: packed(rowsOf(300, 23)),
    anomalies: packed({ rows: 0, values: new Float32Array(0) }),
  });
  const report = await syntheticReport({ ...run, reference }, made(kept.values), real.source, {
    threads,
  });
  // The first half of the copies beside one half of the real rows, which holds half of them.
  expect(report.copies.synthetic).toBeGreaterThan(0.3);
  expect(report.copies.real).toBe(0);
  expect(report.membership!.auc).toBe(1);
});

test("columns of no relation are told: pairs differ, and what learns from them knows nothing", async () => {
  const real = rowsOf(1000, 24);
  const shuffled = real.values.map((_, k) => {
    const [row, j] = [Math.floor(k / width), k % width];
    return real.values[((row * 7 + j * 331) % 1000) * width + j]!;
  });
  const report = await syntheticReport(run, made(shuffled), real.source, { threads });
  const [worst] = report.pairs.worst;
  expect(worst!.fields).toEqual(["length", "depth"]);
  // The correlation of the two, by the loadings, halved.
  const [a, b] = [model.loadings[0]![0]!, model.loadings[0]![1]!];
  const exact = (a * b) / Math.sqrt((a * a + model.variance) * (b * b + model.variance)) / 2;
  expect(Math.abs(worst!.synthetic - exact)).toBeLessThan(5 / Math.sqrt(500));
  expect(report.usefulness!.real).toBeGreaterThan(report.usefulness!.synthetic + 0.05);
});

describe("parts", () => {
  test("distances are scikit-learn's nearest neighbours", async () => {
    const [field] = run.config.schema.fields.filter(isModelled) as [ModelledField];
    const tables = [fixture.real, fixture.other].map(
      ({ a, b, level }): RawTable => ({
        rows: a.data.length,
        columns: [a.data, b.data, level.data.map((value) => +(value === 1))],
      }),
    ) as [RawTable, RawTable];
    const fields = ["a", "b", "c"].map((name) => ({ ...field, name }));
    const { real } = await recordDistances(
      fields,
      { synthetic: tables[1], real: tables[0], other: tables[1] },
      { threads },
    );
    const sorted = fixture.distances.data.toSorted((p, q) => p - q);
    expect(real.median).toBeCloseTo(sorted[Math.floor(0.5 * (sorted.length - 1))]!, 5);
    expect(real.low).toBeCloseTo(sorted[Math.floor(0.05 * (sorted.length - 1))]!, 5);
  });

  test("too few rows held out tell nothing of membership", async () => {
    const table = (rows: number): RawTable => ({ rows, columns: [new Array(rows).fill(1)] });
    const fields = run.config.schema.fields.slice(0, 1) as Parameters<typeof membership>[0];
    const all = { synthetic: table(30), members: table(30), others: table(19) };
    expect(await membership(fields, all, { threads })).toBeNull();
  });

  test("a table of every kind is compared, its target told from the others", async () => {
    const source = mixedSource(mixedColumns(300));
    const schema = await schemaOf(source, { target: ["city"] });
    const fields = schema.fields.filter(({ role }) => role !== "id") as Parameters<
      typeof targetOf
    >[0];
    expect(targetOf(fields)!.name).toBe("city");
    const chunks: RawTable[] = [];
    for await (const { rows, columns } of source.chunks(fields.map(({ name }) => name))) {
      chunks.push({
        rows,
        columns: columns.map(({ values }) =>
          Array.from(values as ArrayLike<number | string | null>, (cell) =>
            typeof cell === "number" && Number.isNaN(cell) ? null : cell,
          ),
        ),
      });
    }
    const [whole] = chunks as [RawTable];
    const told = (await usefulness(
      fields,
      { synthetic: whole, real: whole, test: whole },
      { threads: 1 },
    ))!;
    expect(told.synthetic).toBe(told.real);
    // City follows from the same hidden number as the other columns; the largest has a third of rows.
    expect(told.real).toBeGreaterThan(0.85);
    expect(told.constant).toBeLessThan(0.45);
  });

  test("three real rows are too few", async () => {
    const few = tableOf(rowsOf(3, 1).values, model.columns);
    const error = await elboError(async () =>
      syntheticReport(run, await sample(run, 5, { threads }), few, { threads }),
    );
    expect(error).toMatchObject({ code: "data-empty", kind: "usage" });
  });
});
