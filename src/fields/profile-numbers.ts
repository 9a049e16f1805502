// What is seen of a column of numbers or of times while its rows go by.
import type { NumberProfile, TimeProfile } from "./column-profile.ts";
import type { ColumnInfo, ColumnValues } from "./columns.ts";
import { digestText, startDigest, stepA, stepB } from "./digest.ts";
import { watchLevels } from "./number-levels.ts";
import { watchShape } from "./number-shape.ts";

/** Rows counted from 0. An infinite value is told to `infinite`, which throws. */
export interface ColumnWatch<Profile> {
  add(values: ColumnValues, firstRow: number): void;
  profile(rows: number): Profile;
}
export type OnInfinite = (row: number, value: number) => never;

/** After so many rows, one in `logStride` is enough to see the shape of the logarithms. */
const logRows = 1 << 16;
const logStride = 16;

/** Range, gaps and order of numbers, and a digest of their bits. */
function watchRange(onInfinite: OnInfinite) {
  const digest = startDigest();
  const seen = {
    present: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    ascending: true,
  };
  let previous = Number.NEGATIVE_INFINITY;
  return {
    seen,
    digest: () => digestText(digest),
    add(values: Float64Array, firstRow: number) {
      const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
      let { a, b } = digest;
      let { min, max, ascending } = seen;
      let present = 0;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) {
          a = stepA(a, 1);
          b = stepB(b, 1);
          ascending = false;
          continue;
        }
        const word = words[2 * i]! ^ Math.imul(words[2 * i + 1]!, 0x9e3779b1);
        a = stepA(a, word);
        b = stepB(b, word);
        present++;
        if (value < min) min = value;
        if (value > max) max = value;
        if (!(value > previous)) ascending = false;
        previous = value;
      }
      digest.a = a;
      digest.b = b;
      seen.min = min;
      seen.max = max;
      seen.ascending = ascending;
      seen.present += present;
      if (min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY) {
        const at = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
        if (at >= 0) onInfinite(firstRow + at, values[at]!);
      }
    },
  };
}

/** Where the first fraction stands, −1 without one. */
function firstFractionOf(values: Float64Array): number {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! - Math.floor(values[i]!) > 0) return i;
  }
  return -1;
}

export function watchNumbers(
  info: Extract<ColumnInfo, { type: "number" }>,
  limit: number,
  onInfinite: OnInfinite,
): ColumnWatch<NumberProfile> {
  const range = watchRange(onInfinite);
  const many = watchShape();
  const levels = watchLevels(limit, (few) => many.add(few.values(), few.counts(), 1));
  let firstFraction: number | undefined;
  let firstNegative: number | undefined;

  /** What all is known of: of few numbers, from those and their counts. */
  function shape() {
    const few = levels.few();
    if (few === undefined) return many;
    const shape = watchShape();
    shape.add(few.values(), few.counts(), 1);
    return shape;
  }

  return {
    add(column, firstRow) {
      const values = column.values as Float64Array;
      range.add(values, firstRow);
      if (firstNegative === undefined && range.seen.min < 0) {
        firstNegative = firstRow + values.findIndex((value) => value < 0) + 1;
      }
      const before = levels.few()?.size() ?? 0;
      const added = levels.add(values);
      if (firstFraction === undefined) {
        const fresh = levels.few()?.values().subarray(before) ?? values;
        if (firstFractionOf(fresh) >= 0) firstFraction = firstRow + firstFractionOf(values) + 1;
      }
      if (added === values.length) return;
      const rest = values.subarray(added);
      levels.addMany(rest, firstFraction === undefined);
      many.add(rest, null, firstRow < logRows ? 1 : logStride);
    },
    profile(rows) {
      const { present, min, max, ascending } = range.seen;
      const empty = present === 0;
      return {
        type: "number",
        name: info.name,
        info,
        rows,
        missing: rows - present,
        min: empty ? Number.NaN : min,
        max: empty ? Number.NaN : max,
        ...shape().profile(present, min, max),
        whole: firstFraction === undefined,
        firstFraction,
        firstNegative,
        distinct: levels.distinct(present),
        levels: levels.levels(),
        mode: levels.mode(),
        ascending: ascending && !empty,
        digest: range.digest(),
        pattern: levels.pattern(),
      };
    },
  };
}

export function watchTimes(
  info: Extract<ColumnInfo, { type: "time" }>,
  onInfinite: OnInfinite,
): ColumnWatch<TimeProfile> {
  const range = watchRange(onInfinite);
  let previous = Number.NaN;
  let rises = 0;
  return {
    add(column, firstRow) {
      const values = column.values as Float64Array;
      range.add(values, firstRow);
      for (let i = 0; i < values.length; i++) {
        if (values[i]! > previous) rises++;
        previous = values[i]!;
      }
    },
    profile(rows) {
      const { present, min, max } = range.seen;
      return {
        type: "time",
        name: info.name,
        info,
        rows,
        missing: rows - present,
        min: present === 0 ? Number.NaN : min,
        max: present === 0 ? Number.NaN : max,
        wholeDays: info.date === true,
        rising: rows > 1 ? rises / (rows - 1) : 0,
        digest: range.digest(),
        pattern: null,
      };
    },
  };
}
