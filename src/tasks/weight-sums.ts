// Sums over importance weights that come one after the other, by their logarithms, without overflow.

/** Of some rows. */
export class WeightSums {
  /** What the newest weight is of those so far: 0 to 1. */
  readonly newest: Float64Array;
  /** The largest logarithm so far, which all sums are relative to. */
  readonly #peak: Float64Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;

  constructor(rows: number) {
    this.newest = new Float64Array(rows);
    this.#peak = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(rows);
    this.#squares = new Float64Array(rows);
  }

  /** @param logs of each row's next weight; what is no number counts for nothing. */
  add(logs: Float64Array): void {
    for (let row = 0; row < logs.length; row++) {
      // Of weights that are all nothing each counts alike.
      const log = Math.max(-Number.MAX_VALUE, Number.isNaN(logs[row]!) ? -Infinity : logs[row]!);
      const peak = Math.max(this.#peak[row]!, log);
      const shrink = Math.exp(this.#peak[row]! - peak);
      const weight = Math.exp(log - peak);
      this.#sum[row] = this.#sum[row]! * shrink + weight;
      this.#squares[row] = this.#squares[row]! * shrink ** 2 + weight ** 2;
      this.#peak[row] = peak;
      this.newest[row] = weight / this.#sum[row]!;
    }
  }

  /** Moves weighted means of each row, `(rows, n)`, by the newest values. */
  mix(means: Float64Array, values: ArrayLike<number>): void {
    const width = means.length / this.newest.length;
    for (let row = 0; row < this.newest.length; row++) {
      const share = this.newest[row]!;
      if (share === 0) continue;
      for (let i = row * width; i < (row + 1) * width; i++) {
        means[i]! += share * (values[i]! - means[i]!);
      }
    }
  }

  /** Weights by their logarithms, as shares of all. */
  shares(logs: Float64Array): Float64Array {
    return logs.map((log, row) => {
      const held = Math.max(-Number.MAX_VALUE, Number.isNaN(log) ? -Infinity : log);
      return Math.exp(held - this.#peak[row]!) / this.#sum[row]!;
    });
  }

  /** (Σ w)² / Σ w² of each row. */
  effective(): Float64Array {
    return this.#sum.map((sum, row) => sum ** 2 / this.#squares[row]!);
  }
}
