// What is seen of a column of vectors or images while its rows go by.
import type { ImageProfile, VectorProfile } from "./column-profile.ts";
import type { ColumnInfo } from "./columns.ts";
import type { ColumnWatch, OnInfinite } from "./profile-numbers.ts";

interface Range {
  present: number;
  zeros: number;
  sum: number;
  min: number;
  max: number;
}

const emptyRange = (): Range => ({
  present: 0,
  zeros: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

function addRange(range: Range, values: Float32Array | Uint8Array): void {
  let { present, zeros, sum, min, max } = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    present++;
    sum += value;
    if (value === 0) zeros++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  Object.assign(range, { present, zeros, sum, min, max });
}

const isInfinite = ({ min, max }: Range) =>
  min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY;

const infinitePlace = (values: Float32Array | Uint8Array) =>
  values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);

export function watchVectors(
  info: Extract<ColumnInfo, { type: "vector" }>,
  onInfinite: OnInfinite,
): ColumnWatch<VectorProfile> {
  const range = emptyRange();
  let stored = 0;
  let firstFraction: number | undefined;
  let firstNegative: number | undefined;
  return {
    add(column, firstRow) {
      if (column.type !== "vector" && column.type !== "sparse") return;
      const { values } = column;
      const rowOf = (place: number) =>
        column.type === "sparse"
          ? column.offsets.findIndex((offset) => offset > place) - 1
          : Math.floor(place / info.size);
      stored += values.length;
      const before = range.present;
      addRange(range, values);
      if (range.present > before && isInfinite(range)) {
        const at = infinitePlace(values);
        if (at >= 0) onInfinite(firstRow + rowOf(at), values[at]!);
      }
      if (firstNegative === undefined && range.min < 0) {
        firstNegative = firstRow + rowOf(values.findIndex((value) => value < 0)) + 1;
      }
      if (firstFraction !== undefined) return;
      const at = values.findIndex((value) => value - Math.floor(value) > 0);
      if (at >= 0) firstFraction = firstRow + rowOf(at) + 1;
    },
    profile(rows) {
      // What a sparse row does not hold is 0.
      const unstored = rows * info.size - stored;
      const cells = range.present + unstored;
      return {
        type: "vector",
        name: info.name,
        info,
        rows,
        missing: stored - range.present,
        cells,
        min: cells === 0 ? Number.NaN : unstored > 0 ? Math.min(0, range.min) : range.min,
        max: cells === 0 ? Number.NaN : unstored > 0 ? Math.max(0, range.max) : range.max,
        whole: firstFraction === undefined,
        meanOfOthers: range.sum / Math.max(1, range.present - range.zeros),
        zeroShare: cells === 0 ? 0 : (range.zeros + unstored) / cells,
        firstFraction,
        firstNegative,
      };
    },
  };
}

/** Bytes that are neither nearly black nor nearly white. */
const GREY = { from: 32, below: 224 } as const;

function greysAmong(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! >= GREY.from && bytes[i]! < GREY.below) count++;
  }
  return count;
}

export interface ImageWatch extends ColumnWatch<ImageProfile> {
  /** Bytes are known by their type; floats by all of their values. */
  seenEnough(): boolean;
}

export function watchImages(
  info: Extract<ColumnInfo, { type: "image" }>,
  onInfinite: OnInfinite,
): ImageWatch {
  const range = emptyRange();
  let seen = 0;
  let bytes = true;
  let greys = 0;
  const size = info.height * info.width * info.channels;
  return {
    add(column, firstRow) {
      const values = column.values as Uint8Array | Float32Array;
      seen += values.length / size;
      bytes = values instanceof Uint8Array;
      if (values instanceof Uint8Array) greys += greysAmong(values);
      const before = range.present;
      addRange(range, values);
      if (range.present === before || !isInfinite(range)) return;
      const at = infinitePlace(values);
      if (at >= 0) onInfinite(firstRow + Math.floor(at / size), values[at]!);
    },
    seenEnough: () => seen > 0 && bytes,
    profile(rows) {
      const { present, min, max } = range;
      return {
        type: "image",
        name: info.name,
        info,
        rows,
        missing: Math.round(seen - present / size),
        bytes,
        greyShare: bytes && present > 0 ? greys / present : null,
        min: present === 0 ? 0 : min,
        max: present === 0 ? 0 : max,
      };
    },
  };
}
