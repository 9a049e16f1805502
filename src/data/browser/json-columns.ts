// What the columns of JSON records hold, decided over all of them as DuckDB decides it in Node, and
// their values.
import type { ColumnInfo, ColumnType, ColumnValues } from "../../fields/columns.ts";
import type { Json, JsonObject } from "./json-records.ts";

/** Rows by whose lists it is decided whether a column of lists is one of vectors. */
const probedRows = 2048;
/** What is larger is no integer to DuckDB. */
const wholeNumbers = 2 ** 64;

function sqlType(value: Json): string {
  if (typeof value === "number") return Number.isInteger(value) ? "BIGINT" : "DOUBLE";
  if (typeof value === "string") return "VARCHAR";
  return typeof value === "boolean" ? "BOOLEAN" : "STRUCT";
}

/** A cell in a column of texts: strings as they are, anything else as JSON writes it. */
const textOf = (cell: Json) => (typeof cell === "string" ? cell : JSON.stringify(cell));

/** What the cells of a column are, counted. */
export class JsonSurvey {
  readonly #counts = { number: 0, boolean: 0, string: 0, list: 0, object: 0 };
  #lengths = new Set<number>();
  /** SQL's names of what lists hold. */
  #elements = new Set<string>();
  #integers = true;
  #large = false;

  /** @param row over all files, from 1. */
  add(cell: Json | undefined, row: number): void {
    if (cell === null || cell === undefined) return;
    if (typeof cell === "object") {
      this.#counts[Array.isArray(cell) ? "list" : "object"]++;
      if (!Array.isArray(cell)) return;
      const list = cell as readonly Json[];
      if (row <= probedRows) this.#lengths.add(list.length);
      for (const value of list) if (value !== null) this.#elements.add(sqlType(value));
      return;
    }
    this.#counts[typeof cell as "number" | "boolean" | "string"]++;
    if (typeof cell === "number") {
      if (!Number.isInteger(cell)) this.#integers = false;
      const size = Math.abs(cell);
      if (size > Number.MAX_SAFE_INTEGER && size < wholeNumbers) this.#large = true;
    }
  }

  /** Integers that float64 does not hold. */
  get inexact(): boolean {
    return this.#large && this.#integers && this.#counts.string === 0;
  }

  /** The column, or the name of a type that no field could take. */
  column(name: string): ColumnInfo | string {
    const { number, boolean, string, list, object } = this.#counts;
    const all = number + boolean + string + list + object;
    if (all === number) return { name, type: "number" };
    if (all === boolean) return { name, type: "number", boolean: true };
    if (all === object) return "STRUCT";
    if (all === list) {
      const [size] = this.#lengths;
      const numbers = [...this.#elements].every((of) => of === "BIGINT" || of === "DOUBLE");
      if (numbers && this.#lengths.size === 1 && size! > 0) {
        return { name, type: "vector", size: size!, sparse: false };
      }
      if (numbers) return this.#elements.has("DOUBLE") ? "DOUBLE[]" : "BIGINT[]";
      return this.#elements.size === 1 ? `${[...this.#elements][0]}[]` : "JSON[]";
    }
    return { name, type: "text" };
  }
}

/** A cell that is not what all cells of its column were. */
export interface OddCell {
  row: number;
  cell: Json;
}

const isOdd = (values: ColumnValues | OddCell): values is OddCell => "row" in values;

export { isOdd };

function numberOf(type: ColumnType, cell: Json | undefined): number | undefined {
  if (cell === null || cell === undefined) return Number.NaN;
  const boolean = type.type === "number" && type.boolean === true;
  return typeof cell === (boolean ? "boolean" : "number") ? Number(cell) : undefined;
}

/** Not what a record inherits, such as its `constructor`. */
const cellOf = (record: JsonObject, name: string) =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The values of a column in some records, or the first (from 0) that it cannot be. */
export function jsonValues(
  info: ColumnInfo,
  records: readonly JsonObject[],
): ColumnValues | OddCell {
  if (info.type === "text") {
    const values = records.map((record) => {
      const cell = cellOf(record, info.name);
      return cell === null || cell === undefined ? null : textOf(cell);
    });
    return { type: "text", values };
  }
  if (info.type === "vector") {
    const { size } = info;
    const values = new Float32Array(records.length * size).fill(Number.NaN);
    for (const [row, record] of records.entries()) {
      const cell = cellOf(record, info.name);
      if (cell === null || cell === undefined) continue;
      if (!Array.isArray(cell) || cell.length !== size) return { row, cell };
      cell.forEach((value, i) => {
        values[row * size + i] = value === null ? Number.NaN : Number(value);
      });
    }
    return { type: "vector", values };
  }
  const values = new Float64Array(records.length);
  for (const [row, record] of records.entries()) {
    const cell = cellOf(record, info.name);
    const value = numberOf(info, cell);
    if (value === undefined) return { row, cell: cell! };
    values[row] = value;
  }
  return { type: "number", values };
}
