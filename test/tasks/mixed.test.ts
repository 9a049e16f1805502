// A table of many kinds with gaps, from training to everything that a run is used for.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import type { ColumnValues } from "#elbo/fields/columns.js";
import { type TrainOptions, train } from "#elbo/index.js";
import { encode, encodeTo } from "#elbo/tasks/encode.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { reconstruct, reconstructTo } from "#elbo/tasks/reconstruct.js";
import type { ModelRows } from "#elbo/tasks/rows.js";
import { openRun, type Run } from "#elbo/tasks/run.js";
import { sample, sampleTo } from "#elbo/tasks/sample.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";

const threads = 1;
const folder = sharedFolder();
const trained = mixedColumns(600);
const data = mixedSource(trained);
const fresh = mixedColumns(300, 2);

const settings: TrainOptions = { latent: 2, network: "mlp:32", epochs: 60, batch: 64, threads };
let run: Run;
let conditional: Run;
beforeAll(async () => {
  const learning = { ...settings, learningRate: 5e-3 };
  await train(data, { ...learning, out: join(folder, "run") });
  run = await openRun(join(folder, "run"));
  const condition = ["city", "member"];
  const ignore = ["joined", "seen"];
  await train(data, {
    ...learning,
    out: join(folder, "given"),
    condition,
    ignore,
    target: ["visits"],
  });
  conditional = await openRun(join(folder, "given"));
}, 60_000);

/** A column of rows by its name. */
function column({ columns, values }: ModelRows, name: string): ColumnValues["values"] {
  return values[columns.findIndex((info) => info.name === name)]!.values;
}

const mean = (values: Iterable<number>) => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

test("kinds and roles follow from the values", () => {
  const { fields } = run.config.schema;
  expect(fields.map(({ name, kind, role }) => `${name} ${role} ${kind}`)).toEqual([
    "person id text",
    "age data real",
    "visits data count",
    "income data positive",
    "city data categorical",
    "member data binary",
    "joined data time",
    "seen data time",
  ]);
  const gaps = fields.filter((field) => "gaps" in field && field.gaps);
  expect(gaps.map(({ name }) => name)).toEqual(["age", "city", "joined"]);
});

test("rows that were not seen are told better by the model than by each column alone", async () => {
  const report = await evaluate(run, mixedSource(fresh), { threads });
  expect(report.rows).toBe(300);
  expect(report.elbo!).toBeGreaterThan(report.baselines.independent!.elbo + 1);
  const shares = report.fields.reduce((sum, { nats }) => sum + nats, 0);
  expect(shares).toBeCloseTo(report.reconstruction, 4);
  const { pca, mean } = report.baselines;
  expect(report.bitsPerDim).toBeNull();
  expect(pca!.mse!).toBeLessThan(mean!.mse);
  expect(report.levelAccuracy!).toBeGreaterThan(0.8);
});

describe("reconstruct", () => {
  test("ids are untouched, rows in order, texts levels, dates days, counts and gaps filled in", async () => {
    const rows = await reconstruct(run, mixedSource(fresh), { threads });
    expect(rows.rows).toBe(300);
    expect(rows.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...["person text", "age number", "visits number", "income number", "city text"],
      ...["member number", "joined time", "seen time"],
    ]);
    expect(column(rows, "person")).toEqual(fresh.person);
    expect(new Set(column(rows, "city") as string[])).toEqual(
      new Set(["Bern", "Lausanne", "Zürich"]),
    );
    const right = (column(rows, "city") as string[]).filter((city, i) => city === fresh.city[i]);
    expect(right.length).toBeGreaterThan(240);
    const ages = column(rows, "age") as Float64Array;
    const errors = fresh.age.flatMap((age, i) => (age === null ? [] : Math.abs(age - ages[i]!)));
    expect(mean(errors)).toBeLessThan(6);
    // All three columns with gaps can be seen from the others.
    expect([...ages].every(Number.isFinite)).toBe(true);
    const days = column(rows, "joined") as Float64Array;
    expect([...days].every((ms) => ms % 86_400_000 === 0)).toBe(true);
    const off = fresh.joined.flatMap((day, i) => (day ? Math.abs(day.getTime() - days[i]!) : []));
    expect(mean(off) / 86_400_000).toBeLessThan(90);
    expect(new Set(column(rows, "member") as Float64Array)).toEqual(new Set([0, 1]));
  });

  test("a file holds the same: booleans, dates and moments as such", async () => {
    const path = join(testFolder(), "seen.csv");
    expect(await reconstructTo(path, run, mixedSource(fresh), { threads })).toBe(300);
    const source = await openData(path);
    expect(source.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...["person text", "age number", "visits number", "income number", "city text"],
      ...["member number", "joined time", "seen time"],
    ]);
    expect(source.columns[5]).toMatchObject({ boolean: true });
    expect(source.columns[6]).toMatchObject({ date: true });
    expect(source.columns[7]).not.toHaveProperty("date");
    const written = await collect(source);
    const rows = await reconstruct(run, mixedSource(fresh), { threads });
    expect(written["person"]).toEqual(fresh.person);
    expect(written["city"]).toEqual(column(rows, "city"));
    expect(written["joined"]).toEqual([...(column(rows, "joined") as Float64Array)]);
    for (const name of ["age", "income", "seen"]) {
      const expected = column(rows, name) as Float64Array;
      for (const [i, value] of written[name]!.entries()) {
        expect(Math.abs((value as number) / expected[i]! - 1)).toBeLessThan(1e-6);
      }
    }
    await source.close?.();
  });
});

