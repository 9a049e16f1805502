// What general compressors need for the same values: gzip and xz (lzma), or where xz cannot be had brotli
// at its best, which comes with Node and like lzma has a large window, contexts and an entropy coder.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { runRival } from "../../codec/rivals/rivals.ts";
import { type FieldSchema, isModelled, type ModelledField, valuesOf } from "../../fields/field.ts";
import { elementsOf, layoutOf, MISSING, TIME_PARTS } from "../../fields/layout.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { textOf } from "../../fields/tokens.ts";
import { decodedGroups } from "../../models/graphs.ts";
import type { Run } from "../run.ts";

export interface Compression {
  /** Rows that were compressed together. */
  rows: number;
  /** Values of a row. */
  values: number;
  /** Of all rows: pixels as bytes or bits, columns one after the other. */
  bytes: number;
  /** Bits for each value of a row, as the model's `bitsPerDim`. */
  gzip: number;
  /** Of xz -9; null where it cannot be run here, and then of brotli. */
  xz: number | null;
  brotli: number | null;
  /**
   * −elbo of the model in the same bits: `bitsPerDim`, or of densities what they give to as much as the last
   * digit is worth; null where nobody knows what that is.
   */
  model: number | null;
  /** Why `model` is null; null where it is not. */
  noModel: string | null;
}

/** The one that is of lzma's class. */
export const lzmaClass = ({ xz, brotli }: Compression) =>
  xz === null ? { name: "brotli", bits: brotli! } : { name: "xz", bits: xz };

/** The one that needs fewer bits. */
export function bestCompressor(compression: Compression) {
  const other = lzmaClass(compression);
  const { gzip } = compression;
  return gzip < other.bits ? { name: "gzip", bits: gzip } : other;
}

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

/** Float32 holds so many of a last digit, and rounds the next. */
const MOST_DIGITS = 2 ** 23;

/** Numbers as whole ones of their last digit, from the least on; null where they have others. */
function digitBytes(values: readonly number[], step: number): Uint8Array | null {
  const scaled = values.map((value) => Math.round(value / step));
  const exact = values.every((value, i) => {
    const size = Math.abs(scaled[i]!);
    return size < MOST_DIGITS && Math.abs(value / step - scaled[i]!) <= 1e-3 + size / MOST_DIGITS;
  });
  const least = scaled.reduce((low, value) => Math.min(low, value), Infinity);
  return exact ? wholeBytes(scaled.map((value) => value - least)) : null;
}

/** What the last digit of a number is worth; null where that is not known. */
function stepOf(field: ModelledField): number | null {
  if (field.kind === "real" || field.kind === "positive") {
    return field.decimals === null ? null : 10 ** -field.decimals;
  }
  return field.kind === "time" && field.date ? 1 : null;
}

/** Of moments the days, and then the milliseconds. */
function timeBytes(all: readonly number[], date: boolean): Uint8Array {
  const there = Array.from({ length: all.length / TIME_PARTS }, (_, i) => i * TIME_PARTS).filter(
    (at) => all[at] !== MISSING,
  );
  const days = there.map((at) => all[at]!);
  const least = days.reduce((low, value) => Math.min(low, value), Infinity);
  const parts = [
    days.map((day) => day - least),
    ...(date ? [] : [there.map((at) => all[at + 1]!)]),
  ];
  return Buffer.concat(parts.map((part) => wholeBytes(part)!));
}

/**
 * Gaps are left out: a model is not asked for them either. Numbers without a last digit are as they are
 * held. Null where values are drawn anew each time.
 */
function bytesOf(field: ModelledField, all: readonly number[]): Uint8Array | null {
  if (field.kind === "text") {
    const { length } = field;
    const texts = Array.from({ length: all.length / length }, (_, i) =>
      all.slice(i * length, (i + 1) * length),
    ).filter(([first]) => first !== MISSING);
    return new TextEncoder().encode(texts.map((codes) => `${textOf(codes, field)}\n`).join(""));
  }
  if (field.kind === "time") return timeBytes(all, field.date);
  const values = all.filter((value) => !Number.isNaN(value) && value !== MISSING);
  const held = () => new Uint8Array(Float32Array.from(values).buffer);
  const step = stepOf(field);
  if (step !== null) return digitBytes(values, step) ?? held();
  if (field.kind !== "image") return wholeBytes(values) ?? held();
  const { binarize, low, high } = field;
  if (binarize === "dynamic") return null;
  if (binarize === "threshold") return bitsOf(values, (low + high) / 2);
  return wholeBytes(values) ?? held();
}

/** The first rows' values; null where they are drawn anew. */
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

/** Values of the data fields in a row. */
export function dimensions(schema: FieldSchema): number {
  const data = schema.fields.filter(isModelled).filter(({ role }) => role === "data");
  return data.reduce((sum, field) => sum + valuesOf(field), 0);
}

/**
 * log of what the last digits of a row's densities are worth together, the mean over rows; 0 where all is
 * probabilities, the reason where there is none.
 */
function logSteps({ schema, model }: Run["config"], packed: PackedRows): number | string {
  let sum = 0;
  for (const { layout, mass, likelihood } of decodedGroups(schema, model)) {
    if (mass || layout.fields[0]!.role !== "data") continue;
    let from = 0;
    for (const field of layout.fields) {
      const to = from + elementsOf(field);
      const step = stepOf(field);
      const named = JSON.stringify(field.name);
      const noDigit = `${named} has a density, and its values no last digit`;
      if (!likelihood || likelihood.mass) return `${named} has no likelihood of its values`;
      if (step === null) return noDigit;
      const all = valuesIn(packed.groups.get(layout.name)!, packed.rows, layout.elements, from, to);
      const values = field.kind === "time" ? all.filter((_, i) => i % TIME_PARTS === 0) : all;
      const there = values.filter((value) => !Number.isNaN(value) && value !== MISSING);
      const hurdle = field.kind === "positive" && field.zeros !== undefined;
      if (field.kind !== "time" && !digitBytes(there, step)) {
        return noDigit;
      }
      const dense = hurdle ? there.filter((value) => value !== 0) : there;
      sum += (dense.length * Math.log(step)) / packed.rows;
      from = to;
    }
  }
  return sum;
}

/** Null where data fields are drawn anew each time. */
export async function compression(
  { config }: Pick<Run, "config">,
  packed: PackedRows,
  elbo: number | null,
): Promise<Compression | null> {
  const { schema } = config;
  const values = dimensions(schema);
  const sizeOf = (parts: readonly Uint8Array[]) =>
    parts.reduce((sum, { length }) => sum + length, 0);
  const some = Math.min(packed.rows, FEWEST_ROWS);
  const first = rawBytes(schema, packed, some);
  if (!first) return null;
  const rowBytes = Math.max(1, sizeOf(first) / some);
  const rows = Math.min(packed.rows, Math.max(some, Math.floor(MOST_BYTES / rowBytes)));
  const bytes = Buffer.concat(rawBytes(schema, packed, rows)!);
  const each = (length: number) => (8 * length) / rows / values;
  const xz = (await runRival("xz", bytes)).bytes;
  const settings = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const steps = elbo === null ? "the method has no likelihood" : logSteps(config, packed);
  const known = typeof steps === "number";
  return {
    ...{ rows, values, bytes: bytes.length },
    gzip: each(gzipSync(bytes, { level: 9 }).length),
    xz: xz && each(xz.length),
    brotli: xz ? null : each(brotliCompressSync(bytes, { params: settings }).length),
    model: known ? -(elbo! + steps) / values / Math.LN2 : null,
    noModel: known ? null : steps,
  };
}
