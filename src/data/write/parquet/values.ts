// Values of a column as Parquet's bytes: as they stand (PLAIN), as places in a dictionary, and the bits
// that tell which are there. https://parquet.apache.org/docs/file-format/data-pages/encodings/
import { varint } from "./thrift.ts";

export type Physical = "boolean" | "int32" | "int64" | "float" | "double" | "text";

/** Values that are there, one after the other; numbers as the processor has them, which is little-endian. */
export type Present = Float32Array | Float64Array | Int32Array | BigInt64Array | readonly string[];

const encoder = new TextEncoder();

const bytesOf = (values: Exclude<Present, readonly string[]>) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function textBytes(texts: readonly string[]): Uint8Array {
  let room = 0;
  for (const text of texts) room += 4 + 3 * text.length;
  const bytes = new Uint8Array(room);
  const view = new DataView(bytes.buffer);
  let end = 0;
  for (const text of texts) {
    const { written } = encoder.encodeInto(text, bytes.subarray(end + 4));
    view.setUint32(end, written, true);
    end += 4 + written;
  }
  return bytes.subarray(0, end);
}

/** `width` bits of each value, the lowest first, in one run of eights. */
export function packed(values: ArrayLike<number>, width: number): Uint8Array {
  const eights = Math.ceil(values.length / 8);
  const header = varint(2 * eights + 1);
  const bytes = new Uint8Array(header.length + eights * width);
  bytes.set(header);
  for (let i = 0, bit = 8 * header.length; i < values.length; i++) {
    let rest = values[i]!;
    for (let left = width; left > 0; ) {
      const at = bit & 7;
      const taken = Math.min(left, 8 - at);
      bytes[bit >> 3]! |= (rest & ((1 << taken) - 1)) << at;
      rest >>>= taken;
      left -= taken;
      bit += taken;
    }
  }
  return bytes;
}

export function plain(values: Present, physical: Physical): Uint8Array {
  if (physical === "text") return textBytes(values as readonly string[]);
  if (physical !== "boolean") return bytesOf(values as Exclude<Present, readonly string[]>);
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

/** 1 for each row with a value: one run where all have one. */
export function presence(rows: number, there: Uint8Array | null): Uint8Array {
  const runs = there ? packed(there, 1) : Uint8Array.of(...varint(2 * rows), 1);
  const bytes = new Uint8Array(4 + runs.length);
  new DataView(bytes.buffer).setUint32(0, runs.length, true);
  bytes.set(runs, 4);
  return bytes;
}

/** Values that are looked at to see whether others repeat them. */
const LOOKED_AT = 1000;

/** Whether a dictionary is worth a look: of some values spread over all, half are told by others. */
function repeats(values: Present): boolean {
  const count = Math.min(values.length, LOOKED_AT);
  const seen = new Set<unknown>();
  for (let i = 0; i < count; i++) seen.add(values[Math.floor((i * values.length) / count)]);
  return seen.size <= count / 2;
}

export interface Dictionary<Values extends Present = Present> {
  values: Values;
  places: Uint32Array;
}

/** The values that differ, in the order in which they come; null where they are more than half of all. */
export function dictionaryOf(values: Present): Dictionary | null {
  if (values.length === 0 || !repeats(values)) return null;
  const found = new Map<unknown, number>();
  const first: number[] = [];
  const places = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Maps take it for 0.
    if (Object.is(value, -0)) return null;
    let place = found.get(value);
    if (place === undefined) {
      place = first.length;
      if (place >= values.length / 2) return null;
      found.set(value, place);
      first.push(i);
    }
    places[i] = place;
  }
  return { values: chosen(values, first), places };
}

function chosen(values: Present, rows: readonly number[]): Present {
  if (!ArrayBuffer.isView(values)) return rows.map((row) => values[row]!);
  const own = values.slice(0, rows.length);
  for (const [i, row] of rows.entries()) own[i] = values[row]!;
  return own;
}

/** Places in a dictionary of so many values. */
export function placesBytes(places: Uint32Array, values: number): Uint8Array {
  const width = Math.max(1, 32 - Math.clz32(values - 1));
  const runs = packed(places, width);
  const bytes = new Uint8Array(1 + runs.length);
  bytes[0] = width;
  bytes.set(runs, 1);
  return bytes;
}
