// Means over the windows of a series that hold a row, for one row after the other as windows come.

export class RowMeans {
  readonly #size: number;
  readonly #windows: number;
  readonly #each: boolean;
  /** Of rows that a further window may hold. */
  #sums: Float64Array;
  #first = 0;

  /**
   * @param size rows in a window, each of which begins a row after the one before.
   * @param windows in all.
   * @param each whether a window has a value for each of its rows, or one for all of them.
   */
  constructor(size: number, windows: number, each: boolean) {
    this.#size = size;
    this.#windows = windows;
    this.#each = each;
    this.#sums = new Float64Array(size - 1);
  }

  /**
   * @param values of the next `count` windows, `(count, size)` or `(count,)`.
   * @returns of the next `count` rows, which no further window holds.
   */
  add(values: ArrayLike<number>, count: number): Float64Array {
    const size = this.#size;
    const [window, row] = this.#each ? [size, 1] : [1, 0];
    const sums = new Float64Array(count + size - 1);
    sums.set(this.#sums);
    // A row's windows are added in their order, whatever comes at a time: the same bits at every call.
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < size; j++) sums[i + j]! += values[i * window + j * row]!;
    }
    this.#sums = sums.slice(count);
    return this.#means(sums.slice(0, count));
  }

  /** Of the rows that are left when all windows have come: `size − 1` of them. */
  rest(): Float64Array {
    return this.#means(this.#sums);
  }

  #means(sums: Float64Array): Float64Array {
    for (let i = 0; i < sums.length; i++) {
      const row = this.#first + i;
      const last = Math.min(row, this.#windows - 1);
      sums[i]! /= last - Math.max(0, row - this.#size + 1) + 1;
    }
    this.#first += sums.length;
    return sums;
  }
}
