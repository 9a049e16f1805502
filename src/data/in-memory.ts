// Values in memory as a source of data, for programs that have no file.
import { ElboError } from "../base/errors.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { chunkRows, columnPlaces } from "./chunking.ts";
import type { DataSource } from "./source.ts";

/** Values of a column, one a row. NaN, null, undefined and invalid dates are missing. */
export type MemoryValues =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | readonly (number | null | undefined)[]
  | readonly (string | null | undefined)[]
  | readonly (boolean | null | undefined)[]
  | readonly (Date | null | undefined)[];

interface MemoryColumn {
  info: ColumnInfo;
  slice(start: number, end: number): ColumnValues;
}

const tableSource = "a table in memory";

function wrong(code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, kind: "usage", message, hint });
}

const badTable = (message: string) =>
  wrong(
    "table-shape",
    message,
    "give an array of rows of equal length, or a Float32Array of rows × columns values",
  );

function memorySource(
  source: string,
  rows: number,
  columns: readonly MemoryColumn[],
  rowBytes: number,
): DataSource {
  if (rows === 0 || columns.length === 0) {
    throw wrong(
      "data-empty",
      `${source} has no ${rows === 0 ? "row" : "column"}`,
      "give at least one row of one column",
    );
  }
  const infos = columns.map(({ info }) => info);
  const step = chunkRows(rowBytes);
  return {
    source,
    rows,
    columns: infos,
    notes: [],
    async *chunks(names) {
      const places = columnPlaces(infos, names, source);
      for (let start = 0; start < rows; start += step) {
        const end = Math.min(rows, start + step);
        yield {
          rows: end - start,
          columns: places.map((place) => columns[place]!.slice(start, end)),
        };
      }
    },
  };
}

function infinite(source: string, row: number, column: string, value: number): ElboError {
  return new ElboError({
    code: "value-infinite",
    message: `${source}, row ${row}, column ${JSON.stringify(column)}: ${value} is not a finite number`,
    hint: "correct the value, or make it missing (NaN)",
    where: { file: source, row, column },
  });
}

function numberColumn(name: string, values: Float64Array, boolean = false): MemoryColumn {
  const bad = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (bad >= 0) throw infinite(tableSource, bad + 1, name, values[bad]!);
  return {
    info: { name, type: "number", ...(boolean ? { boolean } : {}) },
    slice: (start, end) => ({ type: "number", values: values.slice(start, end) }),
  };
}

function textColumn(name: string, values: readonly (string | null)[]): MemoryColumn {
  return {
    info: { name, type: "text" },
    slice: (start, end) => ({ type: "text", values: values.slice(start, end) }),
  };
}

const dayLength = 86_400_000;

function timeColumn(name: string, values: Float64Array): MemoryColumn {
  const date = values.every((value) => Number.isNaN(value) || value % dayLength === 0);
  return {
    info: { name, type: "time", ...(date ? { date } : {}) },
    slice: (start, end) => ({ type: "time", values: values.slice(start, end) }),
  };
}

/** What a list's values are, the missing ones aside: one type, or an error that names two. */
function typeOfList(name: string, values: readonly unknown[]): string {
  let type: string | undefined;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const own = value instanceof Date ? "date" : typeof value;
    type ??= own;
    if (own === type && ["number", "string", "boolean", "date"].includes(own)) continue;
    throw wrong(
      "column-values",
      `column ${JSON.stringify(name)} holds ${own === type ? own : `${type} and ${own}`} values; a column holds numbers, strings, booleans or dates`,
      "convert its values to one kind",
    );
  }
  return type ?? "number";
}

function memoryColumn(name: string, values: MemoryValues): MemoryColumn {
  if (!Array.isArray(values)) return numberColumn(name, Float64Array.from(values as Float64Array));
  const list: readonly unknown[] = values;
  const type = typeOfList(name, list);
  if (type === "string") {
    return textColumn(
      name,
      list.map((value) => (value ?? null) as string | null),
    );
  }
  const numbers = Float64Array.from(list, (value) =>
    value === null || value === undefined ? Number.NaN : Number(value),
  );
  return type === "date"
    ? timeColumn(name, numbers)
    : numberColumn(name, numbers, type === "boolean");
}

