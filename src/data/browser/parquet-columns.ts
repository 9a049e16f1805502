// The columns of a Parquet file as ours, by its schema, and their values, as hyparquet decodes them
// with the parsers given here. What DuckDB makes of the same file in Node is the measure.
import type { ParquetParsers, SchemaElement, SchemaTree } from "hyparquet";
import type { ColumnType, ColumnValues } from "../../fields/columns.ts";

/** What hyparquet gives for some rows of a column. */
export type Cells = ArrayLike<unknown>;

export interface ParquetColumn {
  name: string;
  /** By SQL's name, for messages. */
  type: string;
  /** Null where it is nothing that a field could be; of lists, where no length is known. */
  info: ColumnType | null;
  /** Integers that float64 may not hold. */
  wide: boolean;
  /** Unsigned integers of 32 bits. */
  unsigned: boolean;
  /** Of columns of lists of numbers. */
  list: boolean;
}

const decoder = new TextDecoder();

/** A JSON string is its text; anything else is written without its spaces, and null is missing. */
function jsonText(bytes: Uint8Array): string | null {
  const text = decoder.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (typeof value === "string" || value === null) return value;
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}

/** Times as milliseconds, with a fraction; JSON as text. */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => Number(millis),
  timestampFromMicroseconds: (micros) => Number(micros) / 1000,
  timestampFromNanoseconds: (nanos) => Number(nanos / 1000n) / 1000,
  dateFromDays: (days) => days * 86_400_000,
  jsonFromBytes: jsonText,
};

const two = (value: number) => String(value).padStart(2, "0");

/** A time of day as SQL writes it. */
function timeText(micros: number, zoned: boolean): string {
  const seconds = Math.floor(micros / 1e6);
  const fraction = String(micros % 1e6).padStart(6, "0");
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = Number(fraction) === 0 ? "" : `.${fraction.replace(/0+$/, "")}`;
  return `${clock.map(two).join(":")}${tail}${zoned ? "+00" : ""}`;
}

/** Microseconds in the unit of a column of times of day; null for other columns. */
function timeUnit({ converted_type, logical_type }: SchemaElement): number | null {
  if (logical_type?.type === "TIME") {
    return { MILLIS: 1000, MICROS: 1, NANOS: 0.001 }[logical_type.unit];
  }
  if (converted_type === "TIME_MILLIS") return 1000;
  return converted_type === "TIME_MICROS" ? 1 : null;
}

const isDecimal = ({ converted_type, logical_type }: SchemaElement) =>
  converted_type === "DECIMAL" || logical_type?.type === "DECIMAL";

const isUnsigned = ({ type, converted_type }: SchemaElement) =>
  type === "INT32" && converted_type === "UINT_32";

function sqlType(element: SchemaElement): string {
  const { type, converted_type, logical_type, precision = 0, scale = 0 } = element;
  const logical = logical_type?.type;
  if (logical === "NULL") return "NULL";
  if (isDecimal(element)) return `DECIMAL(${precision},${scale})`;
  if (converted_type === "DATE" || logical === "DATE") return "DATE";
  if (timeUnit(element) !== null) return "TIME";
  if (logical === "TIMESTAMP" || /^TIMESTAMP/.test(converted_type ?? "") || type === "INT96") {
    return "TIMESTAMP";
  }
  if (logical === "FLOAT16") return "FLOAT";
  if (type === "INT64" || type === "INT32") return type === "INT64" ? "BIGINT" : "INTEGER";
  if (type === "BOOLEAN" || type === "FLOAT" || type === "DOUBLE") return type;
  if (logical === "UUID" || logical === "JSON" || converted_type === "JSON") {
    return logical === "UUID" ? "UUID" : "JSON";
  }
  if (logical === "STRING" || converted_type === "UTF8") return "VARCHAR";
  if (logical === "ENUM" || converted_type === "ENUM") return "VARCHAR";
  return converted_type === "INTERVAL" ? "INTERVAL" : "BLOB";
}

const numbers = /^(NULL|INTEGER|BIGINT|FLOAT|DOUBLE|DECIMAL)/;

