// How the numbers of a column are distributed: their moments, those of their logarithms, and what stands out.
import { createMoments } from "./moments.ts";
import { watchSentinels } from "./sentinels.ts";

export function watchShape() {
  const moments = createMoments();
  const logMoments = createMoments();
  const sentinels = watchSentinels();
  let zeros = 0;
  let belowTen = 0;
  let smallestPositive = Number.POSITIVE_INFINITY;

  function addLogs(values: Float64Array, counts: Float64Array | null, stride: number) {
    const length = Math.ceil(values.length / stride);
    const logs = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const value = values[i * stride]!;
      logs[i] = value > 0 ? Math.log(value) : Number.NaN;
    }
    logMoments.add(logs, counts);
  }

  return {
    /**
     * @param counts how often each of the values is there; `null` for once.
     * @param stride one value in so many is enough for the logarithms.
     */
    add(values: Float64Array, counts: Float64Array | null, stride: number) {
      moments.add(values, counts);
      sentinels.add(values, counts);
      let min = Number.POSITIVE_INFINITY;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        const times = counts === null ? 1 : counts[i]!;
        if (value < min) min = value;
        if (value === 0) zeros += times;
        else if (value > 0) {
          if (value < smallestPositive) smallestPositive = value;
          if (value < 10) belowTen += times;
        }
      }
      if (min >= 0) addLogs(values, counts, stride);
    },
    /** Of `present` numbers from `min` to `max`. */
    profile: (present: number, min: number, max: number) => ({
      mean: moments.mean(),
      deviation: min === max ? 0 : moments.deviation(),
      skewness: min === max ? 0 : moments.skewness(),
      logSkewness: min >= 0 ? logMoments.skewness() : Number.NaN,
      zeros,
      belowTen,
      smallestPositive: smallestPositive === Infinity ? Number.NaN : smallestPositive,
      sentinel: sentinels.found(present),
    }),
  };
}
