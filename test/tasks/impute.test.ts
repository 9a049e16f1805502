// Gaps filled by a model of which the exact conditional distributions are known.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { npyHeader } from "#elbo/data/write/npy.js";
import type { Field, VectorField } from "#elbo/fields/field.js";
import { type Imputation, impute, imputeTo } from "#elbo/tasks/impute.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { linearGaussianRun, model, rowsOf } from "./linear-gaussian.ts";
import { zeroWeights } from "./schema-of.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;
const { loadings, offset, variance, scales } = model;

/** Rows with cells hidden by turns, each with one or two gaps. */
function withGaps(count: number, seed: number) {
  const set = rowsOf(count, seed);
  const values = set.values.slice();
  const hidden = new Set<number>();
  for (let row = 0; row < count; row++) {
    for (const j of row % 3 === 2 ? [row % 4, (row + 1) % 4] : [row % 4]) {
      hidden.add(row * width + j);
      values[row * width + j] = Number.NaN;
    }
  }
  return { source: tableOf(values, model.columns), values, truth: set.values, hidden };
}

/** Mean and deviation of a cell given those that are there: of x = b + zW + sε (Gaussian). */
function conditional(values: ArrayLike<number>, row: number, j: number) {
  let [mean, spread, latentSpread] = [offset[j]!, variance, 0];
  for (const w of loadings) {
    // Rows of W have no column in common: each latent is told by its own columns alone.
    let [precision, sum] = [1, 0];
    for (let c = 0; c < width; c++) {
      const x = values[row * width + c]!;
      if (Number.isNaN(x)) continue;
      precision += w[c]! ** 2 / variance;
      sum += (w[c]! * ((x - scales[c]!.mean) / scales[c]!.deviation - offset[c]!)) / variance;
    }
    mean += (w[j]! * sum) / precision;
    spread += w[j]! ** 2 / precision;
    latentSpread += w[j]! ** 2 / precision;
  }
  const { mean: m, deviation } = scales[j]!;
  return {
    mean: mean * deviation + m,
    deviation: Math.sqrt(spread) * deviation,
    /** Of the expectation at a draw of the latent. */
    latentDeviation: Math.sqrt(latentSpread) * deviation,
  };
}

const cellOf = ({ tables }: Imputation, row: number, j: number, table = 0) =>
  tables[table]![j]!.values[row] as number;

