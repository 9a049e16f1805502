// The columns that are written to tables: what each holds, and the values given for it.
import { ElboError } from "../../base/errors.ts";

/** Integers, by their bits. */
export type WholeType =
  | ("int8" | "int16" | "int32" | "int64")
  | ("uint8" | "uint16" | "uint32" | "uint64");

export type TableColumnType =
  /** Halves in files of arrays; elsewhere float32. */
  | "float16"
  | "float32"
  | "float64"
  | WholeType
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
  | (Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array)
  | BigInt64Array
  | BigUint64Array
  | readonly (number | bigint | null)[]
  | readonly (string | null)[]
  | readonly (boolean | null)[];

/** A value as text formats and Parquet take it; missing is null. */
export type Cell = number | bigint | string | boolean | null;

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

/** Whether a value is an integer, and of so many bits. */
const whole = (bits: number, signed: boolean) => (value: unknown) => {
  if (typeof value !== "bigint" && !Number.isInteger(value)) return false;
  const own = BigInt(value as number | bigint);
  return own === (signed ? BigInt.asIntN(bits, own) : BigInt.asUintN(bits, own));
};

const fits: Record<TableColumnType, (value: unknown) => boolean> = {
  float16: (value) => typeof value === "number",
  float32: (value) => typeof value === "number",
  float64: (value) => typeof value === "number",
  ...{ int8: whole(8, true), int16: whole(16, true), int32: whole(32, true) },
  ...{ uint8: whole(8, false), uint16: whole(16, false), uint32: whole(32, false) },
  ...{ int64: whole(64, true), uint64: whole(64, false) },
  text: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean" || typeof value === "number",
  time: (value) => typeof value === "number" && Math.abs(value) <= furthestTime,
  date: (value) => typeof value === "number" && Math.abs(value) <= furthestTime,
};

/** What holds whole numbers of a type, all of which fit. */
export const arraysOf = {
  ...{ int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array },
  ...{ uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array },
} as const;

/** Arrays all of whose values a column takes; the values of others are looked at. */
function takesAll({ type }: TableColumn, values: TableValues): boolean {
  if (type.startsWith("float") || type === "boolean") {
    return ArrayBuffer.isView(values);
  }
  return values instanceof (arraysOf[type as WholeType] ?? Function);
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
