// The longest repetition: where the last bytes stood before, the byte that followed there is foretold.
import { learn, unmet } from "./adaptive.ts";
import { stretch } from "./logistic.ts";

/** Bytes that must agree before anything is foretold. */
const shortest = 5;
const longest = 65535;
const lengthClasses = 28;
const countLimit = 1023;

/** Lengths below 16 stand for themselves, longer ones for their logarithm. */
const classOf = (length: number) => (length < 16 ? length : 43 - Math.clz32(length));

export class MatchModel {
  readonly #history: Uint8Array;
  readonly #last: Int32Array;
  readonly #right = new Int32Array(2 * lengthClasses);
  #at = 0;
  #length = 0;
  /** The byte foretold with a 1 above it, or 0. */
  #foretold = 0;
  #class = 0;
  #bit = 0;

  /** @param history the bytes so far, which the caller fills. */
  constructor(history: Uint8Array) {
    this.#history = history;
    const bits = Math.min(20, Math.max(8, 32 - Math.clz32(history.length)));
    this.#last = new Int32Array(1 << bits);
    // What agreed longer errs less.
    for (let i = 0; i < this.#right.length; i++)
      this.#right[i] = unmet(65536 - (32768 >> (i >> 3)));
  }

  /** The logit of a one, 0 where nothing is foretold. */
  predict(partial: number): number {
    if (this.#foretold === 0) return 0;
    const bits = 32 - Math.clz32(partial);
    if (this.#foretold >>> (9 - bits) !== partial) {
      this.#foretold = 0;
      this.#length = 0;
      return 0;
    }
    this.#bit = (this.#foretold >>> (8 - bits)) & 1;
    const sure = stretch[this.#right[2 * this.#class + this.#bit]! >>> 16]!;
    return this.#bit === 1 ? sure : -sure;
  }

  update(bit: number): void {
    if (this.#foretold === 0) return;
    learn(this.#right, 2 * this.#class + this.#bit, bit === this.#bit ? 1 : 0, countLimit);
  }

  /** After a whole byte, of which there are now `length`. */
  nextByte(length: number): void {
    const history = this.#history;
    if (this.#length > 0 && history[this.#at] === history[length - 1]) {
      this.#at++;
      if (this.#length < longest) this.#length++;
    } else this.#length = 0;
    if (length >= shortest) {
      const slot = this.#slot(length);
      if (this.#length === 0) this.#look(this.#last[slot]!, length);
      this.#last[slot] = length;
    }
    this.#class = classOf(this.#length);
    this.#foretold = this.#length > 0 ? 256 + history[this.#at]! : 0;
  }

  #slot(length: number): number {
    let hash = 0;
    for (let i = length - shortest; i < length; i++) {
      hash = Math.imul(hash + this.#history[i]! + 1, 0x2f0b4a27);
    }
    return (hash >>> 11) & (this.#last.length - 1);
  }

  /** Takes a place for the repetition if the bytes before it truly agree. */
  #look(place: number, length: number): void {
    if (place === 0) return;
    const history = this.#history;
    let agreed = 0;
    while (
      agreed < 32 &&
      agreed < place &&
      history[place - 1 - agreed] === history[length - 1 - agreed]
    ) {
      agreed++;
    }
    if (agreed < shortest) return;
    this.#at = place;
    this.#length = agreed;
  }
}
