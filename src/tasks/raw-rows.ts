// Some rows of raw values in memory: picked of others, and as a source of data that tasks take.
import type { DataSource } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";

export interface RawRows {
  rows: number;
  columns: readonly ColumnInfo[];
  /** In the order of the columns. */
  values: readonly ColumnValues[];
}

/** Rows that come out at a time. */
const CHUNK = 1024;

type Flat = Float64Array | Float32Array | Uint8Array;

function pickFlat<T extends Flat>(values: T, size: number, rows: readonly number[]): T {
  const picked = new (values.constructor as new (length: number) => T)(rows.length * size);
  for (const [i, row] of rows.entries()) {
    picked.set(values.subarray(row * size, (row + 1) * size), i * size);
  }
  return picked;
}

function pickColumn(values: ColumnValues, total: number, rows: readonly number[]): ColumnValues {
  switch (values.type) {
    case "text":
      return { type: "text", values: rows.map((row) => values.values[row] ?? null) };
    case "number":
    case "time":
      return { ...values, values: pickFlat(values.values, 1, rows) };
    case "vector":
      return { ...values, values: pickFlat(values.values, values.values.length / total, rows) };
    case "image":
      return { ...values, values: pickFlat(values.values, values.values.length / total, rows) };
    case "sparse": {
      const { offsets } = values;
      const ends = rows.map((row) => [offsets[row]!, offsets[row + 1]!] as const);
      const picked = { offsets: [0], indices: [] as number[], values: [] as number[] };
      for (const [start, end] of ends) {
        picked.indices.push(...values.indices.subarray(start, end));
        picked.values.push(...values.values.subarray(start, end));
        picked.offsets.push(picked.indices.length);
      }
      return {
        type: "sparse",
        offsets: Int32Array.from(picked.offsets),
        indices: Int32Array.from(picked.indices),
        values: Float32Array.from(picked.values),
      };
    }
    default:
      return values satisfies never;
  }
}

/** These rows of a chunk, in this order. */
export function pickValues(
  values: readonly ColumnValues[],
  total: number,
  rows: readonly number[],
): ColumnValues[] {
  return values.map((column) => pickColumn(column, total, rows));
}

export const pickRows = ({ columns, values, rows: total }: RawRows, rows: readonly number[]) => ({
  rows: rows.length,
  columns,
  values: pickValues(values, total, rows),
});

/** At most so many places of `total`, evenly among them. */
export function evenly(total: number, most: number): number[] {
  const count = Math.min(total, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
}

/** The rows as tasks take them. */
export function sourceOfRows(name: string, raw: RawRows): DataSource {
  const { rows, columns, values } = raw;
  return {
    source: name,
    rows,
    columns: [...columns],
    notes: [],
    async *chunks(names = columns.map((column) => column.name)) {
      const wanted = names.map((each) => values[columns.findIndex(({ name }) => name === each)]!);
      for (let start = 0; start < rows; start += CHUNK) {
        const count = Math.min(CHUNK, rows - start);
        const places = Array.from({ length: count }, (_, i) => start + i);
        yield { rows: count, columns: pickValues(wanted, rows, places) };
      }
    },
  };
}
