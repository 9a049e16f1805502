// What columns seem to be: of small tables made here, and of real data.
import { expect, test } from "vitest";
import type { DataSource } from "#elbo/data/source.js";
import { openTable } from "#elbo/data/tables/open.js";
import type { Field } from "#elbo/fields/field.js";
import { findingsOf } from "#elbo/fields/findings.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { proposeFields } from "#elbo/fields/propose.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { realData } from "../helpers/data.ts";
import { booleans, numbers, type TestColumn, table, texts, times } from "./table.ts";

const rows = 400;
const fill = <Cell>(cell: (i: number) => Cell, length = rows): Cell[] =>
  Array.from({ length }, (_, i) => cell(i));
const sequence = new Sequence(7, 0, 0);
const normals = fill(() => sequence.normal());

/** `kind role` of a column that stands beside another. */
async function proposed(column: TestColumn): Promise<string> {
  const size = column.info.type === "vector" ? column.info.size : 1;
  const beside = numbers("beside", normals.slice(0, column.cells.length / size));
  const profiles = await profileColumns(table([column, beside]));
  const [field] = proposeFields(profiles);
  return `${field!.kind} ${field!.role}`;
}

test.each<[string, TestColumn, string]>([
  ["fractions", numbers("x", normals), "real data"],
  [
    "half steps",
    numbers(
      "x",
      fill((i) => (i % 7) / 2),
    ),
    "real data",
  ],
  [
    "0 and 1",
    numbers(
      "x",
      fill((i) => i % 2),
    ),
    "binary data",
  ],
  [
    "false and true",
    booleans(
      "x",
      fill((i) => i % 2),
    ),
    "binary data",
  ],
  [
    "1 and 2",
    numbers(
      "x",
      fill((i) => 1 + (i % 2)),
    ),
    "categorical data",
  ],
  [
    "few whole numbers",
    numbers(
      "x",
      fill((i) => i % 15),
    ),
    "categorical data",
  ],
  [
    "years",
    numbers(
      "year",
      fill((i) => 2007 + (i % 3)),
    ),
    "categorical data",
  ],
  [
    "small counts",
    numbers(
      "x",
      fill((i) => i % 60),
    ),
    "count data",
  ],
  [
    "whole lengths",
    numbers(
      "x",
      fill((i) => 170 + (i % 60)),
    ),
    "real data",
  ],
  [
    "amounts, most of them 0",
    numbers(
      "x",
      fill((i) => (i % 5 === 0 ? Math.round(Math.exp(normals[i]! + 8)) : 0)),
    ),
    "positive data",
  ],
  [
    "amounts, few of them 0",
    numbers(
      "x",
      fill((i) => (i % 25 > 0 ? Math.round(Math.exp(normals[i]! + 8)) : 0)),
    ),
    "count data",
  ],
  [
    "counts with a long tail, many of them 0",
    numbers(
      "x",
      fill((i) => (i % 5 > 0 ? Math.round(Math.exp(2.5 * normals[i]! + 2)) : 0)),
    ),
    "count data",
  ],
  ["log-normal", numbers("x", normals.map(Math.exp)), "positive data"],
  [
    "skewed, with zeros",
    numbers(
      "x",
      fill((i) => (i % 9) * Math.exp(normals[i]!)),
    ),
    "positive data",
  ],
  [
    "skewed, with few zeros",
    numbers(
      "x",
      fill((i) => (i % 25) * Math.exp(normals[i]!)),
    ),
    "real data",
  ],
  [
    "row numbers called id",
    numbers(
      "id",
      fill((i) => i),
    ),
    "real id",
  ],
  [
    "row numbers called passengerId",
    numbers(
      "passengerId",
      fill((i) => 1 + i),
    ),
    "real id",
  ],
  [
    "row numbers called minute",
    numbers(
      "minute",
      fill((i) => i * 3),
    ),
    "real data",
  ],
  [
    "an id that repeats",
    numbers(
      "store_id",
      fill((i) => 1000 + (i % 40)),
    ),
    "categorical data",
  ],
  [
    "a word that ends in id",
    numbers(
      "acid",
      fill((i) => i),
    ),
    "count data",
  ],
  [
    "constant",
    numbers(
      "x",
      fill(() => 3),
    ),
    "real ignore",
  ],
  [
    "all missing",
    numbers(
      "x",
      fill(() => Number.NaN),
    ),
    "real ignore",
  ],
  [
    "words",
    texts(
      "x",
      fill((i) => `w${i % 50}`),
    ),
    "categorical data",
  ],
  [
    "unique texts",
    texts(
      "x",
      fill((i) => `w${i}`),
    ),
    "text id",
  ],
  [
    "nearly unique texts",
    texts(
      "x",
      fill((i) => `w${Math.max(i, 5)}`),
    ),
    "text id",
  ],
  [
    "one text",
    texts(
      "x",
      fill((i) => (i % 3 === 0 ? null : "a")),
    ),
    "categorical ignore",
  ],
  [
    "sentences",
    texts(
      "x",
      fill((i) => `This is what the ${i}th customer had to say of it.`),
    ),
    "text ignore",
  ],
  [
    "long names of classes",
    texts(
      "x",
      fill((i) => `Species of the very long name number ${i % 5}`),
    ),
    "categorical data",
  ],
  [
    "dates",
    times(
      "x",
      fill((i) => i * 86_400_000),
    ),
    "time condition",
  ],
  [
    "dates in no order",
    times(
      "x",
      fill((i) => ((i * 7) % 11) * 86_400_000),
    ),
    "time data",
  ],
  [
    "a column that the source carries along",
    { info: { name: "x", type: "text", role: "id" }, cells: fill((i) => `w${i % 5}`) },
    "categorical id",
  ],
])("%s", async (_, column, expected) => {
  if (expected === "real id" || expected === "real ignore") {
    expect((await proposed(column)).split(" ")[1]).toBe(expected.split(" ")[1]);
  } else expect(await proposed(column)).toBe(expected);
});

