// Values that people write where there is none: −999 and the like, far outside all other values.
import type { Sentinel } from "./column-profile.ts";

const candidates: readonly number[] = [
  -1, -9, -99, -999, -9999, -99999, -999999, 99, 999, 9999, 99999, 999999,
];

export interface SentinelWatch {
  /** Looks at numbers, of which `counts` tells how often each is there; `null` for once. */
  add(values: Float64Array, counts: Float64Array | null): void;
  /** @param present numbers that are there. */
  found(present: number): Sentinel | undefined;
}

export function watchSentinels(): SentinelWatch {
  /** The range of all values that are no candidates, and how often each candidate was outside it. */
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const outside = new Float64Array(candidates.length);

  function far(value: number): boolean {
    const away = value < low ? low - value : value - high;
    // No quantity that is never negative is below −9 now and then; −1 and −9 may be codes.
    if (value <= -99 && low >= 0) return true;
    return away > Math.max(high - low, Math.abs(value) / 2);
  }

  return {
    add(values, counts) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        // NaN is neither.
        if (!(value < low || value > high)) continue;
        const candidate = candidates.indexOf(value);
        if (candidate >= 0) {
          outside[candidate]! += counts === null ? 1 : counts[i]!;
          continue;
        }
        if (value < low) low = value;
        if (value > high) high = value;
      }
    },
    found(present) {
      if (!(high > low)) return undefined;
      const frequent = Math.max(2, present / 1000);
      const beyond = candidates
        .map((value, i) => ({ value, count: outside[i]! }))
        .filter(({ value, count }) => count > 0 && (value < low || value > high));
      // Two of a side are a scale that goes on, not one value that stands for none.
      const [only] = beyond;
      if (beyond.length !== 1 || only!.count < frequent) return undefined;
      return far(only!.value) ? { ...only!, min: low, max: high } : undefined;
    },
  };
}
