// Packed rows into a batch, chosen by an order or as they stand: gaps become 0 beside a mask, and
// what is sparse is spread out.
import { MISSING } from "../../fields/layout.ts";
import type { PackedValues } from "../../fields/pack.ts";

/** Places `from` to `to − 1` of `order`, or rows `from` to `to − 1` without one. */
export interface Choice {
  order: Uint32Array | null;
  from: number;
  to: number;
}

/** Shorter rows are copied element by element: a view of each costs more. */
const shortRow = 100;

type Numbers = Float32Array | Int32Array | Uint8Array;

/** Four bytes of each element, whatever they mean: one type makes the loop below fast. */
const words = ({ buffer, byteOffset, length }: Numbers) =>
  new Int32Array(buffer, byteOffset, length);

/** Copies rows as they are, from row `at` of the target on; both are of one type. */
export function copyRows(
  target: Numbers,
  at: number,
  source: Numbers,
  choice: Choice,
  elements: number,
): void {
  const { order, from, to } = choice;
  let out = at * elements;
  if (order === null) {
    target.set(source.subarray(from * elements, to * elements), out);
  } else if (elements < shortRow && target.BYTES_PER_ELEMENT === 4) {
    copyWords(words(target), out, words(source), order, choice, elements);
  } else {
    for (let i = from; i < to; i++, out += elements) {
      const next = order[i]! * elements;
      target.set(source.subarray(next, next + elements), out);
    }
  }
}

function copyWords(
  target: Int32Array,
  start: number,
  source: Int32Array,
  order: Uint32Array,
  { from, to }: Choice,
  elements: number,
): void {
  let out = start;
  for (let i = from; i < to; i++) {
    let next = order[i]! * elements;
    for (const end = next + elements; next < end; next++, out++) target[out] = source[next]!;
  }
}

/** Replaces NaN in elements `from` to `to − 1` by 0, and says so in `mask`, if there is one. */
export function maskFloats(
  values: Float32Array,
  mask: Float32Array | null,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const there = !Number.isNaN(values[i]!);
    if (!there) values[i] = 0;
    if (mask !== null) mask[i] = there ? 1 : 0;
  }
}

/** Replaces MISSING by 0; each place of the mask is for `cell` elements side by side. */
export function maskIntegers(
  values: Int32Array,
  mask: Float32Array | null,
  from: number,
  to: number,
  cell: number,
): void {
  for (let i = from; i < to; i += cell) {
    const there = values[i] !== MISSING;
    if (!there) values.fill(0, i, i + cell);
    if (mask !== null) mask[i / cell] = there ? 1 : 0;
  }
}

/** Rows of what is kept of a sparse group, in full. */
export function spreadRows(
  target: Float32Array,
  at: number,
  { offsets, indices, values }: Extract<PackedValues, { type: "sparse" }>,
  { order, from, to }: Choice,
  elements: number,
  mask: Float32Array | null,
): void {
  const end = (at + to - from) * elements;
  target.fill(0, at * elements, end);
  mask?.fill(1, at * elements, end);
  for (let i = from, out = at * elements; i < to; i++, out += elements) {
    const row = order === null ? i : order[i]!;
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const place = out + indices[entry]!;
      const value = values[entry]!;
      if (!Number.isNaN(value)) target[place] = value;
      else if (mask !== null) mask[place] = 0;
    }
  }
}
