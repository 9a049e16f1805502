// The columns that are written to tables, and what kind of values each holds.
import { ElboError } from "../../base/errors.ts";

export type ColumnValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | readonly (number | null)[]
  | readonly (string | null)[]
  | readonly (boolean | null)[];

export interface OutputColumn {
  name: string;
  /** One a row. NaN and null are missing values. */
  values: ColumnValues;
}

export type ColumnKind = "float32" | "float64" | "int32" | "uint8" | "text" | "boolean";

/** A column whose kind is known; lists of numbers count as float64. */
export interface TypedColumn {
  name: string;
  kind: ColumnKind;
  rows: number;
  /** NaN comes as null. */
  at(row: number): number | string | boolean | null;
  values: ColumnValues;
}

function wrong(code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, kind: "usage", message, hint });
}

function kindOf({ name, values }: OutputColumn): ColumnKind {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Int32Array) return "int32";
  if (values instanceof Uint8Array) return "uint8";
  const types = new Set<string>();
  for (const value of values) if (value !== null) types.add(typeof value);
  const [type = "number"] = types;
  if (types.size <= 1 && type === "number") return "float64";
  if (types.size === 1 && type === "string") return "text";
  if (types.size === 1 && type === "boolean") return "boolean";
  throw wrong(
    "column-values",
    `column ${JSON.stringify(name)} holds ${[...types].join(" and ")} values; a column holds numbers, strings or booleans`,
    "convert its values to one kind",
  );
}

/** Checks the columns of a table: at least one, names that differ, as many rows in each. */
export function typedColumns(columns: readonly OutputColumn[]): TypedColumn[] {
  const rows = columns[0]?.values.length;
  if (rows === undefined) {
    throw wrong("table-empty", "a table has at least one column, received none", "give a column");
  }
  const names = new Set<string>();
  return columns.map((column) => {
    const { name, values } = column;
    if (names.has(name)) {
      throw wrong(
        "column-duplicate",
        `two columns of the output are called ${JSON.stringify(name)}`,
        "rename the column in the data",
      );
    }
    names.add(name);
    if (values.length !== rows) {
      throw wrong(
        "column-length",
        `column ${JSON.stringify(name)} has ${values.length} rows, ${JSON.stringify(columns[0]!.name)} has ${rows}`,
        "give every column one value for each row",
      );
    }
    const at = (row: number) => {
      const value = values[row]!;
      return typeof value === "number" && Number.isNaN(value) ? null : value;
    };
    return { name, kind: kindOf(column), rows, at, values };
  });
}

/**
 * A column as an array of numbers: missing values are NaN, booleans 0 and 1; undefined for text.
 */
export function numbersOf(
  column: TypedColumn,
): Float32Array | Float64Array | Int32Array | Uint8Array | undefined {
  const { values, kind, rows } = column;
  if (kind === "text") return undefined;
  if (ArrayBuffer.isView(values)) return values;
  const whole = kind === "boolean" && !values.some((value) => value === null);
  const numbers = whole ? new Uint8Array(rows) : new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    numbers[row] = value === null ? Number.NaN : Number(value);
  }
  return numbers;
}
