// Made-up rows of every kind, with gaps, as a source; and batches of them as plain numbers.
import type { DataSource } from "#elbo/data/source.js";
import { type BatchDraw, Feeder } from "#elbo/data/store/feeder.js";
import type { Chunk, ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import { layoutOf, maskInput, maskSize, rowsInput, WEIGHTS } from "#elbo/fields/layout.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { streams } from "#elbo/runtime/random.js";
import type { Slot } from "#elbo/runtime/slots.js";
import {
  categorical,
  column,
  image,
  real,
  schemaOf,
  time,
  vector,
  weight,
} from "../../fields/schemas.ts";

const { NaN: gap } = Number;

/** The row's number is in `id`, so that rows are recognised wherever they end up. */
export const mixedSchema: FieldSchema = schemaOf(
  real("id"),
  real("x"),
  categorical("c", ["a", "b", "c"]),
  time("t", false),
  image("i", [2, 3, 1]),
  vector("wide", 40),
  vector("v", 50, { sparse: true }),
  weight("w"),
);

const columns: ColumnInfo[] = [
  ...[column.number("id"), column.number("x"), column.text("c"), column.time("t")],
  ...[column.image("i", 2, 3, 1), column.vector("wide", 40), column.vector("v", 50, true)],
  column.number("w"),
];

function values(name: string, from: number, to: number): ColumnValues {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  const each = (of: (row: number) => number) => Float64Array.from(rows, of);
  const wide = (size: number, of: (row: number, i: number) => number) =>
    rows.flatMap((row) => Array.from({ length: size }, (_, i) => of(row, i)));
  switch (name) {
    case "id":
      return { type: "number", values: each((row) => row) };
    case "x":
      return { type: "number", values: each((row) => (row % 7 === 3 ? gap : row / 2)) };
    case "w":
      return { type: "number", values: each((row) => 1 + (row % 3)) };
    case "c":
      return { type: "text", values: rows.map((row) => ["a", "b", "c", null, "z"][row % 5]!) };
    case "t":
      return { type: "time", values: each((row) => (row % 4 === 1 ? gap : (row - 5) * 1e7)) };
    case "i":
      return { type: "image", values: Uint8Array.from(wide(6, (row, i) => row * 7 + i)) };
    case "wide":
      return {
        type: "vector",
        values: Float32Array.from(wide(40, (row, i) => (row % 6 === 0 && i === 9 ? gap : row + i))),
      };
    case "v": {
      const kept = rows.map((row) => row % 4);
      const offsets = [0];
      for (const count of kept) offsets.push(offsets.at(-1)! + count);
      return {
        type: "sparse",
        offsets: Int32Array.from(offsets),
        indices: Int32Array.from(
          rows.flatMap((row, i) => new Array(kept[i]).fill(0).map((_, k) => (row % 10) + k)),
        ),
        values: Float32Array.from(
          rows.flatMap((row, i) =>
            new Array(kept[i]).fill(0).map((_, k) => (k === 2 ? gap : row + 1)),
          ),
        ),
      };
    }
    default:
      throw new Error(name);
  }
}

/** `chunkRows` rows at a time; `infinite` is the number of a row that cannot be packed. */
export function mixedSource(rows: number, chunkRows = 1000, infinite = -1): DataSource {
  return {
    source: "mixed",
    rows,
    columns,
    notes: [],
    async *chunks(names = columns.map(({ name }) => name)): AsyncGenerator<Chunk> {
      for (let from = 0; from < rows; from += chunkRows) {
        const to = Math.min(rows, from + chunkRows);
        const chunk = { rows: to - from, columns: names.map((name) => values(name, from, to)) };
        const x = chunk.columns[names.indexOf("x")];
        if (x?.type === "number" && infinite >= from && infinite < to) {
          x.values[infinite - from] = Infinity;
        }
        yield chunk;
      }
    },
  };
}

export const drawOf = (more: Partial<BatchDraw> = {}): BatchDraw => ({
  ...{ seed: 5, step: 1, noiseStream: streams.posterior, firstRow: 0, ...more },
});

/** Inputs for all groups of a schema and their masks, and what is in them. */
export function inputsOf(schema: FieldSchema, batch: number, masks = true) {
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, batch);
  const inputs = new Map<string, Slot>();
  for (const layout of layoutOf(schema)) {
    inputs.set(rowsInput(layout), plan.reserve(layout.dtype, batch * layout.elements));
    const size = maskSize(layout);
    if (masks && size > 0) inputs.set(maskInput(layout), plan.reserve("float32", batch * size));
  }
  inputs.set(WEIGHTS, plan.reserve("float32", batch));
  const memory = plan.allocate();
  /** What is in the first rows, one list of all numbers for each row. */
  const rows = (count: number): number[][] =>
    Array.from({ length: count }, (_, row) =>
      [...inputs.values()].flatMap((slot) => {
        const size = slot.length / batch;
        return [...memory.view(slot).subarray(row * size, (row + 1) * size)];
      }),
    );
  return { feeder, memory, inputs, rows };
}

/** What row `row` of the mixed rows is in the inputs, by hand. */
export function expectedRow(row: number): number[] {
  const there = (value: number) => (Number.isNaN(value) ? 0 : 1);
  const zero = (value: number) => (Number.isNaN(value) ? 0 : value);
  const of = (name: string) => [...(values(name, row, row + 1).values as Iterable<number>)];
  const [x] = of("x") as [number];
  const [moment] = of("t") as [number];
  const days = Math.floor(moment / 86_400_000);
  const wide = of("wide");
  const v = new Array<number>(50).fill(0);
  const present = new Array<number>(50).fill(1);
  const sparse = values("v", row, row + 1) as Extract<ColumnValues, { type: "sparse" }>;
  for (const [k, index] of sparse.indices.entries()) {
    v[index] = zero(sparse.values[k]!);
    present[index] = there(sparse.values[k]!);
  }
  return [
    ...[row, zero(x), 1, there(x)],
    ...[[0, 1, 2, 0, 3][row % 5]!, row % 5 === 3 ? 0 : 1],
    ...[zero(days), zero(moment - days * 86_400_000), there(moment)],
    ...of("i"),
    ...[...wide.map(zero), ...wide.map(there)],
    ...[...v, ...present],
    1 + (row % 3),
  ];
}