test("encode keeps the id columns and the order of rows", async () => {
  const path = join(testFolder(), "z.parquet");
  const source = mixedSource(fresh);
  expect(await encodeTo(path, run, source, { threads })).toBe(300);
  const file = await openData(path);
  const written = await collect(file);
  expect(Object.keys(written)).toEqual(["person", "z0", "z1"]);
  expect(written["person"]).toEqual(fresh.person);
  const { mean: latents } = await encode(run, source, { threads });
  expect(written["z0"]).toEqual(fresh.person.map((_, i) => latents[2 * i]));
  await file.close?.();
});

test("an id column that is called as a latent keeps its name", async () => {
  const path = join(testFolder(), "z.csv");
  const { person: z0, ...others } = mixedColumns(120, 3);
  const out = join(testFolder(), "run");
  await train(columnsOf({ z0, ...others }), { ...settings, epochs: 1, id: ["z0"], out });
  await encodeTo(path, out, columnsOf({ z0, ...others }), { threads });
  const written = await collect(await openData(path));
  expect(Object.keys(written)).toEqual(["z0", "z0_2", "z1"]);
  expect(written["z0"]).toEqual(z0);
});

describe("sample", () => {
  test("row i of a mixed table is the same however many are drawn", async () => {
    const many = await sample(run, 1300, { threads, seed: 4 });
    for (const count of [1, 9, 1024, 1025]) {
      const few = await sample(run, count, { threads, seed: 4 });
      for (const { name } of many.columns) {
        expect([...column(few, name)], name).toEqual([...column(many, name)].slice(0, count));
      }
    }
    const other = await sample(run, 9, { threads, seed: 5 });
    expect(column(other, "age")).not.toEqual(column(many, "age").slice(0, 9));
  });

  test("has the columns' shares and means, and values that the columns can have", async () => {
    const rows = await sample(run, 4000, { threads });
    expect(rows.columns.map(({ name }) => name)).toEqual(Object.keys(trained).slice(1));
    const shareOf = (values: readonly unknown[]) => mean(values.map((v) => Number(v === "Bern")));
    const known = trained.city.filter((city) => city !== null);
    expect(Math.abs(shareOf(column(rows, "city") as string[]) - shareOf(known))).toBeLessThan(0.12);
    const visits = [...(column(rows, "visits") as Float64Array)];
    expect(visits.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    expect(Math.abs(mean(visits) - mean(trained.visits))).toBeLessThan(6);
    expect(Math.min(...(column(rows, "age") as Float64Array))).toBeGreaterThan(0);
    // Written as the data is: years with one place after the point, money with two.
    const places = (name: string, digits: number) =>
      [...(column(rows, name) as Float64Array)].every((v) => v === Number(v.toFixed(digits)));
    expect([places("age", 1), places("income", 2)]).toEqual([true, true]);
  });

  test("a file of draws is read back as the same columns", async () => {
    const path = join(testFolder(), "new.parquet");
    expect(await sampleTo(path, run, 50, { threads })).toBe(50);
    const source = await openData(path);
    expect(source.columns.map(({ type }) => type)).toEqual([
      ...["number", "number", "number", "text", "number", "time", "time"],
    ]);
    expect((await collect(source))["city"]).toEqual(
      column(await sample(run, 50, { threads }), "city"),
    );
    await source.close?.();
  });
});

describe("conditions", () => {
  const given = (where: Record<string, string>) => sample(conditional, 400, { threads, where });

  test("what is given changes what is drawn, and stands in its place", async () => {
    const low = await given({ city: "Bern", member: "false" });
    const high = await given({ city: "Zürich", member: "true" });
    // In the order of the data, so that the rows are a table like it.
    const modelled = ["age", "visits", "income", "city", "member"];
    const own = data.columns.map(({ name }) => name).filter((name) => modelled.includes(name));
    expect(low.columns.map(({ name }) => name)).toEqual(own);
    expect(new Set([...column(low, "city")])).toEqual(new Set(["Bern"]));
    expect(new Set([...column(high, "member")])).toEqual(new Set([1]));
    expect(low.columns.find(({ name }) => name === "member")).toMatchObject({ boolean: true });
    const ages = [low, high].map((rows) => mean(column(rows, "age") as Float64Array));
    // Of those from Bern, 20 to 37; from Zürich, 53 to 70.
    expect(ages[0]!).toBeLessThan(40);
    expect(ages[1]!).toBeGreaterThan(50);
    const visits = [low, high].map((rows) => mean(column(rows, "visits") as Float64Array));
    expect(visits[1]!).toBeGreaterThan(visits[0]! + 20);
  });

  const pairsOf = (rows: ModelRows) => {
    const members = column(rows, "member");
    return [...column(rows, "city")].map((city, i) => `${city} ${members[i]}`);
  };

  test("what is not given stands together as in training rows", async () => {
    const rows = await given({});
    const trainedPairs = trained.city.map((city, i) => `${city} ${Number(trained.member[i])}`);
    const share = (all: readonly string[], pair: string) =>
      all.filter((one) => one === pair).length / all.length;
    // No one from Bern is a member, and everyone from Zürich is; some have no city.
    for (const pair of new Set([...pairsOf(rows), ...trainedPairs])) {
      // Five standard errors of a share among 400.
      const limit = 5 * Math.sqrt(share(trainedPairs, pair) / 400);
      const off = Math.abs(share(pairsOf(rows), pair) - share(trainedPairs, pair));
      expect(off, pair).toBeLessThan(limit + 0.02);
    }
    const ages = column(rows, "age") as Float64Array;
    const of = (city: string) => ages.filter((_, i) => column(rows, "city")[i] === city);
    expect(mean(of("Zürich"))).toBeGreaterThan(mean(of("Bern")) + 20);
  });

  test("row i is the same however many are drawn; another seed gives other conditions", async () => {
    const [few, many] = await Promise.all([
      sample(conditional, 20, { threads }),
      sample(conditional, 1500, { threads }),
    ]);
    expect(pairsOf(many).slice(0, 20)).toEqual(pairsOf(few));
    const other = await sample(conditional, 1500, { threads, seed: 1 });
    expect(pairsOf(other)).not.toEqual(pairsOf(many));
  });

  test("of some that are given, the others go with them", async () => {
    const bern = pairsOf(await given({ city: "Bern" }));
    expect(new Set(bern)).toEqual(new Set(["Bern 0"]));
    const members = pairsOf(await given({ member: "true" }));
    expect(members.some((pair) => pair.startsWith("Zürich"))).toBe(true);
    expect(members.some((pair) => pair.startsWith("Bern"))).toBe(false);
  });

  test("a value of the data draws the conditions that go with it", async () => {
    // Those of 25 years are from Bern.
    const rows = await given({ age: "25" });
    expect(new Set([...column(rows, "age")])).toEqual(new Set([25]));
    const cities = [...column(rows, "city")].filter((city) => city !== null);
    expect(cities.filter((city) => city === "Bern").length).toBeGreaterThan(0.8 * cities.length);
  });

  test.each<[string, Record<string, string>, string, string]>([
    ["unknown", { town: "Bern" }, "no such column; it has age", ""],
    ["no level", { city: "Brn", member: "true" }, "no training row", "Did you mean Bern?"],
    ["no neighbour", { city: "x", member: "1" }, "no training row", "Bern, Lausanne, Zürich"],
    ["no number", { city: "Bern", member: "perhaps" }, "true or false", "member=true"],
  ])("a value that is %s", async (_, where, message, hint) => {
    const error = await elboError(() => given(where));
    expect(error).toMatchObject({ code: "where-invalid", kind: "usage" });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test("stand in reconstructions as in the data", async () => {
    const rows = await reconstruct(conditional, data, { threads });
    expect(column(rows, "city")).toEqual(trained.city);
    expect([...column(rows, "member")]).toEqual(trained.member.map(Number));
    const names = rows.columns.map(({ name }) => name);
    expect(names).toEqual(["person", "age", "visits", "income", "city", "member"]);
  });

  test("a run without conditions takes values of its data as given", async () => {
    const { columns, values } = await sample(run, 3, { where: { city: "Bern" } });
    const cities = values[columns.findIndex(({ name }) => name === "city")]!;
    expect(cities).toMatchObject({ type: "text", values: ["Bern", "Bern", "Bern"] });
  });
});

describe("scoring other data", () => {
  test("a level that training has not seen is a note", async () => {
    const notes: { code: string; message: string }[] = [];
    const onNotes = (more: Readonly<typeof notes>) => void notes.push(...more);
    const moved = { ...fresh, city: fresh.city.map((city) => (city === "Bern" ? "Basel" : city)) };
    const { mean: latents } = await encode(run, mixedSource(moved), { threads, onNotes });
    expect([...latents].every(Number.isFinite)).toBe(true);
    expect(notes.map(({ code }) => code)).toEqual(["level-unseen"]);
    expect(notes[0]!.message).toContain("Basel");
    const report = await evaluate(run, mixedSource(moved), { threads });
    const before = await evaluate(run, mixedSource(fresh), { threads });
    expect(report.elbo!).toBeLessThan(before.elbo!);
    expect(Number.isFinite(report.elbo!)).toBe(true);
  });

  test("columns are found by name; others beside them are left alone", async () => {
    const { seen, city, ...others } = fresh;
    const before = await encode(run, mixedSource(fresh), { threads });
    const moved = columnsOf({ seen, extra: seen.map(() => "?"), ...others, city });
    expect((await encode(run, moved, { threads })).mean).toEqual(before.mean);
  });

  test("an id column may be absent", async () => {
    const { person: _, ...others } = fresh;
    const rows = await reconstruct(run, mixedSource(others), { threads });
    expect(rows.columns[0]!.name).toBe("age");
  });

  test("a target may be absent, and is predicted", async () => {
    const { visits: _, ...others } = fresh;
    const rows = await reconstruct(conditional, mixedSource(others), { threads });
    const visits = column(rows, "visits") as Float64Array;
    const errors = fresh.visits.map((value, i) => Math.abs(value - visits[i]!));
    expect(mean(errors)).toBeLessThan(9);
    const known = await evaluate(conditional, mixedSource(fresh), { threads });
    const unknown = await evaluate(conditional, mixedSource(others), { threads });
    expect(known.target!).toBeGreaterThan(0);
    expect(unknown.elbo!).toBeCloseTo(known.elbo!, 4);
    // Without any, there is nothing to tell of them.
    expect(unknown.target).toBe(0);
  });

  test("columns that are missing are all named, a renamed one with its likely new name", async () => {
    const { age, city: _, ...others } = fresh;
    const renamed = columnsOf({ Age: age, ...others });
    const error = await elboError(() => encode(run, renamed, { threads }));
    expect(error).toMatchObject({ code: "data-mismatch", kind: "usage" });
    expect(error.message).toBe("the run's columns age, city are not in a table in memory");
    expect(error.hint).toBe("Is Age the column age? Rename it.");
  });

  test.each<[string, object, RegExp]>([
    ["texts for numbers", { age: fresh.age.map(() => "old") }, /age/],
    ["numbers for texts", { city: fresh.age }, /city/],
    ["texts for dates", { joined: fresh.city }, /joined/],
    ["negative counts", { visits: fresh.visits.map((n) => -n) }, /visits/],
    ["fractions of counts", { visits: fresh.visits.map((n) => n + 0.5) }, /visits/],
  ])("a column of another kind: %s", async (_, change, says) => {
    const error = await elboError(() =>
      encode(run, mixedSource({ ...fresh, ...change }), { threads }),
    );
    expect(error.message).toMatch(says);
    expect(error.where).toMatchObject({ column: expect.stringMatching(says) });
  });
});

test("new rows of numbers from 0 to 1 under a Bernoulli are its means, not bits", async () => {
  const values = Array.from({ length: 80 }, (_, i) => ((i * 37) % 80) / 80);
  const source = columnsOf({ a: values, b: values.toReversed() });
  const out = join(testFolder(), "run");
  await train(source, { ...settings, epochs: 1, likelihood: "bernoulli", out });
  const rows = await sample(out, 20, { threads });
  const drawn = [...column(rows, "a"), ...column(rows, "b")] as number[];
  expect(drawn.every((value) => value > 0 && value < 1)).toBe(true);
});
