// A model of windows of a series: trained, and used on the rows that the windows were cut from.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { report } from "#elbo/report/report.js";
import { encode, encodeTo } from "#elbo/tasks/encode.js";
import { imputeTo } from "#elbo/tasks/impute.js";
import { inspect } from "#elbo/tasks/inspect.js";
import { reconstruct, reconstructTo } from "#elbo/tasks/reconstruct.js";
import { openRun } from "#elbo/tasks/run.js";
import { sample, sampleTo } from "#elbo/tasks/sample.js";
import { train } from "#elbo/train/train.js";
import { collect } from "../data/rows.ts";
import { realData } from "../helpers/data.ts";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { columns, fast, of, part, rows, series, size, training } from "./sines.ts";

const threads = 1;
const numbers = (column: { values: unknown } | undefined) =>
  Array.from((column as { values: Float64Array }).values);

/** The mean of the squared differences, of values that are there. */
function squaredError(values: readonly number[], others: readonly number[]): number {
  const differences = values.map((value, i) => value - others[i]!).filter((d) => !Number.isNaN(d));
  return differences.reduce((sum, d) => sum + d * d, 0) / differences.length;
}

function errorOfMean(values: readonly number[]): number {
  const present = values.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  return squaredError(
    present,
    present.map(() => mean),
  );
}

describe("two sines with gaps, a word and a class beside", () => {
  const folder = sharedFolder();
  const run = join(folder, "run");
  const trained = train(series, { ...training, out: run });

  test("the run knows that its windows were of a series, the latest held out", async () => {
    await trained;
    const { config } = await openRun(run);
    expect(config.data.window).toEqual({ of: "series", size });
    expect(config.data.rows).toBe(rows - size + 1);
    expect(config.training.split).toEqual({ by: "time", column: "time" });
    expect(config.schema.fields.map(({ kind, role }) => `${kind} ${role}`)).toEqual([
      "vector data",
      "time id",
      "text id",
      "vector data",
      "binary target",
    ]);
  });

  test("encoding gives a row for each window, under the time of its last row", async () => {
    await trained;
    const path = join(testFolder(), "z.csv");
    expect(await encodeTo(path, run, series, { threads })).toBe(rows - size + 1);
    const written = await collect(await openData(path));
    expect(Object.keys(written)).toEqual(["time", "word", "z0", "z1", "z2", "z3"]);
    expect(written["time"]).toEqual(columns.time.slice(size - 1).map((time) => time.getTime()));
    expect(written["word"]?.[0]).toBe(`w${size - 1}`);
    const { mean } = await encode(run, series, { threads });
    expect(Math.fround(written["z0"]![5] as number)).toBe(mean[20]);
  });

  test("reconstructing gives the rows of the series, its gaps filled in", async () => {
    await trained;
    const given = await reconstruct(run, series, { threads });
    expect(given.rows).toBe(rows);
    expect(given.columns.map(({ name, type }) => [name, type])).toEqual([
      ["slow", "number"],
      ["time", "time"],
      ["word", "text"],
      ["fast", "number"],
      ["rising", "number"],
    ]);
    const [slow, time, word, quick, rising] = given.values;
    expect(numbers(time)).toEqual(columns.time.map((moment) => moment.getTime()));
    expect(word?.values).toEqual(columns.word);
    expect(squaredError(numbers(slow), columns.slow)).toBeLessThan(
      0.05 * errorOfMean(columns.slow),
    );
    const truth = of(fast);
    expect(squaredError(numbers(quick), truth)).toBeLessThan(0.1 * errorOfMean(truth));
    // What belongs to windows is missing before the first of them ends.
    const classes = numbers(rising);
    expect(classes.findIndex((value) => !Number.isNaN(value))).toBe(size - 1);
    const right = classes.slice(size - 1).filter((value, i) => {
      return value >= 0.5 === columns.rising[i + size - 1];
    });
    expect(right.length / (rows - size + 1)).toBeGreaterThan(0.9);
  });

  test("a row's value is the mean over the windows that hold it", async () => {
    await trained;
    // Of a series of one window there is nothing to average; of two, in all but the outer rows.
    const valuesOf = async (from: number, count: number) =>
      numbers((await reconstruct(run, part(from, count), { threads })).values[0]);
    const [both, first, second] = [
      await valuesOf(100, size + 1),
      await valuesOf(100, size),
      await valuesOf(101, size),
    ];
    expect(both).toHaveLength(size + 1);
    for (const [i, value] of both.entries()) {
      const own = [first[i], second[i - 1]].filter((one) => one !== undefined);
      expect(value).toBeCloseTo(own.reduce((sum, one) => sum + one) / own.length, 5);
      // Of float32 at heart a mean has no more digits.
      expect(value).toBe(Number(value.toPrecision(7)));
    }
  });

  test("samples are windows", async () => {
    await trained;
    const given = await sample(run, 3, { threads });
    expect(given.rows).toBe(3);
    expect(given.columns[0]).toMatchObject({ name: "slow", type: "vector", size });
    expect(given.columns[0]).toHaveProperty(
      "names",
      Array.from({ length: size }, (_, i) => `slow_${i}`),
    );
  });
});

