// Whether numbers that come one after the other are distributed as some that are known (the two-sample
// test of Kolmogorov and Smirnov), in memory bounded by those that are known.
import { Ranks } from "./ranks.ts";

/** P(K > λ) of Kolmogorov's distribution. */
function kolmogorovTail(lambda: number): number {
  // Below it the alternating series needs ever more terms, and its sum is 1 to twelve digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= 100; j++) {
    const term = Math.exp(-2 * (j * lambda) ** 2);
    sum += j % 2 === 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

export class TwoSamples {
  readonly #known: Float64Array;
  readonly #ranks: Ranks;
  /** Numbers that came, by how many of the known ones are below, and at most, them. */
  readonly #above: Float64Array;
  readonly #equal: Float64Array;
  #count = 0;

  /** @param known in any order. */
  constructor(known: Float64Array) {
    this.#known = known.slice().sort();
    this.#ranks = new Ranks(this.#known);
    this.#above = new Float64Array(known.length + 1);
    this.#equal = new Float64Array(known.length);
  }

  add(value: number): void {
    this.addAt(this.#ranks.below(value), value);
  }

  /** @param place how many of the known numbers are below the value. */
  addAt(place: number, value: number): void {
    if (this.#known[place] === value) this.#equal[place]!++;
    else this.#above[place]!++;
    this.#count++;
  }

  /** The largest distance between the two distribution functions. */
  get distance(): number {
    const { length } = this.#known;
    if (this.#count === 0 || length === 0) return 0;
    let most = 0;
    let seen = 0;
    let place = 0;
    const compare = () => {
      most = Math.max(most, Math.abs(seen / this.#count - place / length));
    };
    while (place < length) {
      seen += this.#above[place]!;
      compare();
      seen += this.#equal[place]!;
      const value = this.#known[place];
      while (this.#known[place] === value) place++;
      compare();
    }
    return most;
  }

  /**
   * The probability of a distance as large between two samples of one distribution, by its limit with
   * Stephens' (1970) correction for small samples; too large rather than too small where numbers are
   * equal.
   * @param each how many numbers count as one: those that follow each other may tell the same.
   */
  pValue(each = 1): number {
    const [n, m] = [this.#known.length / each, this.#count / each];
    if (n < 1 || m < 1) return 1;
    const root = Math.sqrt((n * m) / (n + m));
    return kolmogorovTail((root + 0.12 + 0.11 / root) * this.distance);
  }
}
