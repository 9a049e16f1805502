// A file of a header and numbers behind it, as IDX and npy are: pixels of bytes, or numbers of any type, which
// the model takes as float32; what those round stands beside them.

import { elementBytes, storedNumbers, swapBytes } from "../../data/arrays/elements.ts";
import { exactValues } from "../../data/arrays/exact-values.ts";
import { isRounded, type WideNumbers } from "../../fields/columns.ts";
import { damaged } from "../ans/coder.ts";
import type { Cells } from "../cells/cells.ts";
import type { ContentBlock, ContentReader } from "./content.ts";
import { readWide, wideBytes } from "./wide.ts";

/** Types of elements, by NumPy's names, that come back byte for byte. */
export const arrayElements = [
  ...(["u1", "i1", "u2", "i2", "u4", "i4", "f4", "u8", "i8", "f8"] as const),
] as const;
export type ArrayElement = (typeof arrayElements)[number];

const typedArrays = {
  ...{ u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array },
  ...{ i4: Int32Array, f4: Float32Array, u8: BigUint64Array, i8: BigInt64Array, f8: Float64Array },
} as const;

/** How elements stand in a file. */
export interface ArrayLayout {
  element: ArrayElement;
  /** Whether the high byte of each comes first. */
  swapped?: true;
}

/** What of a file is no elements. */
export interface ArrayFile extends ArrayLayout {
  head: Uint8Array;
  /** Elements in a row. */
  size: number;
  /** Whether they are pixels: bytes. */
  image: boolean;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const vector = { name: "", type: "vector", size: 1, sparse: false } as const;

/** Rows `from` up to `to` of the file's bytes. */
export function arrayBlock(
  file: Uint8Array,
  { head, element, swapped, size, image }: ArrayFile,
  from: number,
  to: number,
): ContentBlock {
  const width = elementBytes(element) * size;
  const bytes = file.slice(head.length + from * width, head.length + to * width);
  const block = (cells: Cells, frame: Uint8Array = new Uint8Array()) => ({
    ...{ rows: to - from, cells: [cells], frame },
  });
  if (image) return block({ type: "image", pixels: bytes });
  if (swapped) swapBytes(bytes, elementBytes(element));
  const values = exactValues({ ...vector, element }, storedNumbers(element, bytes)!);
  if (values.type !== "vector") throw damaged();
  const { values: numbers, wide } = values;
  return block({ type: "vector", numbers }, wide && wideBytes(numbers, wide));
}

/** A vector's numbers as elements again. */
function elementsOf({ element }: ArrayLayout, frame: Uint8Array, near: Float32Array) {
  const out = new typedArrays[element](near.length);
  if (out instanceof Float32Array) return near;
  if (isLong(out)) return readWide(frame, near, out);
  const wide = isRounded(vector, element)
    ? readWide(frame, near, new Float64Array(near.length))
    : near;
  for (let i = 0; i < out.length; i++) out[i] = wide[i]!;
  return out;
}

const isLong = (numbers: object): numbers is WideNumbers =>
  numbers instanceof BigInt64Array ||
  numbers instanceof BigUint64Array ||
  numbers instanceof Float64Array;

/** @param type of its column's cells. */
export const arrayReader = (
  layout: ArrayLayout,
  type: "image" | "vector",
): ContentReader<Uint8Array> => ({
  known: () => [{ type }],
  restore(frame, [cells]) {
    if (cells?.type === "image") return cells.pixels;
    if (cells?.type !== "vector") throw damaged();
    const bytes = bytesOf(elementsOf(layout, frame, cells.numbers));
    if (layout.swapped) swapBytes(bytes, elementBytes(layout.element));
    return bytes;
  },
  checked: (bytes) => bytes,
});