/** How much of the variance may be left after so few epochs: of some series nearly all is noise. */
const shares: [string, number][] = [
  ["ambient_temperature_system_failure", 0.5],
  ["ec2_request_latency_system_failure", 1],
  ["machine_temperature_system_failure", 0.5],
  ["nyc_taxi", 0.5],
];

describe.each(shares)("%s", (name, share) => {
  const path = realData("nab", "realKnownCause", `${name}.csv`);
  test.skipIf(path === undefined)("comes back at its own times, nearer than its mean", async () => {
    const lines = readFileSync(path!, "utf8").trim().split("\n").slice(1);
    const run = join(testFolder(), "run");
    const { fields, rows } = await inspect(path!, { window: 24 });
    expect(rows).toBe(lines.length - 23);
    expect(fields.map(({ kind, shape }) => [kind, ...shape])).toEqual([
      ["time", 1],
      ["vector", 24],
    ]);
    await train(path!, { out: run, window: 24, epochs: 4, threads });
    // A report's rows are windows already, and are not cut again.
    const page = await report(run, { threads });
    for (const id of ["reconstructions", "samples"]) expect(page).toContain(`<section id="${id}"`);
    const out = join(testFolder(), "seen.csv");
    expect(await reconstructTo(out, run, path!, { threads })).toBe(lines.length);
    const seen = await collect(await openData(out));
    const times = lines.map((line) => Date.parse(`${line.split(",")[0]}Z`)).sort((a, b) => a - b);
    expect(seen["timestamp"]).toEqual(times);
    const own = await collect(await openData(`select * from '${path}' order by timestamp`));
    const [values, others] = [own["value"] as number[], seen["value"] as number[]];
    expect(squaredError(others, values)).toBeLessThan(share * errorOfMean(values));
  });
});

test("what is given of windows has the decimals that the series has", async () => {
  const folder = testFolder();
  const out = join(folder, "run");
  const tenths = of((i) => (i % 60 === 9 ? null : Number((20 + 5 * Math.sin(i / 8)).toFixed(1))));
  const wholes = of((i) => Math.round(fast(i)));
  const data = columnsOf({ time: columns.time, tenths, wholes });
  await train(data, { window: size, out, threads, epochs: 2 });
  const paths = ["seen.csv", "filled.csv", "new.csv"].map((name) => join(folder, name));
  const [seen, filled, made] = paths as [string, string, string];
  await reconstructTo(seen, out, data, { threads });
  await imputeTo(filled, out, data, { threads });
  await sampleTo(made, out, 5, { threads });
  for (const path of paths) {
    const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
    const names = header!.split(",");
    for (const cells of lines.map((line) => line.split(","))) {
      for (const [j, name] of names.entries()) {
        const form = name.startsWith("tenths") ? /^-?\d+(\.\d)?$/ : /^-?\d+$/;
        if (name !== "time") expect(cells[j], `${path}, ${name}`).toMatch(form);
      }
    }
  }
  expect(readFileSync(made, "utf8")).toMatch(/\d\.\d/);
});
