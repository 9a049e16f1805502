// The columns that are written to tables: what each holds, and the values given for it.
import { ElboError } from "../../base/errors.ts";

export type TableColumnType =
  | "float32"
  | "float64"
  | "int32"
  | "uint8"
  | "text"
  /** false and true; as numbers, 0 and others. */
  | "boolean"
  /** Milliseconds since 1970-01-01T00:00Z. */
  | "time"
  /** The same, whole days. */
  | "date";

export interface TableColumn {
  name: string;
  type: TableColumnType;
  /** Of times and dates in files of text: how they are written, in strftime's codes. Default: ISO 8601. */
  format?: string;
}

/** One value a row. NaN and null are missing values. */
export type TableValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | readonly (number | null)[]
  | readonly (string | null)[]
  | readonly (boolean | null)[];

/** A value as text formats and Parquet take it; missing is null. */
export type Cell = number | string | boolean | null;

export function usageError(code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, kind: "usage", message, hint });
}

/** Checks the columns of a table: at least one, with names that differ. */
export function checkColumns(columns: readonly TableColumn[]): void {
  if (columns.length === 0) {
    throw usageError(
      "table-empty",
      "a table has at least one column, received none",
      "give a column",
    );
  }
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) {
      throw usageError(
        "column-duplicate",
        `two columns of the output are called ${JSON.stringify(name)}`,
        "rename the column in the data",
      );
    }
    names.add(name);
  }
}

function badValue(column: TableColumn, value: unknown): ElboError {
  const received = typeof value === "number" ? value : `a ${typeof value}`;
  return usageError(
    "column-values",
    `column ${JSON.stringify(column.name)} holds ${column.type} values, received ${received}`,
    "convert its values, or give the column another type",
  );
}

/** The furthest from 1970 that a Date, and so ISO 8601 text, reaches. */
const furthestTime = 8.64e15;

const fits: Record<TableColumnType, (value: unknown) => boolean> = {
  float32: (value) => typeof value === "number",
  float64: (value) => typeof value === "number",
  int32: (value) => Number.isInteger(value) && (value as number) === ((value as number) | 0),
  uint8: (value) => Number.isInteger(value) && (value as number) === ((value as number) & 255),
  text: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean" || typeof value === "number",
  time: (value) => typeof value === "number" && Math.abs(value) <= furthestTime,
  date: (value) => typeof value === "number" && Math.abs(value) <= furthestTime,
};

/** Arrays all of whose values a column takes; the values of others are looked at. */
function takesAll({ type }: TableColumn, values: TableValues): boolean {
  if (type === "float32" || type === "float64" || type === "boolean") {
    return ArrayBuffer.isView(values);
  }
  return (
    (type === "int32" && values instanceof Int32Array) ||
    (type === "uint8" && values instanceof Uint8Array)
  );
}

export const isMissing = (value: unknown): boolean => value === null || Number.isNaN(value);

/** Checks that there are `rows` values for each column, and that they are of its type. */
export function checkValues(
  columns: readonly TableColumn[],
  values: readonly TableValues[],
  rows: number,
): void {
  if (values.length !== columns.length) {
    throw usageError(
      "column-count",
      `the table has ${columns.length} columns, received values of ${values.length}`,
      "give the values of every column",
    );
  }
  columns.forEach((column, i) => {
    const own = values[i]!;
    if (own.length !== rows) {
      throw usageError(
        "column-length",
        `column ${JSON.stringify(column.name)} has ${own.length} rows, received values of ${rows}`,
        "give every column one value for each row",
      );
    }
    if (takesAll(column, own)) return;
    for (const value of own) {
      if (!isMissing(value) && !fits[column.type](value)) throw badValue(column, value);
    }
  });
}

/** The values of a column as cells: missing ones null, times still as milliseconds. */
export function cellsOf({ type }: TableColumn, values: TableValues): (row: number) => Cell {
  if (type === "boolean") {
    return (row) => (isMissing(values[row]) ? null : Boolean(values[row]));
  }
  return (row) => {
    const value = values[row]!;
    return Number.isNaN(value) ? null : value;
  };
}