/**
 * Columns in memory as a source of data; the values are copied. Numbers, booleans (numbers 0 and 1
 * that are written back as such), strings, and dates (whole days in UTC make a column of days).
 * @throws ElboError `column-length`, `column-values`, `value-infinite`, `data-empty`.
 */
export function columnsOf(columns: Readonly<Record<string, MemoryValues>>): DataSource {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].length ?? 0;
  const made = entries.map(([name, values]) => {
    if (values.length === rows) return memoryColumn(name, values);
    throw wrong(
      "column-length",
      `column ${JSON.stringify(name)} has ${values.length} rows, ${JSON.stringify(entries[0]![0])} has ${rows}`,
      "give every column one value for each row",
    );
  });
  return memorySource(tableSource, rows, made, 8 * made.length);
}

function namesOf(width: number, columns: readonly string[] | number | undefined): string[] {
  if (typeof columns !== "object") return Array.from({ length: width }, (_, j) => `x${j}`);
  const twice = columns.find((name, j) => columns.indexOf(name) < j);
  if (twice === undefined) return [...columns];
  throw badTable(`two columns are called ${JSON.stringify(twice)}`);
}

function widthOf(rows: readonly ArrayLike<number>[] | Float32Array): number {
  if (rows instanceof Float32Array) {
    throw badTable("a Float32Array needs its column names, or their number");
  }
  // Of no rows `memorySource` says that the data is empty.
  return rows[0]?.length ?? 1;
}

/**
 * A table of numbers in memory as a source of data; the values are copied. NaN is a missing cell.
 * @param rows an array of rows, or all values row by row in one Float32Array.
 * @param columns names; default x0, x1, … A Float32Array needs them, or their number.
 * @throws ElboError `table-shape` where rows differ in length or names do not fit,
 * `value-infinite`, `data-empty`.
 */
export function tableOf(
  rows: readonly ArrayLike<number>[] | Float32Array,
  columns?: readonly string[] | number,
): DataSource {
  const flat = rows instanceof Float32Array;
  const width = typeof columns === "number" ? columns : (columns?.length ?? widthOf(rows));
  const count = flat ? rows.length / width : rows.length;
  if (!Number.isInteger(count) || !Number.isInteger(width) || width < 1) {
    throw badTable(`${rows.length} values make no rows of ${width} columns`);
  }
  if (!flat) {
    const ragged = rows.findIndex((row) => row.length !== width);
    if (ragged >= 0) {
      throw badTable(`rows have ${width} columns; row ${ragged + 1} has ${rows[ragged]!.length}`);
    }
  }
  const made = namesOf(width, columns).map((name, j) => {
    const at = flat ? (i: number) => rows[i * width + j]! : (i: number) => rows[i]![j]!;
    return numberColumn(
      name,
      Float64Array.from({ length: count }, (_, i) => at(i)),
    );
  });
  return memorySource(tableSource, count, made, 8 * width);
}

/**
 * Images in memory as a source of data with one column, `image`; the values are copied.
 * @param values bytes, or floats without NaN: `(images, height, width, channels)`, row-major.
 * @param shape one image's `(height, width, channels)`, of 1 to 4 channels.
 * @throws ElboError `image-shape`, `value-infinite`, `data-empty`.
 */
export function imagesOf(
  values: Uint8Array | Float32Array,
  shape: readonly [height: number, width: number, channels: number],
): DataSource {
  const source = "images in memory";
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const sound = shape.length === 3 && shape.every((side) => Number.isInteger(side) && side >= 1);
  if (!sound || channels > 4 || values.length % size !== 0) {
    throw wrong(
      "image-shape",
      `images are (height, width, channels) with 1 to 4 channels; received shape [${shape.join(", ")}] for ${values.length} values`,
      "check the shape of one image",
    );
  }
  if (values instanceof Float32Array) {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw infinite(source, Math.floor(bad / size) + 1, "image", values[bad]!);
  }
  const copy = values.slice();
  const image: MemoryColumn = {
    info: { name: "image", type: "image", height, width, channels },
    slice: (start, end) => ({ type: "image", values: copy.slice(start * size, end * size) }),
  };
  return memorySource(source, values.length / size, [image], size * copy.BYTES_PER_ELEMENT);
}
