// What is seen of a column of numbers or of times while its rows go by.
import type { NumberProfile, TimeProfile } from "./column-profile.ts";
import type { ColumnInfo, ColumnValues } from "./columns.ts";
import { watchLevels } from "./number-levels.ts";
import { watchShape } from "./number-shape.ts";
import { RangeTally, rest, type Tally } from "./tally/tally.ts";

/** Rows counted from 0. An infinite value is told to `infinite`, which throws. */
export interface ColumnWatch<Profile> {
  add(values: ColumnValues, firstRow: number): void;
  profile(rows: number): Profile;
}
export type OnInfinite = (row: number, value: number) => never;

/** After so many rows, one in `logStride` is enough to see the shape of the logarithms. */
const logRows = 1 << 16;
const logStride = 16;

/** Tells of the first infinite number of a piece, where there was one. */
function checkFinite(
  { min, max }: RangeTally,
  values: Float64Array,
  firstRow: number,
  onInfinite: OnInfinite,
) {
  if (min !== Number.NEGATIVE_INFINITY && max !== Number.POSITIVE_INFINITY) return;
  const at = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (at >= 0) onInfinite(firstRow + at, values[at]!);
}

export function watchNumbers(
  info: Extract<ColumnInfo, { type: "number" }>,
  tally: Tally,
  limit: number,
  onInfinite: OnInfinite,
): ColumnWatch<NumberProfile> {
  const range = new RangeTally(tally);
  const many = watchShape(tally);
  const levels = watchLevels(tally, limit, (few) => many.add(few, 1));
  let firstFraction: number | undefined;
  let firstNegative: number | undefined;

  /** What all is known of: of few numbers, from those and their counts. */
  function shape() {
    const few = levels.few();
    if (few === undefined) return many;
    const shape = watchShape(tally);
    shape.add(few.held(), 1);
    return shape;
  }

  return {
    add(column, firstRow) {
      const values = column.values as Float64Array;
      const held = tally.hold(values);
      range.add(held);
      checkFinite(range, values, firstRow, onInfinite);
      if (firstNegative === undefined && range.min < 0) {
        firstNegative = firstRow + values.findIndex((value) => value < 0) + 1;
      }
      const before = levels.few()?.size ?? 0;
      const added = levels.add(held);
      if (firstFraction === undefined) {
        const few = levels.few();
        const fresh = few ? tally.firstFraction(rest(few.held(), before)) : 0;
        const at = fresh < 0 ? -1 : tally.firstFraction(tally.hold(values));
        if (at >= 0) firstFraction = firstRow + at + 1;
      }
      if (added === values.length) return;
      const others = rest(tally.hold(values), added);
      levels.addMany(others, firstFraction === undefined);
      many.add(others, firstRow < logRows ? 1 : logStride);
    },
    profile(rows) {
      const { present, min, max, ascending } = range;
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
  tally: Tally,
  onInfinite: OnInfinite,
): ColumnWatch<TimeProfile> {
  const range = new RangeTally(tally);
  let previous = Number.NaN;
  let rises = 0;
  return {
    add(column, firstRow) {
      const values = column.values as Float64Array;
      range.add(tally.hold(values));
      checkFinite(range, values, firstRow, onInfinite);
      for (let i = 0; i < values.length; i++) {
        if (values[i]! > previous) rises++;
        previous = values[i]!;
      }
    },
    profile(rows) {
      const { present, min, max } = range;
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
