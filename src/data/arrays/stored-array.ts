// An array as a file holds it, and its rows in order, a block of them at a time.
import type { ElboError } from "../../base/errors.ts";
import { allocate } from "../../base/read-part.ts";
import { evenBlocks } from "../bytes.ts";
import { elementBytes, machineBigEndian, type StoredNumbers, swapBytes } from "./elements.ts";

export interface ArrayLayout {
  /** One of `elementTypes`. */
  element: string;
  bigEndian: boolean;
  /** Fortran order: the first index runs fastest. */
  columnMajor: boolean;
  shape: number[];
  /** Checked to be what the file holds. */
  dataBytes: number;
}

export interface StoredArray extends ArrayLayout {
  name: string;
  /** Its `dataBytes` bytes, from the first element on. */
  blocks(): AsyncIterable<Uint8Array>;
  /** What to say where the blocks end too soon, or never. */
  wrongLength(received: number): ElboError;
}

/** Elements in one row: the product of all sizes but the first. */
export const rowLength = (shape: readonly number[]) =>
  shape.slice(1).reduce((product, size) => product * size, 1);

/** What bytes of a type are read as; undefined for a type that is not numeric. */
type ReadAs<Numbers> = (type: string, bytes: Uint8Array) => Numbers | undefined;

/** `bytes` start at their buffer's start; they are swapped in place where need be. */
function decode<Numbers>(layout: ArrayLayout, bytes: Uint8Array, readAs: ReadAs<Numbers>): Numbers {
  if (layout.bigEndian !== machineBigEndian) swapBytes(bytes, elementBytes(layout.element));
  return readAs(layout.element, bytes)!;
}

/** Where each element of a row lies in Fortran order, counted in columns of `rows` elements. */
function fortranPlaces(shape: readonly number[]): Int32Array {
  const inner = shape.slice(1);
  const places = new Int32Array(rowLength(shape));
  const strides: number[] = [];
  inner.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  for (let place = 0; place < places.length; place++) {
    let rest = place;
    for (let axis = inner.length - 1; axis >= 0; axis--) {
      places[place]! += (rest % inner[axis]!) * strides[axis]!;
      rest = Math.floor(rest / inner[axis]!);
    }
  }
  return places;
}

/** Fortran order scatters a row over the whole file, so the whole is held, but only meanwhile. */
async function* fortranRows<Numbers extends StoredNumbers>(
  array: StoredArray,
  rows: number,
  readAs: ReadAs<Numbers>,
): AsyncGenerator<Numbers> {
  const bytes = allocate(array.dataBytes, array.name);
  let filled = 0;
  for await (const block of array.blocks()) {
    if (filled + block.length > bytes.length) throw array.wrongLength(filled + block.length);
    bytes.set(block, filled);
    filled += block.length;
  }
  if (filled < bytes.length) throw array.wrongLength(filled);
  const values = decode(array, bytes, readAs);
  const total = array.shape[0]!;
  const places = fortranPlaces(array.shape);
  const width = places.length;
  for (let start = 0; start < total; start += rows) {
    const count = Math.min(rows, total - start);
    const part = values.slice(0, count * width) as Numbers;
    for (let place = 0; place < width; place++) {
      const from = places[place]! * total + start;
      for (let row = 0; row < count; row++) part[row * width + place] = values[from + row]!;
    }
    yield part;
  }
}

/**
 * The rows of an array, `rows` at a time, row-major.
 * @param readAs `numberArray`, or `storedNumbers` for eight-byte integers as they stand.
 */
export async function* arrayRows<Numbers extends StoredNumbers>(
  array: StoredArray,
  rows: number,
  readAs: ReadAs<Numbers>,
): AsyncGenerator<Numbers> {
  if (array.columnMajor && array.shape.length > 1) {
    yield* fortranRows(array, rows, readAs);
    return;
  }
  const rowBytes = rowLength(array.shape) * elementBytes(array.element);
  let received = 0;
  for await (const bytes of evenBlocks(array.blocks(), rows * rowBytes)) {
    received += bytes.length;
    if (received > array.dataBytes || bytes.length % rowBytes !== 0) {
      throw array.wrongLength(received);
    }
    yield decode(array, bytes, readAs);
  }
  if (received !== array.dataBytes) throw array.wrongLength(received);
}