test("texts without another column are what there is to learn", async () => {
  const cells = fill((i) => `line ${i} of a text that goes on for some time`);
  const [field] = proposeFields(await profileColumns(table([texts("text", cells)])));
  expect(field).toMatchObject({ kind: "text", role: "data", likelihood: "categorical" });
  const position: TestColumn = {
    info: { name: "position", type: "number", role: "id" },
    cells: fill((i) => i),
  };
  const fields = proposeFields(await profileColumns(table([texts("text", cells), position])));
  expect(fields.map(({ role }) => role)).toEqual(["data", "id"]);
});

test("levels are ordered, and statistics neutral", async () => {
  const profiles = await profileColumns(
    table([
      texts("t", ["b", "a", null, "a", "b", "a", "a"]),
      numbers("n", [10, 9, 10, 9, 10, 9, 10]),
      numbers("r", [0.5, 1.5, 2.5, 1, 2, 3, 4]),
    ]),
  );
  const [t, n, r] = proposeFields(profiles);
  expect(t).toMatchObject({ levels: ["a", "b"], of: "text", shares: [], gaps: true });
  expect(n).toMatchObject({ levels: ["9", "10"], of: "number", gaps: false });
  expect(r).toMatchObject({ mean: 0, deviation: 1, resolution: 0, scale: "standardize" });
});

test("texts that few rows share name what rows are of", async () => {
  const roleOf = async (levels: number, length: number, texts = length) => {
    const cells = fill((i) => `${i < texts ? "w" : ""}${(i * 7) % levels}`, length);
    const named = { info: { name: "t", type: "text" }, cells } as const;
    const other = numbers(
      "n",
      fill((i) => Math.sin(i), length),
    );
    const [field] = proposeFields(await profileColumns(table([named, other])));
    return `${field!.kind} ${field!.role}`;
  };
  expect(await roleOf(60, 170)).toBe("text id");
  expect(await roleOf(60, 190)).toBe("categorical data");
  // Of a small table, levels that would come again in a larger one.
  expect(await roleOf(40, 60)).toBe("categorical data");
  // Numbers with a slip are no names.
  expect(await roleOf(60, 170, 1)).toBe("categorical data");
});

test("times that rows follow each other by are a condition, where others are data", async () => {
  const hour = 3_600_000;
  const value = numbers(
    "value",
    fill((i) => Math.sin(i) * 1.5),
  );
  const rolesOf = async (cells: number[]) => {
    const fields = proposeFields(await profileColumns(table([times("at", cells), value])));
    return fields.map(({ role }) => role);
  };
  expect(await rolesOf(fill((i) => i * hour))).toEqual(["condition", "data"]);
  // The clock is put back once.
  expect(await rolesOf(fill((i) => (i === 90 ? i - 2 : i) * hour))).toEqual(["condition", "data"]);
  expect(await rolesOf(fill((i) => Math.floor(i / 2) * hour))).toEqual(["data", "data"]);
  expect(await rolesOf(fill((i) => (i % 50) * hour))).toEqual(["data", "data"]);
});

