// Arrays as NumPy's .npy, streamed: how many rows there are is written last.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { endianness } from "node:os";
import { singleToHalf } from "../arrays/elements.ts";
import {
  arraysOf,
  isMissing,
  type TableColumn,
  type TableColumnType,
  type TableValues,
  usageError,
  type WholeType,
} from "./columns.ts";
import { openSink } from "./sink.ts";
import type { Output } from "./writer.ts";

export type NumberType = "float16" | "float32" | "float64" | WholeType;

const floats = { float16: Float32Array, float32: Float32Array, float64: Float64Array } as const;
const arrays = { ...arraysOf, ...floats } as const;

export type NpyValues =
  | (Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array)
  | (Uint16Array | Uint32Array | BigInt64Array | BigUint64Array);

export const byteOrder = endianness() === "LE" ? "<" : ">";

/** NumPy's names of types. */
export const descriptions: Record<NumberType, string> = {
  float16: `${byteOrder}f2`,
  float32: `${byteOrder}f4`,
  float64: `${byteOrder}f8`,
  ...{ int8: "|i1", int16: `${byteOrder}i2`, int32: `${byteOrder}i4`, int64: `${byteOrder}i8` },
  ...{ uint8: "|u1", uint16: `${byteOrder}u2`, uint32: `${byteOrder}u4` },
  uint64: `${byteOrder}u8`,
};

/** Halves are held as float32. */
export const arrayOf = (type: NumberType, length: number): NpyValues => new arrays[type](length);

/**
 * The magic string, the version and the header, padded so that data starts at a multiple of 64
 * bytes, and with room for any number of rows.
 */
export function npyHeader(description: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.max(128, Math.ceil((10 + text.length + 1) / 64) * 64);
  const bytes = Buffer.alloc(total, 0x20);
  bytes.write("\x93NUMPY\x01\x00", "latin1");
  bytes.writeUInt16LE(total - 10, 8);
  bytes.write(text, 10, "latin1");
  bytes[total - 1] = 0x0a;
  return bytes;
}

/** The numbers that a column of an array holds; undefined where it holds none. */
export function numberType(type: TableColumnType): NumberType | undefined {
  if (type === "text" || type === "time" || type === "date") return undefined;
  // A boolean may be missing.
  return type === "boolean" ? "float32" : type;
}

/** Puts a column's values into `target` from `start` on, `stride` apart; missing ones are NaN. */
export function placeNumbers(
  column: TableColumn,
  values: TableValues,
  target: NpyValues,
  start = 0,
  stride = 1,
): void {
  const isFloat = target instanceof Float32Array || target instanceof Float64Array;
  const isLong = target instanceof BigInt64Array || target instanceof BigUint64Array;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const missing = isMissing(value);
    if (missing && !isFloat) {
      throw usageError(
        "column-values",
        `column ${JSON.stringify(column.name)} holds ${column.type} values, of which an array has none that means missing`,
        "give it as float64",
      );
    }
    const at = start + row * stride;
    if (isLong) target[at] = BigInt(value as number | bigint);
    else target[at] = missing ? Number.NaN : Number(value);
  }
}

/** One array of `(rows, ...inner)`; its parts are bytes of whole rows. */
export async function npyFile(
  path: string,
  type: NumberType,
  inner: readonly number[],
): Promise<Output<[Uint8Array, number]>> {
  const header = (rows: number) => npyHeader(descriptions[type], [rows, ...inner]);
  const sink = await openSink(path);
  let written = 0;
  let begun = false;
  const begin = async () => {
    if (!begun) await sink.write(header(0));
    begun = true;
  };
  return {
    async write(bytes, rows) {
      await begin();
      await sink.write(bytes);
      written += rows;
    },
    async close() {
      await begin();
      if (written > 0) await sink.patch(header(written), 0);
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}

/** Whether float32 holds all numbers of a type. */
const isShort = (type: NumberType) => /^(float16|float32|u?int(8|16))$/.test(type);

/** The type of the columns where all have the same, float32 where that holds all, else float64. */
function commonType(columns: readonly TableColumn[], path: string): NumberType {
  const types = new Set<NumberType>();
  for (const { name, type } of columns) {
    const own = numberType(type);
    if (own !== undefined) {
      types.add(own);
      continue;
    }
    throw usageError(
      "format-text",
      `${path}: a .npy file holds numbers only, and column ${JSON.stringify(name)} is ${type === "text" ? "text" : `of ${type}s`}`,
      "write .csv, .json, .ndjson, .parquet or .npz",
    );
  }
  if (types.size === 1) return [...types][0]!;
  const long = columns.find(({ type }) => type === "int64" || type === "uint64");
  if (long) {
    throw usageError(
      "format-text",
      `${path}: a .npy file has one type for all columns, and column ${JSON.stringify(long.name)} holds integers that no other type does`,
      "write .npz or .parquet",
    );
  }
  return [...types].every(isShort) ? "float32" : "float64";
}

/** Columns as one matrix `(rows, columns)`. */
export async function npyTable(
  path: string,
  columns: readonly TableColumn[],
): Promise<Output<[readonly TableValues[], number]>> {
  const type = commonType(columns, path);
  const width = columns.length;
  const file = await npyFile(path, type, [width]);
  return {
    async write(values, rows) {
      const block = arrayOf(type, rows * width);
      columns.forEach((column, i) => {
        placeNumbers(column, values[i]!, block, i, width);
      });
      await file.write(numberBytes(type, block), rows);
    },
    close: () => file.close(),
    abort: () => file.abort(),
  };
}

/** An array's numbers as they stand in a file. */
export const numberBytes = (type: NumberType, values: NpyValues): Uint8Array =>
  bytesOf(type === "float16" ? Uint16Array.from(values as Float32Array, singleToHalf) : values);

/** The same memory as bytes. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
