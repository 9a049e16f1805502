// What other compressors are measured on: a file's bytes, or of rows their values as they stand in memory.
import { rowsPerBlock } from "../../codec/header.ts";
import { concatenated } from "../../data/bytes.ts";
import type { CompressSource } from "./source.ts";

export interface Measured {
  bytes: Uint8Array;
  /** What image formats are measured on; null where there is not one column of images of bytes. */
  pixels: CompressSource["pixels"];
}

/** @returns null where there are more than `most` bytes. */
export async function measuredOf(source: CompressSource, most: number): Promise<Measured | null> {
  const { file, pixels, content, columns } = source;
  if (file) return file.length > most ? null : { bytes: file, pixels };
  const images = columns.filter(({ type }) => type === "image");
  const place = images.length === 1 ? columns.indexOf(images[0]!) : -1;
  const values = columns.reduce((sum, { size }) => sum + (size ?? 1), 0);
  const held: { bytes: Uint8Array[]; pixels: Uint8Array[] } = { bytes: [], pixels: [] };
  let length = 0;
  for await (const { block, original } of source.blocks(rowsPerBlock(values))) {
    length += original.length;
    if (length > most) return null;
    held.bytes.push(original);
    const cells = block.cells[place];
    if (cells?.type === "image") held.pixels.push(cells.pixels);
  }
  const info = content.kind === "rows" ? content.info[place] : undefined;
  return {
    bytes: concatenated(held.bytes),
    pixels: info?.type === "image" ? { data: concatenated(held.pixels), ...info } : null,
  };
}
