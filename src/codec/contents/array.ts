// A file of a header and numbers behind it, as IDX and npy are: pixels of bytes, or float32.
import { damaged } from "../ans/coder.ts";
import type { Cells } from "../cells/cells.ts";
import type { ContentBlock, ContentReader } from "./content.ts";

/** What of a file is no elements. */
export interface ArrayFile {
  head: Uint8Array;
  element: "u1" | "f4";
  /** Elements in a row. */
  size: number;
  rows: number;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Rows `from` up to `to` of the file's bytes. */
export function arrayBlock(
  file: Uint8Array,
  { head, element, size }: ArrayFile,
  from: number,
  to: number,
): ContentBlock {
  const width = element === "u1" ? size : 4 * size;
  const bytes = file.slice(head.length + from * width, head.length + to * width);
  const cells: Cells =
    element === "u1"
      ? { type: "image", pixels: bytes }
      : { type: "vector", numbers: new Float32Array(bytes.buffer) };
  return { rows: to - from, cells: [cells], frame: new Uint8Array() };
}

export const arrayReader = (element: ArrayFile["element"]): ContentReader<Uint8Array> => ({
  known: () => [{ type: element === "u1" ? "image" : "vector" }],
  restore(_, [cells]) {
    if (cells?.type === "image") return cells.pixels;
    if (cells?.type === "vector") return bytesOf(cells.numbers);
    throw damaged();
  },
  checked: (bytes) => bytes,
});