describe("the exact conditional distribution", () => {
  // The encoder takes a gap for a mean: wide enough for what a row with gaps leaves open, its weights
  // have a variance.
  const run = linearGaussianRun({ shrink: 1, widen: 1.2 });
  const set = withGaps(60, 1);

  test("a gap gets its conditional expectation, and all else stays", async () => {
    const samples = 4000;
    const given = await impute(run, set.source, { threads, importanceSamples: samples });
    expect([given.rows, given.filled]).toEqual([60, set.hidden.size]);
    for (let i = 0; i < set.values.length; i++) {
      const [row, j] = [Math.floor(i / width), i % width];
      if (!set.hidden.has(i)) {
        expect(cellOf(given, row, j)).toBe(set.values[i]);
        continue;
      }
      const { mean, latentDeviation } = conditional(set.values, row, j);
      // At least an eighth of the draws counts, of two latents each about twice as wide as they should
      // be. Beside it, float32.
      const tolerance = (5 * latentDeviation) / Math.sqrt(samples / 8) + 1e-5 * Math.abs(mean);
      expect(Math.abs(cellOf(given, row, j) - mean)).toBeLessThan(tolerance);
    }
  });

  test("draws have its mean and deviation, and intervals its quantiles", async () => {
    const one = withGaps(12, 2);
    const draws = 400;
    const drawn = await impute(run, one.source, { threads, importanceSamples: 4000, draws });
    const ranged = await impute(run, one.source, {
      ...{ threads, importanceSamples: 4000, intervals: 0.9 },
    });
    expect(ranged.infos.map(({ name }) => name)).toEqual([
      ...model.columns,
      ...model.columns.flatMap((name) => [`${name}_low`, `${name}_high`]),
    ]);
    for (const i of one.hidden) {
      const [row, j] = [Math.floor(i / width), i % width];
      const { mean, deviation } = conditional(one.values, row, j);
      const values = Array.from({ length: draws }, (_, t) => cellOf(drawn, row, j, t));
      const average = values.reduce((a, b) => a + b, 0) / draws;
      const square = values.reduce((sum, v) => sum + (v - average) ** 2, 0) / (draws - 1);
      // Of 400 draws that share latents of 500 effective ones: √(1/400 + 1/500) deviations.
      expect(Math.abs(average - mean)).toBeLessThan(5 * deviation * Math.sqrt(1 / draws + 1 / 500));
      // The deviation of a normal sample's own is deviation / √(2n).
      const error = Math.abs(Math.sqrt(square) - deviation);
      expect(error).toBeLessThan(5 * deviation * Math.sqrt(1 / 800 + 1 / 1000));
      const ends = [0, 1].map(
        (end) => ranged.tables[0]![width + 2 * j + end]!.values[row] as number,
      );
      // A 5 % quantile of n draws has the deviation √(0.05 · 0.95 / n) / φ(1.645) = 2.11 / √n.
      const tolerance = (5 * 2.11 * deviation) / Math.sqrt(500);
      expect(Math.abs(ends[0]! - (mean - 1.6449 * deviation))).toBeLessThan(tolerance);
      expect(Math.abs(ends[1]! - (mean + 1.6449 * deviation))).toBeLessThan(tolerance);
    }
    const whole = Array.from({ length: 12 * width }, (_, i) => i).filter((i) => !one.hidden.has(i));
    for (const i of whole) {
      expect(ranged.tables[0]![width + 2 * (i % width)]!.values[Math.floor(i / width)]).toBeNaN();
    }
  });

  test("a row's result is the same bits in any batch, by its place and the seed", async () => {
    const many = withGaps(1100, 3);
    const options = { threads, importanceSamples: 3 };
    const all = await impute(run, many.source, options);
    // The first 37 of them alone, and with rows that have no gaps between.
    const few = await impute(
      run,
      tableOf(many.values.slice(0, 37 * width), model.columns),
      options,
    );
    for (let j = 0; j < width; j++) {
      const whole = all.tables[0]![j]!.values as Float64Array;
      expect([...whole.subarray(0, 37)]).toEqual([...(few.tables[0]![j]!.values as Float64Array)]);
    }
    const mixed = many.values.slice();
    mixed.set(many.truth.subarray(0, 500 * width));
    const later = await impute(run, tableOf(mixed, model.columns), options);
    for (let j = 0; j < width; j++) {
      const whole = all.tables[0]![j]!.values as Float64Array;
      const own = later.tables[0]![j]!.values as Float64Array;
      expect([...own.subarray(500)]).toEqual([...whole.subarray(500)]);
    }
    const other = await impute(run, many.source, { ...options, seed: 1 });
    expect(other.tables).not.toEqual(all.tables);
  });
});

test("where few draws count, it is told", async () => {
  // Deviations of a hundredth of what they should be, far from where they should be.
  const wrong = linearGaussianRun({ shrink: -3, widen: -6 });
  const notes: string[] = [];
  const onNotes = (found: readonly { code: string }[]) => notes.push(...found.map((n) => n.code));
  await impute(wrong, withGaps(20, 4).source, { threads, onNotes });
  expect(notes).toEqual(["few-effective-draws"]);
});

