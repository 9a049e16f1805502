// What latents mean, where it is known: a linear model's loadings, and the axioms of attributions.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import type { DataSource } from "#elbo/data/source.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { attributeTo } from "#elbo/tasks/explain/attribute.js";
import { Attributor } from "#elbo/tasks/explain/attributions.js";
import { change, type Edit } from "#elbo/tasks/explain/change.js";
import { explain } from "#elbo/tasks/explain/explain.js";
import { jensenShannon } from "#elbo/tasks/explain/sensitivity.js";
import { someRows } from "#elbo/tasks/explain/some-rows.js";
import { pathWithin } from "#elbo/tasks/explain/work.js";
import type { Run } from "#elbo/tasks/run.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { modelConfig } from "../models/config.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";
import { fitted, schemaOf } from "./schema-of.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

describe("of a linear model", () => {
  const set = rowsOf(600, 11);

  test("a latent moves each field by its loading", async () => {
    const told = await explain(run, set.source, { threads });
    expect(told.rows).toBe(600);
    for (const { latent, deviation, fields } of told.latents) {
      for (const { field, moves, unit, direction, attribution } of fields) {
        const j = model.columns.indexOf(field);
        const loading = model.loadings[latent]![j]!;
        const column = Array.from({ length: 600 }, (_, i) => set.values[i * width + j]!);
        const mean = column.reduce((sum, value) => sum + value, 0) / 600;
        const own = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 600);
        const exact = (4 * deviation * loading * model.scales[j]!.deviation) / own;
        expect(moves).toBeCloseTo(Math.abs(exact), 4);
        expect(unit).toBe("deviations");
        if (loading !== 0) expect(direction).toBe(loading > 0 ? "up" : "down");
        if (loading === 0) expect(attribution).toBeCloseTo(0, 6);
      }
    }
    expect(told.latents.map(({ name }) => name)).toEqual([
      "length up, depth up",
      "mass up, age down",
    ]);
    expect(told.pixels).toBeNull();
    // A field tells of a latent by their correlation, as Gaussians do; bins leave some of it out.
    const [first] = told.latents;
    const informed = first!.fields.filter(({ information }) => information! > 0.1);
    expect(informed.map(({ field }) => field).sort()).toEqual(["depth", "length"]);
  });

  test("a column that is not decoded says which way it goes with the latent", async () => {
    const means = posteriorMeans(set).map(([first]) => first!);
    const column = (j: number) => Array.from({ length: 600 }, (_, i) => set.values[i * width + j]!);
    const own = Object.fromEntries(model.columns.map((name, j) => [name, column(j)]));
    const labelled = columnsOf({
      ...own,
      species: means.map((z) => (z > 0.5 ? "high" : z > -0.5 ? "middle" : "low")),
      fall: means.map((z) => Math.round(100 * -z)),
    });
    const told = await explain(run, labelled, { threads });
    const { name, fields } = told.latents[0]!;
    const of = (wanted: string) => fields.find(({ field }) => field === wanted)!;
    expect(of("species")).toMatchObject({ moves: null, direction: "to high" });
    expect(of("fall").direction).toBe("down");
    expect(name).toContain("fall down");
  });

  test("attributions are the encoder's weights times the distance from the mean row", async () => {
    const some = await someRows(run, set.source, 600);
    const attributor = await Attributor.create(run, some.packed, "latents", { threads });
    const means = posteriorMeans(set);
    for (const j of [0, 1]) {
      const { fields, values, baseline } = await attributor.attribute(some.packed, j, 1);
      const middle = means.reduce((sum, z) => sum + z[j]!, 0) / means.length;
      for (const [i, z] of means.entries()) {
        expect(values[i]).toBeCloseTo(z[j]!, 4);
        expect(baseline[i]).toBeCloseTo(middle, 4);
        const own = [...fields.subarray(i * width, (i + 1) * width)];
        for (const [k, value] of own.entries()) {
          if (model.loadings[j]![k] === 0) expect(Math.abs(value)).toBeLessThan(1e-6);
        }
        expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(z[j]! - middle, 4);
      }
    }
    await attributor.release();
  });

  test("the same model found the same latents", async () => {
    const told = await explain(run, set.source, { threads, rows: 100, beside: [run] });
    expect(told.rows).toBe(100);
    expect(told.stability[0]!.subspace).toBeCloseTo(1, 6);
    expect(told.stability[0]!.axes).toBeCloseTo(1, 6);
  });
});

