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
const shortRow = 32;

export const isShort = (elements: number) => elements < shortRow;

/** Copies rows as they are, from row `at` of the target on. */
export function copyRows<Numbers extends Float32Array | Int32Array | Uint8Array>(
  target: Numbers,
  at: number,
  source: Numbers,
  { order, from, to }: Choice,
  elements: number,
): void {
  if (order === null) {
    target.set(source.subarray(from * elements, to * elements), at * elements);
    return;
  }
  for (let i = from, out = at * elements; i < to; i++, out += elements) {
    const start = order[i]! * elements;
    target.set(source.subarray(start, start + elements), out);
  }
}

/** Copies rows of floats with 0 for NaN, and says in `mask`, if there is one, which were there. */
export function copyFloats(
  target: Float32Array,
  at: number,
  source: Float32Array,
  { order, from, to }: Choice,
  elements: number,
  mask: Float32Array | null,
): void {
  let out = at * elements;
  for (let i = from; i < to; i++) {
    let next = (order === null ? i : order[i]!) * elements;
    for (const end = next + elements; next < end; next++, out++) {
      const value = source[next]!;
      const there = !Number.isNaN(value);
      target[out] = there ? value : 0;
      if (mask !== null) mask[out] = there ? 1 : 0;
    }
  }
}

/** Replaces NaN in elements `from` to `to − 1` by 0, and says so in `mask`. */
export function maskFloats(
  values: Float32Array,
  mask: Float32Array | null,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const there = !Number.isNaN(value);
    if (!there) values[i] = 0;
    if (mask !== null) mask[i] = there ? 1 : 0;
  }
}

/** Whole numbers with 0 for MISSING; each place of the mask is for `cell` elements side by side. */
export function copyIntegers(
  target: Int32Array,
  at: number,
  source: Int32Array,
  { order, from, to }: Choice,
  elements: number,
  mask: Float32Array | null,
  cell: number,
): void {
  let out = at * elements;
  for (let i = from; i < to; i++) {
    const start = (order === null ? i : order[i]!) * elements;
    for (let next = start; next < start + elements; next++, out++) {
      const value = source[next]!;
      target[out] = value === MISSING ? 0 : value;
    }
    if (mask === null) continue;
    const places = elements / cell;
    for (let place = 0; place < places; place++) {
      mask[(at + i - from) * places + place] = source[start + place * cell] === MISSING ? 0 : 1;
    }
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
