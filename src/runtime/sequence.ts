// Random numbers one at a time, for algorithms on the host that need a number of them that only
// the numbers themselves decide: rejection, inversion.
import { Random } from "./random.ts";

/** Where a host algorithm takes its random numbers from, in order. */
export interface Draws {
  /** The next number, uniform in the open interval (0, 1), a multiple of 2⁻³³. */
  uniform(): number;
  /** The next number, standard normal. */
  normal(): number;
}

const shortest = 16;
const longest = 4096;

/**
 * The numbers of one (seed, stream, step) in order. With a row's index as the step, a row's draws
 * are the same whatever other rows are drawn, and in whichever order.
 */
export class Sequence implements Draws {
  readonly #random: Random;
  readonly #stream: number;
  readonly #step: number;
  /** Elements of the draw before `#words`. */
  #start = 0;
  #next = 0;
  #words = new Uint32Array(0);
  /** The normals that the same words give: element i of either is used, never both. */
  #normals: Float32Array | undefined;

  /** @throws ElboError `draw-invalid` unless the seed is a whole number in [0, 2⁶⁴). */
  constructor(seed: number | bigint, stream: number, step: number) {
    this.#random = new Random(seed);
    this.#stream = stream;
    this.#step = step;
  }

  uniform(): number {
    const place = this.#advance();
    return (this.#words[place]! + 0.5) / 2 ** 32;
  }

  /** See `Kernels.normal` for accuracy. */
  normal(): number {
    const place = this.#advance();
    const { length } = this.#words;
    this.#normals ??= this.#random.normal(this.#stream, this.#step, length, this.#start);
    return this.#normals[place]!;
  }

  #advance(): number {
    if (this.#next === this.#words.length) {
      this.#start += this.#words.length;
      const length = Math.min(longest, Math.max(shortest, 2 * this.#words.length));
      this.#words = this.#random.bits(this.#stream, this.#step, length, this.#start);
      this.#normals = undefined;
      this.#next = 0;
    }
    return this.#next++;
  }
}
