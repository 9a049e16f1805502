// Rows of every kind of field, with gaps and levels that training has not seen, and models of them
// whose weights say something.
import type { DataSource } from "#elbo/data/source.js";
import type { Chunk, ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import type { Field, FieldSchema } from "#elbo/fields/field.js";
import { parametersOf } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Run } from "#elbo/tasks/run.js";
import {
  binary,
  categorical,
  count,
  image,
  ordinal,
  positive,
  real,
  schemaOf,
  text,
  time,
  vector,
} from "../../fields/schemas.ts";
import { linearGaussianRun } from "../linear-gaussian.ts";

const DAY = 86_400_000;
const { NaN: gap } = Number;
export const rows = 12;

const row = <T>(of: (i: number) => T): T[] => Array.from({ length: rows }, (_, i) => of(i));
const numbers = (of: (i: number) => number): ColumnValues => ({
  type: "number",
  values: Float64Array.from(row(of)),
});
const moments = (of: (i: number) => number): ColumnValues => ({
  type: "time",
  values: Float64Array.from(row(of)),
});
const words = (of: (i: number) => string | null): ColumnValues => ({
  type: "text",
  values: row(of),
});
const wide = (size: number, of: (i: number, j: number) => number) =>
  row((i) => Array.from({ length: size }, (_, j) => of(i, j))).flat();

interface Column {
  field: Field;
  info: ColumnInfo;
  values: ColumnValues;
}

const number = (name: string) => ({ name, type: "number" }) as const;
const word = (name: string) => ({ name, type: "text" }) as const;

const levels = Array.from({ length: 300 }, (_, k) => `level ${k}`);

/** A column of each sort. */
export const every = {
  real: {
    field: real("height", { mean: 170.25, deviation: 9.5, decimals: 1, resolution: 0.1 }),
    info: number("height"),
    values: numbers((i) => (i === 3 ? gap : 150.1 + 3.7 * i)),
  },
  second: {
    field: real("π ratio", { likelihood: "gaussian", mean: -0.2, deviation: 0.013 }),
    info: number("π ratio"),
    values: numbers((i) => (i === 0 ? gap : -0.2 + 0.001 * i)),
  },
  ranked: {
    field: real("ranked", {
      ...{ scale: "quantile", quantiles: [0, 1, 1, 2.5, 9], mean: 3, deviation: 2 },
      likelihood: "student-t",
    }),
    info: number("ranked"),
    values: numbers((i) => (i === 4 ? gap : i * 0.8)),
  },
  mixture: {
    field: real("two peaks", { likelihood: "gaussian-mixture", mean: 5, deviation: 3 }),
    info: number("two peaks"),
    values: numbers((i) => (i % 2) * 9 + i / 10),
  },
  positive: {
    field: positive("income", { offset: 0.5, mean: 3, deviation: 1.2, decimals: 2 }),
    info: number("income"),
    values: numbers((i) => (i === 7 ? gap : i * i * 3.25)),
  },
  hurdle: {
    field: positive("gain", {
      ...{ likelihood: "hurdle-log-normal", zeros: 0.4, largest: 900 },
      ...{ mean: 3, deviation: 1.2, decimals: 2 },
    }),
    info: number("gain"),
    values: numbers((i) => (i === 6 ? gap : i % 3 ? 0 : 2 + i * 12.5)),
  },
  gamma: {
    field: positive("weight", { likelihood: "gamma", mean: 1, deviation: 0.7 }),
    info: number("weight"),
    values: numbers((i) => 0.25 + i),
  },
  count: {
    field: count("visits", { mean: 1.5, deviation: 0.8, logMean: 1.4, spread: 3 }),
    info: number("visits"),
    values: numbers((i) => (i === 9 ? gap : (7 * i) % 11)),
  },
  flag: {
    field: binary("member", { boolean: true, mean: 0.3 }),
    info: { name: "member", type: "number", boolean: true },
    values: numbers((i) => (i === 5 ? gap : i % 2)),
  },
  text: {
    field: categorical("city", ["Bern", "Zürich", "d'Or"], { shares: [0.5, 0.3, 0.2] }),
    info: word("city"),
    values: words((i) => ["Bern", "Zürich", null, "d'Or", "Atlantis"][i % 5]!),
  },
  empty: {
    field: categorical("may be empty", ["", "full"]),
    info: word("may be empty"),
    values: words((i) => ["", "full", null][i % 3]!),
  },
  numbered: {
    field: categorical("grade", ["1", "2.5", "-3"], { of: "number" }),
    info: number("grade"),
    values: numbers((i) => [1, 2.5, -3, 7, gap][i % 5]!),
  },
  boolean: {
    field: categorical("alive", ["false", "true"], { of: "boolean" }),
    info: { name: "alive", type: "number", boolean: true },
    values: numbers((i) => [0, 1, gap][i % 3]!),
  },
  many: {
    field: categorical("street", levels, { shares: levels.map((_, k) => (k + 1) / 45_150) }),
    info: word("street"),
    values: words((i) => (i === 2 ? null : i === 6 ? "nowhere" : levels[25 * i]!)),
  },
  ordinal: {
    field: ordinal("size", ["S", "M", "L", "XL"]),
    info: word("size"),
    values: words((i) => ["S", "XL", null, "M", "XXL", "L"][i % 6]!),
  },
  date: {
    field: time("joined", true, { mean: 18_000, deviation: 400 }),
    info: { name: "joined", type: "time", date: true },
    values: moments((i) => (i === 8 ? gap : (17_500 + 91 * i) * DAY)),
  },
  moment: {
    field: time("seen", false, { mean: -300.25, deviation: 77, resolution: 1 / DAY }),
    info: { name: "seen", type: "time" },
    values: moments((i) => (i === 1 ? gap : -400.3 * DAY + i * 1_234_567_891)),
  },
  vector: {
    field: vector("spectrum", 3, { mean: [1, 20, -3], deviation: [0.5, 7, 0.01] }),
    info: { name: "spectrum", type: "vector", size: 3, sparse: false },
    values: {
      type: "vector",
      values: Float32Array.from(
        wide(3, (i, j) => (i === 3 && j === 1 ? gap : [1, 15, -3][j]! + i)),
      ),
    },
  },
} satisfies Record<string, Column>;

