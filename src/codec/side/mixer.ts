// Logistic mixing: logits weighted and added, the weights moved down the gradient of the code's length
// (Mahoney, PAQ7, 2005). In whole numbers: a weight of 1 is 2^16.
import { logitLimit, squash } from "./logistic.ts";

/** Weights below 8, so that a product with a logit stays within 32 bits. */
const heaviest = (1 << 19) - 1;
/** The step, in 2^-20: large while little was seen, then this. */
const steady = 6;
const early = 26;
const earlyBits = 10;
/** Of 2^16: what was foretold as surely as this teaches nothing, and most bits are. */
const negligible = 16;

export class Mixer {
  readonly inputs: Int32Array;
  readonly #weights: Int32Array;
  readonly #size: number;
  #set = 0;
  #seen = 0;
  #logit = 0;

  /** @param sets of weights, of which the caller names one for each bit. */
  constructor(size: number, sets: number) {
    this.inputs = new Int32Array(size);
    this.#size = size;
    this.#weights = new Int32Array(size * sets).fill(20_000);
  }

  /** The logit of the inputs by the weights of a set. */
  mix(set: number): number {
    const { inputs } = this;
    const weights = this.#weights;
    const size = this.#size;
    const start = set * size;
    let sum = 0;
    for (let i = 0; i < size; i++) {
      sum += Math.imul(weights[start + i]!, inputs[i]!) >> 8;
    }
    this.#set = start;
    const logit = sum >> 8;
    this.#logit = Math.min(Math.max(logit, -logitLimit), logitLimit);
    return this.#logit;
  }

  update(bit: number): void {
    const { inputs } = this;
    const weights = this.#weights;
    const size = this.#size;
    const error = (bit << 16) - squash[this.#logit + logitLimit]!;
    if (error < negligible && error > -negligible) return;
    const rate =
      this.#seen < early << earlyBits ? early + steady - (this.#seen++ >> earlyBits) : steady;
    const start = this.#set;
    for (let i = 0; i < size; i++) {
      const step = (Math.imul(Math.imul(inputs[i]!, error) >> 9, rate) + 1024) >> 11;
      const weight = weights[start + i]! + step;
      weights[start + i] = Math.min(Math.max(weight, -heaviest), heaviest);
    }
  }
}
