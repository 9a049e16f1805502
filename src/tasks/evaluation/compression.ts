// What general compressors need for the same values: gzip, and brotli at its best, which like lzma has a
// large window, contexts and an entropy coder, and comes with Node.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type FieldSchema, isModelled, type ModelledField } from "../../fields/field.ts";
import { elementsOf, layoutOf, MISSING } from "../../fields/layout.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { textOf } from "../../fields/tokens.ts";

export interface Compression {
  /** Rows that were compressed together. */
  rows: number;
  /** Of their values: pixels as bytes or bits, columns one after the other. */
  bytes: number;
  /** Bits for each value of a row, as the model's `bitsPerDim`. */
  gzip: number;
  brotli: number;
}

/** The one that needs fewer bits. */
export const bestCompressor = ({ gzip, brotli }: Compression) =>
  gzip < brotli ? { name: "gzip", bits: gzip } : { name: "brotli", bits: brotli };

/** Brotli at its best takes 5 s for so many. */
const MOST_BYTES = 1 << 20;
const FEWEST_ROWS = 16;

/** Elements of a field in all rows. */
function valuesIn(packed: PackedValues, rows: number, elements: number, from: number, to: number) {
  const all: number[] = [];
  if (packed.type === "sparse") {
    const row = new Float32Array(elements);
    for (let i = 0; i < rows; i++) {
      row.fill(0);
      for (let at = packed.offsets[i]!; at < packed.offsets[i + 1]!; at++) {
        row[packed.indices[at]!] = packed.values[at]!;
      }
      for (let j = from; j < to; j++) all.push(row[j]!);
    }
  } else {
    for (let i = 0; i < rows; i++) {
      for (let j = from; j < to; j++) all.push(packed.values[i * elements + j]!);
    }
  }
  return all;
}

/** Whole numbers in as few bytes each as the largest needs, the lowest first. */
function wholeBytes(values: readonly number[]): Uint8Array | null {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (values.some((value) => value < 0 || !Number.isInteger(value)) || largest >= 2 ** 32) {
    return null;
  }
  const width = largest < 2 ** 8 ? 1 : largest < 2 ** 16 ? 2 : 4;
  return Uint8Array.from({ length: values.length * width }, (_, i) => {
    return Math.floor(values[Math.floor(i / width)]! / 2 ** (8 * (i % width))) % 256;
  });
}

function bitsOf(values: readonly number[], middle: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) if (value > middle) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

/**
 * Gaps are left out: a model is not asked for them either. Null where a value is no whole number, or
 * drawn anew each time.
 */
function bytesOf(field: ModelledField, all: readonly number[]): Uint8Array | null {
  if (field.kind === "text") {
    const { length } = field;
    const texts = Array.from({ length: all.length / length }, (_, i) =>
      all.slice(i * length, (i + 1) * length),
    ).filter(([first]) => first !== MISSING);
    return new TextEncoder().encode(texts.map((codes) => `${textOf(codes, field)}\n`).join(""));
  }
  const values = all.filter((value) => !Number.isNaN(value) && value !== MISSING);
  if (field.kind !== "image") return wholeBytes(values);
  const { binarize, low, high } = field;
  if (binarize === "dynamic") return null;
  return binarize === "threshold" ? bitsOf(values, (low + high) / 2) : wholeBytes(values);
}

/** The first rows' values; null where they are no bytes. */
function rawBytes(schema: FieldSchema, packed: PackedRows, rows: number): Uint8Array[] | null {
  const parts: Uint8Array[] = [];
  for (const { name, fields, elements } of layoutOf(schema)) {
    let from = 0;
    for (const field of fields) {
      const to = from + elementsOf(field);
      if (field.role === "data") {
        const values = valuesIn(packed.groups.get(name)!, rows, elements, from, to);
        const bytes = bytesOf(field, values);
        if (!bytes) return null;
        parts.push(bytes);
      }
      from = to;
    }
  }
  return parts;
}

/**
 * Null where data fields hold more than whole numbers, levels, texts and pixels.
 * @param dimensions values of a row.
 */
export function compression(
  schema: FieldSchema,
  packed: PackedRows,
  dimensions: number,
): Compression | null {
  if (schema.fields.filter(isModelled).some(({ kind }) => kind === "time")) return null;
  const sizeOf = (parts: readonly Uint8Array[]) =>
    parts.reduce((sum, { length }) => sum + length, 0);
  const some = Math.min(packed.rows, FEWEST_ROWS);
  const first = rawBytes(schema, packed, some);
  if (!first) return null;
  const rowBytes = Math.max(1, sizeOf(first) / some);
  const rows = Math.min(packed.rows, Math.max(some, Math.floor(MOST_BYTES / rowBytes)));
  const parts = rawBytes(schema, packed, rows);
  if (!parts) return null;
  const bytes = Buffer.concat(parts);
  const each = (compressed: Uint8Array) => (8 * compressed.length) / rows / dimensions;
  const settings = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    ...{ rows, bytes: bytes.length },
    gzip: each(gzipSync(bytes, { level: 9 })),
    brotli: each(brotliCompressSync(bytes, { params: settings })),
  };
}