export const picture: Column = {
  field: image("picture", [4, 3, 2], { gaps: false }),
  info: { name: "picture", type: "image", height: 4, width: 3, channels: 2 },
  values: { type: "image", values: Uint8Array.from(wide(24, (i, j) => (i * 37 + j * 11) % 256)) },
};

export const genes: Column = {
  field: vector("genes", 4, {
    ...{ likelihood: "negative-binomial", counts: true, sparse: true, total: 14 },
    ...{ mean: [6, 7, 5, 3], deviation: [1, 0.5, 1, 2], spread: [2, 3, 1, 1] },
    ...{ logShare: [-1, -0.8, -2, -3], logInverseDispersion: [0, 0.5, 0, 0] },
  }),
  info: { name: "genes", type: "vector", size: 4, sparse: true },
  values: {
    type: "sparse",
    offsets: Int32Array.from({ length: rows + 1 }, (_, i) => 2 * i),
    indices: Int32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 0 : 1 + (i % 3))),
    values: Float32Array.from({ length: 2 * rows }, (_, i) => (i === 5 ? gap : 1 + (i % 7))),
  },
};

export const words3: Column = {
  field: text("note", { vocabulary: ["a", "b", "é"], length: 5 }),
  info: word("note"),
  values: words((i) => [null, "", "ab", "éaé", "abé a", "bbbbbbb"][i % 6]!),
};

export interface Case {
  schema: FieldSchema;
  source: DataSource;
}

/** The rows of some columns, with their fields. */
export function caseOf(columns: readonly Column[]): Case {
  const byName = new Map(columns.map((column) => [column.info.name, column]));
  return {
    schema: schemaOf(...columns.map(({ field }) => field)),
    source: {
      source: "every kind",
      rows,
      columns: columns.map(({ info }) => info),
      notes: [],
      async *chunks(names = [...byName.keys()]): AsyncGenerator<Chunk> {
        yield { rows, columns: names.map((name) => byName.get(name)!.values) };
      },
    },
  };
}

export const withRole = (column: Column, role: "target" | "condition"): Column => ({
  ...column,
  field: { ...column.field, role } as Field,
});

/** A run of such fields whose every weight is drawn. */
export function runOf(schema: FieldSchema, model: ModelConfig): Run {
  const random = new Random(3);
  const weights = new Map(
    parametersOf(schema, model).specs.map(({ name, shape }, index) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = random.normal(streams.initialization, index, size);
      return [name, values.map((value) => 0.3 * value)] as const;
    }),
  );
  const run = linearGaussianRun();
  // It was trained on no rows, and keeps none.
  const none = { rows: 0, groups: new Map(), weights: null };
  const reference = async () => ({ training: none, heldOut: none, anomalies: none });
  return { ...run, weights, reference, config: { ...run.config, schema, model } };
}
