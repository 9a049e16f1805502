// Which window of a series each missing cell is drawn from: one that has its gap in the middle, since the
// cells of a gap go together, and both sides tell of them.

export class GapWindows {
  readonly #size: number;
  readonly #rows: number;
  /** Rows of a gap that are drawn together at most, so that half a window is there beside them. */
  readonly #most: number;
  readonly #windows = new Map<number, number>();
  #row = 0;
  #start: number | null = null;

  /** @param rows of the series; a window begins at each that `size` rows are left from. */
  constructor(size: number, rows: number) {
    this.#size = size;
    this.#rows = rows;
    this.#most = Math.max(1, Math.floor(size / 2));
  }

  /** @param open whether the next row has a gap. */
  add(open: boolean): void {
    const row = this.#row++;
    if (!open && this.#start !== null) this.#close(row - 1);
    if (!open) return;
    this.#start ??= row;
    if (row - this.#start + 1 === this.#most || row === this.#rows - 1) this.#close(row);
  }

  #close(last: number): void {
    const first = this.#start!;
    const middle = Math.floor((first + last) / 2);
    const centred = middle - Math.floor((this.#size - 1) / 2);
    const window = Math.max(0, Math.min(this.#rows - this.#size, centred));
    for (let row = first; row <= last; row++) this.#windows.set(row, window);
    this.#start = null;
  }

  /**
   * Where values of `count` windows from `first` on, `(count, size)`, go: rows from `first` on, and the
   * places of their values. Each row is given once, with a window whose rows have all been added.
   */
  picks(first: number, count: number): { rows: number[]; places: number[] } {
    const picks = { rows: [] as number[], places: [] as number[] };
    for (const [row, window] of this.#windows) {
      if (window >= first + count) continue;
      picks.rows.push(row - first);
      picks.places.push((window - first) * this.#size + row - window);
      this.#windows.delete(row);
    }
    return picks;
  }
}
