// What other compressors are measured on: a file's bytes, or rows as bytes; of more than they take, a sample.
import { pixelsOf, rowsBytes } from "../../codec/contents/rows-bytes.ts";
import { rowsPerBlock } from "../../codec/header.ts";
import { concatenated } from "../../data/bytes.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { joined } from "../rows.ts";
import type { CompressSource } from "./source.ts";

export interface Measured {
  bytes: Uint8Array;
  /** The last of the bytes, which image formats are measured on; null where there is not one column of them. */
  pixels: CompressSource["pixels"];
  /** The rows that the bytes are; null of a file's. */
  rows: { info: ColumnInfo[]; count: number } | null;
  /** What share of all it is: 1, but of what is too much. */
  share: number;
}

/** What is too much is measured by so many stretches, evenly spaced. */
const STRETCHES = 16;

/** Evenly spaced stretches of whole units, `most` bytes together. */
function stretches(bytes: Uint8Array, most: number, unit: number): Uint8Array {
  const length = Math.max(unit, Math.floor(most / STRETCHES / unit) * unit);
  const step = Math.floor((bytes.length - length) / (STRETCHES - 1) / unit) * unit;
  const starts = Array.from({ length: STRETCHES }, (_, i) => i * step);
  return concatenated(starts.map((start) => bytes.subarray(start, start + length)));
}

function fileSample(file: Uint8Array, pixels: Measured["pixels"], most: number): Measured {
  if (!pixels) {
    const bytes = stretches(file, most, 1);
    return { bytes, pixels: null, rows: null, share: bytes.length / file.length };
  }
  const { height, width, channels } = pixels;
  const data = stretches(pixels.data, most, height * width * channels);
  const share = data.length / pixels.data.length;
  return { bytes: data, pixels: { ...pixels, data }, rows: null, share };
}

/** @param most bytes; of more a sample is given. */
export async function measuredOf(source: CompressSource, most: number): Promise<Measured> {
  const { file, pixels, rows } = source;
  if (file && file.length > most) return fileSample(file, pixels, most);
  if (file) return { bytes: file, pixels, rows: null, share: 1 };
  const { info, pieces } = rows!;
  const values = source.columns.reduce((sum, { size }) => sum + (size ?? 1), 0);
  // Of rows that are too many every second piece is left out, and again.
  let held: { values: ColumnValues[]; length: number }[] = [];
  let [count, place, every, total, length] = [0, 0, 1, 0, 0];
  for await (const piece of pieces(rowsPerBlock(values))) {
    const own = { values: piece.values, length: rowsBytes(info, piece.values).length };
    count += piece.rows;
    total += own.length;
    if (place++ % every !== 0) continue;
    held.push(own);
    length += own.length;
    while (length > most && held.length > 1) {
      held = held.filter((_, i) => i % 2 === 0);
      every *= 2;
      length = held.reduce((sum, each) => sum + each.length, 0);
    }
  }
  if (count === 0) return { bytes: new Uint8Array(), pixels: null, rows: null, share: 1 };
  const all = info.map((_, i) => joined(held.map((each) => each.values[i]!)));
  return {
    bytes: rowsBytes(info, all),
    pixels: pixelsOf(info, all),
    rows: { info, count },
    share: length / total,
  };
}
