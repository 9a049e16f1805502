// What other compressors are measured on: a file's bytes, or rows as bytes.

import { pixelsOf, rowsBytes } from "../../codec/contents/rows-bytes.ts";
import { rowsPerBlock } from "../../codec/header.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { joined } from "../rows.ts";
import type { CompressSource } from "./source.ts";

export interface Measured {
  bytes: Uint8Array;
  /** The last of the bytes, which image formats are measured on; null where there is not one column of them. */
  pixels: CompressSource["pixels"];
  /** The rows that the bytes are; null of a file's. */
  rows: { info: ColumnInfo[]; count: number } | null;
}

/** @returns null where there are more than `most` bytes. */
export async function measuredOf(source: CompressSource, most: number): Promise<Measured | null> {
  const { file, pixels, rows } = source;
  if (file) return file.length > most ? null : { bytes: file, pixels, rows: null };
  const { info, pieces } = rows!;
  const values = source.columns.reduce((sum, { size }) => sum + (size ?? 1), 0);
  const held: ColumnValues[][] = [];
  let [count, length] = [0, 0];
  for await (const piece of pieces(rowsPerBlock(values))) {
    held.push(piece.values);
    count += piece.rows;
    length += rowsBytes(info, piece.values).length;
    if (length > most) return null;
  }
  if (count === 0) return { bytes: new Uint8Array(), pixels: null, rows: null };
  const all = info.map((_, i) => joined(held.map((each) => each[i]!)));
  return { bytes: rowsBytes(info, all), pixels: pixelsOf(info, all), rows: { info, count } };
}