test("vectors of counts and others", async () => {
  const info = { name: "x", type: "vector", size: 2, sparse: false } as const;
  const likelihood = async (cells: Float32Array) => {
    const [field] = proposeFields(await profileColumns(table([{ info, cells }])));
    return (field as Extract<Field, { kind: "vector"; likelihood: string }>).likelihood;
  };
  expect(await likelihood(Float32Array.of(0, 9, 2, 1))).toBe("negative-binomial");
  expect(await likelihood(Float32Array.of(0, 9, 2, 0.5))).toBe("gaussian");
  expect(await likelihood(Float32Array.of(0, 9, 2, -1))).toBe("gaussian");
  // Grades from 0 to 4: what ends is no count.
  expect(await likelihood(Float32Array.from({ length: 40 }, (_, i) => i % 5))).toBe("gaussian");
  // Which of many things are there.
  const rare = Float32Array.from({ length: 400 }, (_, i) => (i % 23 === 0 ? 1 : 0));
  expect(await likelihood(rare)).toBe("negative-binomial");
  // Grey levels of a satellite.
  expect(await likelihood(Float32Array.of(27, 130, 92, 80))).toBe("gaussian");
});

test.each([
  [[0.1, 0.2, 0.9], 0, 1],
  [[0, 17, 200], 0, 255],
  [[-1, 0, 1], -1, 1],
])("pixels of floats %j are brought to 0 … 1 from %d to %d", async (cells, low, high) => {
  const info = { name: "x", type: "image", height: 1, width: 1, channels: 1 } as const;
  const column = { info, cells: Float32Array.from(cells) };
  const [field] = proposeFields(await profileColumns(table([column])));
  expect(field).toMatchObject({ bytes: false, low, high, likelihood: "bernoulli" });
});

/** Names of the columns of each `kind`, or `kind role` where the role is not data. */
async function kindsOf(path: string) {
  const source: DataSource = await openTable(path);
  const profiles = await profileColumns(source);
  const fields = proposeFields(profiles);
  const kinds: Record<string, string[]> = {};
  for (const { name, kind, role } of fields) {
    const key = role === "data" ? kind : `${kind} ${role}`;
    kinds[key] = [...(kinds[key] ?? []), name];
  }
  const findings = findingsOf(source, profiles, fields).map(
    ({ code, column }) => `${code} ${column}`,
  );
  return { kinds, findings };
}

const adult = realData("adult", "adult.csv");
test.skipIf(adult === undefined)("adult (skipped where its file is missing)", async () => {
  expect(await kindsOf(adult!)).toEqual({
    kinds: {
      count: ["age", "hours-per-week"],
      positive: ["fnlwgt", "capital-gain", "capital-loss"],
      categorical: [
        "workclass",
        "education",
        "education-num",
        "marital-status",
        "occupation",
        "relationship",
        "race",
        "sex",
        "native-country",
        "income",
      ],
    },
    findings: ["column-same-levels education-num", "sentinel capital-gain"],
  });
});

const housing = realData("housing", "housing.csv");
test.skipIf(housing === undefined)("housing (skipped where its file is missing)", async () => {
  expect(await kindsOf(housing!)).toEqual({
    kinds: {
      real: ["longitude", "latitude", "median_house_value"],
      count: ["housing_median_age"],
      positive: ["total_rooms", "total_bedrooms", "population", "households", "median_income"],
      categorical: ["ocean_proximity"],
    },
    findings: [],
  });
});

const penguins = realData("penguins", "penguins.csv");
test.skipIf(penguins === undefined)("penguins (skipped where its file is missing)", async () => {
  expect(await kindsOf(penguins!)).toEqual({
    kinds: {
      categorical: ["species", "island", "sex", "year"],
      real: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
    },
    findings: [],
  });
  const raw = await kindsOf(realData("penguins", "penguins_raw.csv")!);
  expect(raw.findings).toEqual([
    "column-constant Region",
    "column-constant Stage",
    "column-identifies Individual ID",
  ]);
  expect(raw.kinds["time"]).toEqual(["Date Egg"]);
});
