// Sums over rows, in float64 and in one pass: means, deviations, and a sample that stays small.

/** Mean and deviation about a shift near the values, so that a column far from 0 keeps its digits. */
export class Moments {
  count = 0;
  #shift = 0;
  #first = 0;
  #second = 0;
  #varies = false;

  add(values: Float64Array): void {
    if (values.length === 0) return;
    if (this.count === 0) this.#shift = values[0]!;
    const shift = this.#shift;
    let first = this.#first;
    let second = this.#second;
    let varies = this.#varies;
    for (let i = 0; i < values.length; i++) {
      const distance = values[i]! - shift;
      if (distance !== 0) varies = true;
      first += distance;
      second += distance * distance;
    }
    this.count += values.length;
    this.#first = first;
    this.#second = second;
    this.#varies = varies;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#shift + this.#first / this.count;
  }

  get variance(): number {
    const mean = this.#first / Math.max(1, this.count);
    return Math.max(0, this.#second / Math.max(1, this.count) - mean * mean);
  }

  /** 1 where nothing varies: there is no spread to divide by. */
  get deviation(): number {
    if (!this.#varies) return 1;
    const { variance } = this;
    return variance > 0 ? Math.sqrt(variance) : 1;
  }
}

/** Every nth value, so many that medians and gaps are known well enough. */
const MOST = 20_000;

export class Sample {
  readonly #values = new Float64Array(MOST);
  #kept = 0;
  #every = 1;
  /** Values to pass over before the next one that is kept. */
  #pass = 0;

  add(values: Float64Array): void {
    let i = this.#pass;
    while (i < values.length) {
      this.#values[this.#kept++] = values[i]!;
      // The last one before fewer are kept is none that would be: the next is as far as it was.
      i += this.#every;
      if (this.#kept === MOST) this.#thin();
    }
    this.#pass = i - values.length;
  }

  #thin(): void {
    this.#kept = MOST / 2;
    for (let i = 0; i < this.#kept; i++) this.#values[i] = this.#values[2 * i]!;
    this.#every *= 2;
  }

  sorted(): Float64Array {
    return this.#values.slice(0, this.#kept).sort();
  }
}

/** The smallest distance between two neighbours that differ; 0 where none do. */
export function leastGap(sorted: Float64Array): number {
  let gap = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const distance = sorted[i]! - sorted[i - 1]!;
    if (distance > 0 && distance < gap) gap = distance;
  }
  return Number.isFinite(gap) ? gap : 0;
}

/** The values at `parts + 1` equal shares of the sorted ones, ends included. */
export function quantilesOf(sorted: Float64Array, parts: number): number[] {
  if (sorted.length === 0) return [];
  return Array.from({ length: parts + 1 }, (_, i) => {
    const place = ((sorted.length - 1) * i) / parts;
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low + (high - low) * (place - Math.floor(place));
  });
}
