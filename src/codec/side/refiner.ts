// Secondary estimation: what truly follows, by a small context and the probability foretold, between
// whose steps it interpolates (an "adaptive probability map").
import { logitLimit, squash } from "./logistic.ts";

const stepBits = 8;
const steps = ((2 * logitLimit + 1) >> stepBits) + 2;
const rate = 6;

export class Refiner {
  /** Probabilities, times 2^22. */
  readonly #values: Int32Array;
  #at = 0;

  constructor(contexts: number) {
    this.#values = new Int32Array(contexts * steps);
    for (let j = 0; j < steps; j++) {
      const logit = Math.min((j << stepBits) - logitLimit, logitLimit);
      this.#values[j] = squash[logit + logitLimit]! << 6;
    }
    for (let filled = steps; filled < this.#values.length; filled *= 2) {
      this.#values.copyWithin(filled, 0, filled);
    }
  }

  /** The probability, times 2^16, of a one that `logit` foretells. */
  refine(logit: number, context: number): number {
    const place = logit + logitLimit;
    const share = place & ((1 << stepBits) - 1);
    const low = context * steps + (place >> stepBits);
    this.#at = share < 1 << (stepBits - 1) ? low : low + 1;
    const below = this.#values[low]! * ((1 << stepBits) - share);
    return (below + this.#values[low + 1]! * share) >>> (stepBits + 6);
  }

  /** Moves the nearer of the two steps towards the bit that came. */
  update(bit: number): void {
    const value = this.#values[this.#at]!;
    this.#values[this.#at] = value + (((bit << 22) - value) >> rate);
  }
}