test("an autoencoder fills gaps by what it decodes, and has no draws and no intervals", async () => {
  const config = { ...run.config, model: { ...run.config.model, method: "ae" } } as const;
  const weights = new Map(run.weights)
    .set("encoder.code.weight", new Float32Array(width * 2))
    .set("encoder.code.bias", new Float32Array(2));
  const plain = { ...run, config, weights };
  const { source } = withGaps(4, 5);
  const given = await impute(plain, source, { threads });
  expect(given.filled).toBe(5);
  const { mean, deviation } = scales[0]!;
  expect(cellOf(given, 0, 0)).toBeCloseTo(offset[0]! * deviation + mean, 3);
  for (const asked of [{ draws: 2 }, { intervals: 0.9 }, { importanceSamples: 5 }]) {
    const error = await elboError(() => impute(plain, source, { threads, ...asked }));
    expect(error).toMatchObject({ code: "no-density", kind: "usage" });
  }
});

describe("files", () => {
  const text = (end: string) =>
    [
      '"length",age ,depth,mass,who',
      "45.50,,-0.20,4.2e3,a",
      ' 44 ,0.5,"NA",4100,"b ""c"""',
      "43,-0.1,-0.19,4300.00,",
    ].join(end) + end;

  test.each(["\n", "\r\n"])(
    "of a CSV file, what was there is copied to the byte (%j)",
    async (end) => {
      const folder = testFolder();
      writeFileSync(join(folder, "in.csv"), text(end));
      const out = join(folder, "out.csv");
      const result = await imputeTo(out, run, join(folder, "in.csv"), { threads });
      expect(result).toMatchObject({ rows: 3, filled: 2, outputs: [out] });
      expect(result.columns).toEqual([
        { name: "age", filled: 1 },
        { name: "depth", filled: 1 },
      ]);
      const pattern = text(end)
        .replace("45.50,,", "45.50,(NUMBER),")
        .replace('"NA"', "(NUMBER)")
        .replaceAll(/[.*+?^${}|[\]\\]/g, "\\$&")
        .replaceAll("(NUMBER)", "(-?[\\d.]+)");
      const [, age, depth] = new RegExp(`^${pattern}$`).exec(readFileSync(out, "utf8"))!;
      const { tables } = await impute(run, join(folder, "in.csv"), { threads });
      expect([Number(age), Number(depth)]).toEqual([
        tables[0]![1]!.values[0],
        tables[0]![2]!.values[1],
      ]);
    },
  );

  test("K tables are K files, and intervals stand behind", async () => {
    const folder = testFolder();
    writeFileSync(join(folder, "in.csv"), text("\n"));
    const options = { threads, force: true };
    const path = join(folder, "out.csv");
    const { outputs } = await imputeTo(path, run, join(folder, "in.csv"), { ...options, draws: 3 });
    expect(outputs).toEqual([1, 2, 3].map((t) => join(folder, `out-${t}.csv`)));
    const tables = outputs.map((output) => readFileSync(output, "utf8"));
    expect(new Set(tables).size).toBe(3);
    for (const table of tables) expect(table.split("\n")[3]).toBe("43,-0.1,-0.19,4300.00,");
    await imputeTo(path, run, join(folder, "in.csv"), { ...options, intervals: 0.5 });
    const [header, first, , third] = readFileSync(path, "utf8").split("\n");
    const names = ["length", "age", "depth", "mass"].flatMap((name) => [
      `${name}_low`,
      `${name}_high`,
    ]);
    expect(header).toBe(`"length",age ,depth,mass,who,${names.join(",")}`);
    expect(first).toMatch(/^45\.50,-?[\d.]+,-0\.20,4\.2e3,a,,,-?[\d.]+,-?[\d.]+,,,,$/);
    expect(third).toBe("43,-0.1,-0.19,4300.00,,,,,,,,,");
  });

  test.each(["f8", "f4"] as const)(
    "of a .npy file of %s, what was there is the same bytes, in either order",
    async (element) => {
      const folder = testFolder();
      const columns = model.columns.length;
      const vector: VectorField = {
        ...{ name: "in", kind: "vector", role: "data", likelihood: "gaussian", gaps: true },
        ...{ size: columns, sparse: false, names: null, counts: false, resolution: 0, total: 1 },
        ...{ logShare: [], spread: [], logInverseDispersion: [] },
        mean: scales.map(({ mean }) => mean),
        deviation: scales.map(({ deviation }) => deviation),
      };
      const own = { ...run, config: { ...run.config, schema: { fields: [vector] } } };
      const weights = zeroWeights(own.config);
      const set = withGaps(7, 8);
      for (const columnMajor of [false, true]) {
        const size = element === "f8" ? 8 : 4;
        const header = npyHeader(`<${element}`, [7, columns]);
        const text = Buffer.from(header)
          .toString("latin1")
          .replace("False", columnMajor ? "True " : "False");
        const data = Buffer.alloc(7 * columns * size);
        const at = (i: number) => {
          const [row, j] = [Math.floor(i / columns), i % columns];
          return (columnMajor ? j * 7 + row : i) * size;
        };
        // A third more: digits that float32 does not hold.
        const put = (value: number, i: number) =>
          size === 8 ? data.writeDoubleLE(value + 1 / 3, at(i)) : data.writeFloatLE(value, at(i));
        set.values.forEach(put);
        const path = join(folder, "in.npy");
        writeFileSync(path, Buffer.concat([Buffer.from(text, "latin1"), data]));
        const out = join(folder, "out.npy");
        const told = await imputeTo(out, { ...own, weights }, path, { threads, force: true });
        expect(told).toMatchObject({ rows: 7, filled: set.hidden.size });
        const written = readFileSync(out);
        expect(written.subarray(0, header.length)).toEqual(Buffer.from(text, "latin1"));
        for (let i = 0; i < set.values.length; i++) {
          const place = header.length + at(i);
          const bytes = written.subarray(place, place + size);
          if (!set.hidden.has(i)) expect(bytes).toEqual(data.subarray(at(i), at(i) + size));
          else {
            const value = size === 8 ? bytes.readDoubleLE() : bytes.readFloatLE();
            // Nothing decoded depends on the row: each gets its column's mean.
            expect(value).toBeCloseTo(scales[i % columns]!.mean, 3);
          }
        }
      }
    },
  );

  test.each(["out.parquet", "out.json", "out.tsv", "out.ndjson.gz"])(
    "the values that were there are those of %s",
    async (name) => {
      const folder = testFolder();
      const set = withGaps(30, 6);
      const columns = Object.fromEntries(
        model.columns.map((column, j) => [
          column,
          Float64Array.from({ length: 30 }, (_, i) => set.values[i * width + j]! + 1e-12),
        ]),
      );
      const source = columnsOf({ ...columns, who: Array.from({ length: 30 }, (_, i) => `p${i}`) });
      await imputeTo(join(folder, name), run, source, { threads });
      const written = await collect(await openData(join(folder, name)));
      const { tables, infos } = await impute(run, source, { threads });
      for (const [j, { name: column }] of infos.entries()) {
        expect(written[column]).toEqual([...(tables[0]![j]!.values as Float64Array)]);
      }
      for (let i = 0; i < set.values.length; i++) {
        if (set.hidden.has(i)) continue;
        const [row, column] = [Math.floor(i / width), model.columns[i % width]!];
        expect(written[column]![row]).toBe(columns[column]![row]);
      }
    },
  );
});

test("of images and conditions nothing can be filled in", async () => {
  const fields = run.config.schema.fields.map(
    (field) => ({ ...field, role: "condition" }) as Field,
  );
  const conditional = { ...run, config: { ...run.config, schema: { fields } } };
  const error = await elboError(() => impute(conditional, rowsOf(2, 1).source, { threads }));
  expect(error).toMatchObject({ code: "nothing-to-impute", kind: "usage" });
});

test.each([
  [{ draws: 2, intervals: 0.9 }, "options-contradict"],
  [{ draws: 0 }, "option-value"],
  [{ intervals: 1 }, "option-value"],
  [{ importanceSamples: 0 }, "option-value"],
])("%j is refused: %s", async (options, code) => {
  const error = await elboError(() => impute(run, rowsOf(2, 1).source, { threads, ...options }));
  expect(error).toMatchObject({ code, kind: "usage" });
});
