// Mean, deviation and skewness in one pass: of each chunk about its own mean, then merged, which
// keeps the digits of columns far from zero (Chan, Golub and LeVeque 1983; Pébay 2008).

export interface Moments {
  /**
   * Adds numbers; NaN counts as missing.
   * @param counts how often each is there; `null` for once.
   */
  add(values: Float64Array, counts: Float64Array | null): void;
  count(): number;
  mean(): number;
  /** Population deviation. */
  deviation(): number;
  /** Third standardised moment; 0 without spread. */
  skewness(): number;
}

export function createMoments(): Moments {
  let n = 0;
  let mean = 0;
  let m2 = 0;
  let m3 = 0;
  return {
    add(values, counts) {
      let count = 0;
      let sum = 0;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        const times = counts === null ? 1 : counts[i]!;
        count += times;
        sum += times * value;
      }
      if (count === 0) return;
      const center = sum / count;
      let first = 0;
      let second = 0;
      let third = 0;
      for (let i = 0; i < values.length; i++) {
        const d = values[i]! - center;
        if (Number.isNaN(d)) continue;
        const times = counts === null ? 1 : counts[i]!;
        const square = d * d;
        first += times * d;
        second += times * square;
        third += times * square * d;
      }
      // The rounding of `center` is taken out again: the sums are about center + shift.
      const shift = first / count;
      third -= 3 * shift * second - 2 * count * shift ** 3;
      second -= count * shift * shift;
      const other = center + shift;
      const total = n + count;
      const delta = other - mean;
      m3 +=
        third +
        (delta ** 3 * n * count * (n - count)) / (total * total) +
        (3 * delta * (n * second - count * m2)) / total;
      m2 += second + (delta * delta * n * count) / total;
      mean += (delta * count) / total;
      n = total;
    },
    count: () => n,
    mean: () => (n === 0 ? Number.NaN : mean),
    deviation: () => (n === 0 ? Number.NaN : Math.sqrt(Math.max(0, m2 / n))),
    skewness: () => (n === 0 ? Number.NaN : m2 > 0 ? m3 / n / (m2 / n) ** 1.5 : 0),
  };
}
