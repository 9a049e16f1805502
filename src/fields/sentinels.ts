// Values that people write where there is none: −999 and the like, far outside all other values.
import type { Sentinel } from "./column-profile.ts";

const candidates: readonly number[] = [
  -1, -9, -99, -999, -9999, -99999, -999999, 99, 999, 9999, 99999, 999999,
];

export interface SentinelWatch {
  /** Looks at numbers whose range, NaN aside, is `min` to `max`. */
  add(values: Float64Array, min: number, max: number): void;
  /** @param present numbers that are there. */
  found(present: number): Sentinel | undefined;
}

export function watchSentinels(): SentinelWatch {
  /** The range of all values that are no candidates. */
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const counts = new Float64Array(candidates.length);

  function far(value: number): boolean {
    const away = value < low ? low - value : value - high;
    // No quantity that is never negative is below −9 now and then; −1 and −9 may be codes.
    if (value <= -99 && low >= 0) return true;
    return away > Math.max(high - low, Math.abs(value) / 2);
  }

  return {
    add(values, min, max) {
      if (min >= low && max <= high) return;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        // NaN is neither.
        if (!(value < low || value > high)) continue;
        const candidate = candidates.indexOf(value);
        if (candidate >= 0) {
          counts[candidate]!++;
          continue;
        }
        if (value < low) low = value;
        if (value > high) high = value;
      }
    },
    found(present) {
      if (!(high > low)) return undefined;
      const frequent = Math.max(2, present / 1000);
      const outside = candidates
        .map((value, i) => ({ value, count: counts[i]! }))
        .filter(({ value, count }) => count > 0 && (value < low || value > high));
      // Two of a side are a scale that goes on, not one value that stands for none.
      const [only] = outside;
      if (outside.length !== 1 || only!.count < frequent) return undefined;
      return far(only!.value) ? { ...only!, min: low, max: high } : undefined;
    },
  };
}
