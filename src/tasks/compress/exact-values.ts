// Whether the numbers of an npy or IDX file are all there when it is read: vectors and images are float32.
import {
  elementBytes,
  machineBigEndian,
  numberArray,
  swapBytes,
} from "../../data/arrays/elements.ts";
import { elementTypes } from "../../data/arrays/idx.ts";
import { headerPlace, isNpy, parseNpyHeader } from "../../data/arrays/npy-header.ts";
import type { ColumnInfo } from "../../fields/columns.ts";

/** Its elements, and how they are stored. */
function stored(bytes: Uint8Array, source: string) {
  if (!isNpy(bytes)) {
    const data = bytes.subarray(4 + 4 * bytes[3]!);
    return { element: elementTypes[bytes[2]!]!, bigEndian: true, data };
  }
  const { start, length } = headerPlace(bytes, source);
  const text = bytes.subarray(start, start + length);
  return { ...parseNpyHeader(text, source), data: bytes.subarray(start + length) };
}

/** @param bytes of a file that was opened, so that its head is sound. */
export function keepsValues(bytes: Uint8Array, source: string, { type }: ColumnInfo): boolean {
  const { element, bigEndian, data } = stored(bytes, source);
  // A Buffer's slice would be no copy.
  const own = new Uint8Array(data);
  if (bigEndian !== machineBigEndian) swapBytes(own, elementBytes(element));
  const isWhole = element === "i8" || element === "u8";
  const kept = type === "number" ? (value: number) => value : Math.fround;
  return numberArray(element, own)!.every(
    (value) =>
      Number.isNaN(value) ||
      (kept(value) === value && !(isWhole && Math.abs(value) > Number.MAX_SAFE_INTEGER)),
  );
}