describe("of columns of every kind with gaps, and a network with corners", async () => {
  const columns = mixedColumns(120);
  const source = mixedSource(columns);
  const schema = await schemaOf(source);
  const config = {
    ...run.config,
    schema,
    model: modelConfig({ network: { kind: "mlp", hidden: [16] }, activation: "elu" }),
  };
  const weights = parametersOf(schema, config.model).initialize(new Random(3));
  const random: Run = { ...(await fitted(config, source)), weights };

  test.each([0, 1, "score"] as const)(
    "attributions of %s sum to what the row differs by",
    async (what) => {
      const some = await someRows(random, source, 120);
      const kind = what === "score" ? what : "latents";
      const attributor = await Attributor.create(random, some.packed, kind, { threads });
      const gapOf = async (steps: number) => {
        const { rows, fields, values, baseline } = await attributor.attribute(
          some.packed,
          what,
          steps,
        );
        let gap = 0;
        let size = 0;
        for (let i = 0; i < rows; i++) {
          const n = attributor.fields.length;
          const sum = fields
            .subarray(i * n, (i + 1) * n)
            .reduce((total, value) => total + value, 0);
          gap = Math.max(gap, Math.abs(sum - (values[i]! - baseline[i]!)));
          size = Math.max(size, Math.abs(values[i]! - baseline[i]!));
        }
        return { gap, size };
      };
      const [few, many] = [await gapOf(4), await gapOf(64)];
      // Midpoints of steps h are off by h² f′′/24; float32 sums by some 1e-6 of what they sum.
      expect(many.gap).toBeLessThan(1e-3 * many.size);
      expect(many.gap).toBeLessThan(few.gap);
      await attributor.release();
    },
  );

  test("a table has a row for each row, id columns before, and sums", async () => {
    const path = join(testFolder(), "a.csv");
    const { rows, gap } = await attributeTo(path, random, source, "z1", { threads });
    expect(rows).toBe(120);
    const table = await collect(await openData(path));
    const [person, value, baseline, ...fields] = Object.keys(table);
    expect([person, value, baseline]).toEqual(["person", "value", "baseline"]);
    expect(fields.sort()).toEqual(
      Object.keys(columns)
        .filter((name) => name !== "person")
        .sort(),
    );
    for (let i = 0; i < rows; i++) {
      const sum = fields.reduce((total, name) => total + (table[name]![i] as number), 0);
      const off = sum - ((table[value!]![i] as number) - (table[baseline!]![i] as number));
      expect(Math.abs(off)).toBeLessThan(gap + 1e-9);
    }
    const error = await elboError(() => attributeTo(path, random, source, "z2", { threads }));
    expect(error).toMatchObject({ code: "option-value", kind: "usage" });
    expect(error.message).toContain("z0 to z1");
  });

  test("some rows of many are told with their places, the same as among all", async () => {
    const [all, some] = ["all", "some"].map((name) => join(testFolder(), `${name}.csv`));
    await attributeTo(all!, random, source, "score", { threads, steps: 4 });
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const told = await attributeTo(some!, random, source, "score", {
      ...{ threads, steps: 4, rows: 7, onProgress },
    });
    expect(told).toMatchObject({ rows: 7, of: 120, steps: 4 });
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect([shares[0], shares.at(-1), shares.length]).toEqual([0, 1, 5]);
    const [whole, few] = [
      await collect(await openData(all!)),
      await collect(await openData(some!)),
    ];
    expect(Object.keys(few)).toEqual(["person", "row", ...Object.keys(whole).slice(1)]);
    expect(few["row"]).toEqual([17, 34, 51, 68, 85, 102, 119]);
    expect(few["person"]).toEqual((few["row"] as number[]).map((row) => whole["person"]![row]!));
    const off = (few["value"] as number[]).map((value, i) => {
      return value - (whole["value"] as number[])[(few["row"] as number[])[i]!]!;
    });
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-9);
  });

  test("levels move in nats, and every modelled field is told of", async () => {
    const told = await explain(random, source, { threads });
    for (const { fields } of told.latents) {
      const city = fields.find(({ field }) => field === "city")!;
      expect(city.unit).toBe("nats");
      expect(city.moves).toBeLessThan(Math.log(2));
      expect(fields.length).toBe(Object.keys(columns).length - 1);
    }
  });
});