function typeOf(type: string): ColumnType | null {
  if (type === "FLOAT") return { type: "number", float32: true };
  if (numbers.test(type)) return { type: "number" };
  if (type === "BOOLEAN") return { type: "number", boolean: true };
  if (type === "DATE") return { type: "time", date: true };
  if (type === "TIMESTAMP") return { type: "time" };
  return /^(VARCHAR|UUID|JSON|TIME)$/.test(type) ? { type: "text" } : null;
}

/** The one element of a list (three levels, or an old writer's two), if the column is a list. */
function listElement({ element, children }: SchemaTree): SchemaTree | undefined {
  if (element.converted_type !== "LIST" && element.logical_type?.type !== "LIST") return undefined;
  const [repeated] = children;
  if (children.length !== 1 || repeated?.element.repetition_type !== "REPEATED") return undefined;
  return repeated.children.length === 0 ? repeated : repeated.children[0];
}

/** The columns of a schema's root. */
export function parquetColumns(root: SchemaTree): ParquetColumn[] {
  return root.children.map((child) => {
    const { element, children } = child;
    const { name } = element;
    const inner = listElement(child);
    const nested = { name, info: null, wide: false, unsigned: false, list: false };
    if (inner !== undefined) {
      const type = inner.children.length > 0 ? "STRUCT" : sqlType(inner.element);
      return { ...nested, type: `${type}[]`, list: numbers.test(type) };
    }
    if (children.length > 0) {
      const map = element.converted_type === "MAP" || element.logical_type?.type === "MAP";
      return { ...nested, type: map ? "MAP" : "STRUCT" };
    }
    const type = sqlType(element);
    if (element.repetition_type === "REPEATED") {
      return { ...nested, type: `${type}[]`, list: numbers.test(type) };
    }
    const wide = type === "BIGINT" || /^DECIMAL\((1[6-9]|[23]\d),0\)$/.test(type);
    return { ...nested, type, info: typeOf(type), wide, unsigned: isUnsigned(element) };
  });
}

const missing = (cell: unknown): cell is null | undefined => cell === null || cell === undefined;

const toNumber = (cell: unknown) => (missing(cell) ? Number.NaN : Number(cell));

function toVectors(cells: Cells, from: number, to: number, size: number): Float32Array | number {
  const values = new Float32Array((to - from) * size);
  for (let row = from; row < to; row++) {
    const list = cells[row] as ArrayLike<unknown> | null | undefined;
    const at = (row - from) * size;
    if (missing(list)) values.fill(Number.NaN, at, at + size);
    else if (list.length !== size) return row;
    else for (let i = 0; i < size; i++) values[at + i] = toNumber(list[i]);
  }
  return values;
}

/** Times of day need their unit, which the type does not tell. */
export const timeReader = (root: SchemaTree, name: string): ((cell: unknown) => string) => {
  const { element } = root.children.find((child) => child.element.name === name)!;
  const unit = timeUnit(element);
  if (unit === null) return String;
  const { logical_type } = element;
  const zoned = logical_type?.type === "TIME" && logical_type.isAdjustedToUTC;
  return (cell) => timeText(Math.floor(Number(cell) * unit), zoned);
};

/**
 * Rows `from` to `to − 1` of a column's cells.
 * @param text writes a cell of a text column.
 * @returns the row instead whose list has another length than the column's.
 */
export function columnValues(
  info: ColumnType,
  cells: Cells,
  from: number,
  to: number,
  text: (cell: unknown) => string,
): ColumnValues | number {
  switch (info.type) {
    case "number":
    case "time": {
      const values = new Float64Array(to - from);
      for (let row = from; row < to; row++) values[row - from] = toNumber(cells[row]);
      return { type: info.type, values };
    }
    case "text": {
      const values = new Array<string | null>(to - from);
      for (let row = from; row < to; row++) {
        const cell = cells[row];
        values[row - from] = missing(cell) ? null : text(cell);
      }
      return { type: "text", values };
    }
    case "vector": {
      const values = toVectors(cells, from, to, info.size);
      return typeof values === "number" ? values : { type: "vector", values };
    }
    default:
      throw new Error(`no Parquet column is of ${info.type}s`);
  }
}
