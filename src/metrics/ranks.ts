// Where numbers stand among some that are known, a million times over.

/** Stretches of even width for each known number: most hold one or none. */
const STRETCHES = 2;

export class Ranks {
  readonly #sorted: Float64Array;
  readonly #least: number;
  readonly #scale: number;
  /** How many of the known numbers lie in stretches before each. */
  readonly #before: Uint32Array;

  /** @param sorted ascending. */
  constructor(sorted: Float64Array) {
    this.#sorted = sorted;
    const { length } = sorted;
    const stretches = Math.max(1, STRETCHES * length);
    const [least, greatest] = [sorted[0] ?? 0, sorted[length - 1] ?? 0];
    this.#least = least;
    // Equal numbers, and infinite ones, are all in the first stretch.
    this.#scale = greatest > least ? (stretches - 1) / (greatest - least) : 0;
    this.#before = new Uint32Array(stretches + 1).fill(length);
    for (let i = length - 1, at = stretches; i >= 0; i--) {
      const own = this.#stretch(sorted[i]!);
      for (; at > own; at--) this.#before[at] = i + 1;
      if (i === 0) this.#before.fill(0, 0, own + 1);
    }
  }

  /** Never falls as the value grows, whatever is rounded. */
  #stretch(value: number): number {
    const at = (value - this.#least) * this.#scale;
    if (!(at > 0)) return 0;
    return Math.min(Math.floor(at), this.#before.length - 2);
  }

  /** How many of the known numbers are below a value; of NaN none. */
  below(value: number): number {
    if (Number.isNaN(value)) return 0;
    const sorted = this.#sorted;
    const stretch = this.#stretch(value);
    let [low, high] = [this.#before[stretch]!, this.#before[stretch + 1]!];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of each of the values. */
  allBelow(values: Float64Array): Uint32Array {
    return Uint32Array.from(values, (value) => this.below(value));
  }
}
