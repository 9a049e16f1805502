// The values of DuckDB's vectors in arrays of our own.
import type { DuckDBVector } from "@duckdb/node-api";
import {
  type ColumnInfo,
  type ColumnValues,
  type WideNumbers,
  wideArrays,
} from "../../fields/columns.ts";

/**
 * A member that node-api 1.5 has but does not promise: a call of `getItem` for each cell takes
 * 20 times as long.
 */
const member = (vector: DuckDBVector, name: string): unknown => Reflect.get(vector, name);

function doubles(vector: DuckDBVector, rows: number): Float64Array {
  const items = member(vector, "items");
  if (items instanceof Float64Array && items.length === rows) return items.slice();
  return Float64Array.from({ length: rows }, (_, row) => Number(vector.getItem(row)));
}

function floats(vector: DuckDBVector, rows: number, size: number): Float32Array {
  const child = member(vector, "childData");
  const items = typeof child === "object" && child !== null ? Reflect.get(child, "items") : null;
  if (items instanceof Float32Array && items.length === rows * size) return items.slice();
  const values = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const item = vector.getItem(row) as { items: readonly number[] };
    values.set(item.items, row * size);
  }
  return values;
}

/** Numbers of eight bytes, one a row or vectors of them, as they stand. */
export function wideNumbers(info: ColumnInfo, vector: DuckDBVector, rows: number): WideNumbers {
  const element = info.type === "number" || info.type === "vector" ? info.element : undefined;
  const Numbers = wideArrays(element);
  const size = info.type === "vector" ? info.size : 1;
  const holder = info.type === "vector" ? member(vector, "childData") : vector;
  const items = typeof holder === "object" && holder !== null ? Reflect.get(holder, "items") : null;
  if (items instanceof Numbers && items.length === rows * size) return items.slice();
  const values = new Numbers(rows * size);
  for (let row = 0; row < rows; row++) {
    const item = vector.getItem(row);
    const own = info.type === "vector" ? (item as { items: unknown[] }).items : [item];
    for (let i = 0; i < size; i++) values[row * size + i] = own[i] as never;
  }
  return values;
}

/** The values of a column of numbers, times or vectors, whose expression left no nulls. */
export function numericValues(info: ColumnInfo, vector: DuckDBVector, rows: number): ColumnValues {
  switch (info.type) {
    case "number":
    case "time":
      return { type: info.type, values: doubles(vector, rows) };
    case "vector":
      return { type: "vector", values: floats(vector, rows, info.size) };
    default:
      throw new Error(`${info.type} is no type of numbers`);
  }
}

/** The first row of a chunk's column that holds an infinite number, or −1. */
export function infiniteRow(column: ColumnValues, rows: number): number {
  if (column.type !== "number" && column.type !== "vector") return -1;
  const { values } = column;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      return Math.floor((i * rows) / values.length);
    }
  }
  return -1;
}