describe("of long rows", () => {
  test("steps are left out first, then rows, and what is asked for stays", () => {
    expect(pathWithin(1e6, 10, 200)).toEqual({ rows: 200, steps: 64 });
    expect(pathWithin(1e6, 200, 200)).toEqual({ rows: 200, steps: 25 });
    expect(pathWithin(1e6, 1000, 200)).toEqual({ rows: 62, steps: 16 });
    expect(pathWithin(1e6, 1e6, 200)).toEqual({ rows: 8, steps: 16 });
    expect(pathWithin(1e6, 1000, 200, 50)).toEqual({ rows: 20, steps: 50 });
    expect(pathWithin(1e6, 1e6, 3)).toEqual({ rows: 3, steps: 16 });
  });

  // Deviations of each number of a vector were found anew for each latent, over all numbers each time.
  test("vectors of many numbers and latents take seconds, and say of how many rows", async () => {
    const [rows, size, latent] = [300, 4000, 16];
    const values = new Random(4).normal(streams.synthetic, 0, rows * size);
    const long: DataSource = {
      ...{ source: "memory", rows, notes: [] },
      columns: [{ name: "genes", type: "vector", size, sparse: false }],
      async *chunks(names = ["genes"]) {
        yield { rows, columns: names.map(() => ({ type: "vector", values })) };
      },
    };
    const config = {
      ...{ ...run.config, schema: await schemaOf(long) },
      model: modelConfig({ latent, network: { kind: "mlp", hidden: [8] } }),
    };
    const shares: number[] = [];
    const fitting = await fitted(config, long);
    const told = await explain(fitting, long, { threads, onProgress: (s) => shares.push(s) });
    expect(told.attributed).toEqual({ rows: 39, steps: 16 });
    expect(told.latents.length).toBe(latent);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  }, 30_000);
});

test("Jensen-Shannon divergence: 0 of equals, log 2 of levels that have nothing in common", () => {
  expect(jensenShannon([0.2, 0.8], [0.2, 0.8])).toBeCloseTo(0, 12);
  expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(Math.log(2), 12);
  // scipy.spatial.distance.jensenshannon([0.5, 0.3, 0.2], [0.1, 0.1, 0.8]) ** 2
  expect(jensenShannon([0.5, 0.3, 0.2], [0.1, 0.1, 0.8])).toBeCloseTo(0.19531057720719835, 12);
});

describe("change", () => {
  const set = rowsOf(600, 11);
  const [first] = posteriorMeans(set) as [number[]];

  test("moves the field that a latent follows most, no further than it must", async () => {
    const goal = first[0]! + 0.4;
    const told = await change(run, set.source, 0, `z0>${goal}`, { threads });
    // Δz₀ = w / (s² + |w|²) · Δx of each field: the largest loading needs the least.
    const [loading] = model.loadings as [number[]];
    const share = loading[0]! / model.variance / model.precision[0]!;
    expect(told.edits!.map(({ field }) => field)).toEqual(["length"]);
    const [edit] = told.edits as [Edit];
    // Candidates lie within what rows have, at most some eight deviations away; halved twelve times.
    expect(Math.abs(edit.size - 0.4 / share)).toBeLessThan(8 / 2 ** 12 + 1e-4);
    expect(Number(edit.to) - Number(edit.from)).toBeCloseTo(
      edit.size * model.scales[0]!.deviation,
      2,
    );
    expect(told.after).toBeGreaterThan(goal);
    expect(told.before).toBeCloseTo(first[0]!, 4);
  });

  test("only fields that may change do, and what is impossible is not found", async () => {
    const goal = `z0>${first[0]! + 0.4}`;
    const told = await change(run, set.source, 0, goal, { threads, fields: ["depth"] });
    expect(told.edits!.map(({ field }) => field)).toEqual(["depth"]);
    const none = await change(run, set.source, 0, goal, { threads, fields: ["mass", "age"] });
    expect(none.edits).toBeNull();
    const met = await change(run, set.source, 0, `z0<${first[0]! + 1}`, { threads });
    expect(met.edits).toEqual([]);
  });

  test.each([
    [{ row: 600, goal: "z0>1", fields: ["depth"] }, "--change"],
    [{ row: 0, goal: "z2>1", fields: ["depth"] }, "score<20 or z0>1"],
    [{ row: 0, goal: "score=3", fields: ["depth"] }, "score=3"],
    [{ row: 0, goal: "score<3", fields: ["width"] }, "--field width"],
  ])("%j is refused", async ({ row, goal, fields }, words) => {
    const error = await elboError(() => change(run, set.source, row, goal, { threads, fields }));
    expect(error).toMatchObject({ code: "option-value", kind: "usage" });
    expect(`${error.message} ${error.hint}`).toContain(words);
  });
});
