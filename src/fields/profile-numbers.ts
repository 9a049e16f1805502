// What is seen of a column of numbers or of times while its rows go by.
import type { NumberProfile, TimeProfile } from "./column-profile.ts";
import type { ColumnInfo, ColumnValues } from "./columns.ts";
import { digestText, startDigest, stepA, stepB } from "./digest.ts";
import {
  createSketch,
  hashNumber,
  type NumberTable,
  numberTable,
  type Sketch,
} from "./distinct.ts";
import { createMoments } from "./moments.ts";
import { watchSentinels } from "./sentinels.ts";

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
      let sum = 0;
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
        sum += value;
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
      return { present, sum };
    },
  };
}

/** Different numbers: kept and coded while they are few, then estimated if they are whole. */
function watchLevels(limit: number) {
  let table: NumberTable | undefined = numberTable(limit);
  let sketch: Sketch | undefined;
  let mode: { value: number; count: number } | undefined;
  const pattern = startDigest();

  function most(full: NumberTable) {
    const counts = full.counts();
    let best = 0;
    for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
    return counts.length === 0 ? undefined : { value: full.values()[best]!, count: counts[best]! };
  }
  function overflow(full: NumberTable) {
    mode = most(full);
    sketch = createSketch();
    for (const value of full.values()) sketch.add(hashNumber(value));
    table = undefined;
  }

  return {
    add(values: Float64Array, whole: boolean) {
      let i = 0;
      if (table !== undefined) {
        let { a, b } = pattern;
        for (; i < values.length; i++) {
          const value = values[i]!;
          const code = Number.isNaN(value) ? -2 : table.add(value);
          if (code === -1) break;
          a = stepA(a, code);
          b = stepB(b, code);
        }
        pattern.a = a;
        pattern.b = b;
        if (i === values.length) return;
        overflow(table);
      }
      const frequent = mode!.value;
      for (let j = i; j < values.length; j++) if (values[j] === frequent) mode!.count++;
      // A column of fractions is real however many there are.
      if (!whole) return;
      for (; i < values.length; i++) {
        const value = values[i]!;
        if (!Number.isNaN(value)) sketch!.add(hashNumber(value));
      }
    },
    pattern: () => (table === undefined ? null : digestText(pattern)),
    mode: () => (table === undefined ? mode : most(table)),
    distinct: (present: number) =>
      table === undefined
        ? { count: Math.min(present, Math.round(sketch!.estimate())), exact: false }
        : { count: table.size(), exact: true },
    levels() {
      if (table === undefined) return null;
      const counts = table.counts();
      return [...table.values()]
        .map((value, i) => ({ value, count: counts[i]! }))
        .sort((a, b) => a.value - b.value);
    },
  };
}

export function watchNumbers(
  info: Extract<ColumnInfo, { type: "number" }>,
  limit: number,
  onInfinite: OnInfinite,
): ColumnWatch<NumberProfile> {
  const range = watchRange(onInfinite);
  const levels = watchLevels(limit);
  const moments = createMoments();
  const logMoments = createMoments();
  const sentinels = watchSentinels();
  let firstFraction: number | undefined;
  let firstNegative: number | undefined;
  let zeros = 0;
  let belowTen = 0;
  let smallestPositive = Number.POSITIVE_INFINITY;

  function addShape(values: Float64Array) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value === 0) zeros++;
      else if (value > 0) {
        if (value < smallestPositive) smallestPositive = value;
        if (value < 10) belowTen++;
      }
    }
  }
  function addLogs(values: Float64Array, firstRow: number) {
    const stride = firstRow < logRows ? 1 : logStride;
    const logs = new Float64Array(Math.ceil(values.length / stride));
    let count = 0;
    let sum = 0;
    for (let i = 0, j = 0; i < values.length; i += stride, j++) {
      const value = values[i]!;
      const log = value === 0 ? Number.NaN : Math.log(value);
      logs[j] = log;
      if (Number.isNaN(log)) continue;
      count++;
      sum += log;
    }
    logMoments.add(logs, count, sum);
  }

  return {
    add(column, firstRow) {
      const values = column.values as Float64Array;
      const { present, sum } = range.add(values, firstRow);
      const { min, max } = range.seen;
      moments.add(values, present, sum);
      sentinels.add(values, min, max);
      if (firstNegative === undefined && min < 0) {
        firstNegative = firstRow + values.findIndex((value) => value < 0) + 1;
      }
      if (firstFraction === undefined) {
        const at = values.findIndex((value) => value - Math.floor(value) > 0);
        if (at >= 0) firstFraction = firstRow + at + 1;
      }
      levels.add(values, firstFraction === undefined);
      addShape(values);
      if (min >= 0) addLogs(values, firstRow);
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
        mean: moments.mean(),
        deviation: min === max ? 0 : moments.deviation(),
        skewness: min === max ? 0 : moments.skewness(),
        logSkewness: min >= 0 ? logMoments.skewness() : Number.NaN,
        whole: firstFraction === undefined,
        firstFraction,
        firstNegative,
        zeros,
        belowTen,
        smallestPositive: smallestPositive === Infinity ? Number.NaN : smallestPositive,
        distinct: levels.distinct(present),
        levels: levels.levels(),
        mode: levels.mode(),
        ascending: ascending && !empty,
        sentinel: sentinels.found(present),
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
