// Arrays as NumPy's .npy, and several of them as .npz.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { endianness } from "node:os";
import { ElboError } from "../../base/errors.ts";
import { numbersOf, type TypedColumn } from "./columns.ts";
import { storedZip } from "./zip.ts";

export type NpyValues = Float32Array | Float64Array | Int32Array | Uint8Array;

function elementType(values: NpyValues): string {
  const order = endianness() === "LE" ? "<" : ">";
  if (values instanceof Float32Array) return `${order}f4`;
  if (values instanceof Float64Array) return `${order}f8`;
  return values instanceof Int32Array ? `${order}i4` : "|u1";
}

/** The magic string, the version and the header, padded so that data starts at 64 bytes. */
function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = Buffer.alloc(total, 0x20);
  bytes.write("\x93NUMPY\x01\x00", "latin1");
  bytes.writeUInt16LE(total - 10, 8);
  bytes.write(text, 10, "latin1");
  bytes[total - 1] = 0x0a;
  return bytes;
}

/** A row-major array as the pieces of a .npy file; the data is a view, no copy. */
export function encodeNpy(shape: readonly number[], values: NpyValues): Uint8Array[] {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [npyHeader(elementType(values), shape), bytes];
}

/** Strings as NumPy's fixed-width type of four bytes a character. */
function encodeTexts(texts: readonly string[]): Uint8Array[] {
  const characters = texts.map((text) =>
    Array.from(text, (character) => character.codePointAt(0)!),
  );
  const width = characters.reduce((most, { length }) => Math.max(most, length), 1);
  const codes = new Uint32Array(texts.length * width);
  characters.forEach((text, row) => {
    codes.set(text, row * width);
  });
  const order = endianness() === "LE" ? "<" : ">";
  return [npyHeader(`${order}U${width}`, [texts.length]), new Uint8Array(codes.buffer)];
}

/**
 * Columns as one matrix (rows, columns): of the columns' own type where all have the same, float32
 * where that holds all of them exactly, else float64.
 */
export function* npyMatrix(columns: readonly TypedColumn[], path: string): Generator<Uint8Array> {
  const arrays = columns.map((column) => {
    const numbers = numbersOf(column);
    if (numbers !== undefined) return numbers;
    throw new ElboError({
      code: "format-text",
      kind: "usage",
      message: `${path}: a .npy file holds numbers only, and column ${JSON.stringify(column.name)} is text`,
      hint: "write .csv, .json, .ndjson, .parquet or .npz",
    });
  });
  const types = new Set(arrays.map(elementType));
  const narrow = arrays.every(
    (array) => array instanceof Float32Array || array instanceof Uint8Array,
  );
  const rows = columns[0]!.rows;
  const width = arrays.length;
  const make = (length: number): NpyValues => {
    if (types.size > 1) return narrow ? new Float32Array(length) : new Float64Array(length);
    const [first] = arrays;
    if (first instanceof Float32Array) return new Float32Array(length);
    if (first instanceof Float64Array) return new Float64Array(length);
    return first instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
  };
  yield npyHeader(elementType(make(0)), [rows, width]);
  const blockRows = Math.max(1, Math.floor((1 << 17) / width));
  for (let start = 0; start < rows; start += blockRows) {
    const end = Math.min(rows, start + blockRows);
    const block = make((end - start) * width);
    arrays.forEach((array, column) => {
      for (let row = start; row < end; row++) block[(row - start) * width + column] = array[row]!;
    });
    yield new Uint8Array(block.buffer);
  }
}

/** Columns as a .npz file: one array for each, under its name. */
export function npzColumns(columns: readonly TypedColumn[], path: string): Generator<Uint8Array> {
  const entries = columns.map((column) => {
    const numbers = numbersOf(column);
    const texts = () =>
      Array.from({ length: column.rows }, (_, row) => String(column.at(row) ?? ""));
    const pieces = numbers === undefined ? encodeTexts(texts()) : encodeNpy([column.rows], numbers);
    return { name: `${column.name}.npy`, pieces };
  });
  return storedZip(entries, path);
}
