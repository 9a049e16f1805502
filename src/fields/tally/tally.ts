// Numbers counted in WebAssembly: its code is quick from the first number on, where JavaScript's warms up. How each
// thing lies in memory is told in ./assembly.
import { digestText, startDigest } from "../digest.ts";
import { estimateOf, SKETCH_REGISTERS } from "../distinct.ts";
import { instantiateTally, type TallyExports } from "./module.ts";

/** Numbers in a tally's memory, and how often each is there; 0: once. */
export interface Held {
  at: number;
  length: number;
  counts: number;
}

/** Bytes of a number, and of a whole one. */
const [NUMBER, WORD] = [8, 4];

/** The numbers of `held` from place `from` on. */
export const rest = ({ at, length, counts }: Held, from: number): Held => ({
  at: at + NUMBER * from,
  length: length - from,
  counts: counts === 0 ? 0 : counts + NUMBER * from,
});

/** One memory for what is seen of all columns of a data set. */
export class Tally {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly module: TallyExports = instantiateTally(this.#memory);
  #held = { at: 0, room: 0 };
  #floats = new Float64Array(this.#memory.buffer);
  #words = new Int32Array(this.#memory.buffer);

  /** Lays numbers down: until others are. */
  hold(values: Float64Array): Held {
    const { length } = values;
    if (this.#held.room < length) {
      // As many again, or more: what is left behind stays within what is used.
      const room = Math.max(length, 2 * this.#held.room);
      this.#held = { at: this.module.allocate(NUMBER * room), room };
    }
    const { at } = this.#held;
    this.floats.set(values, at / NUMBER);
    return { at, length, counts: 0 };
  }

  /** Where the first fraction stands, −1 without one. */
  firstFraction({ at, length }: Held): number {
    return this.module.firstFraction(at, length);
  }

  /** How many of the numbers are `wanted`. */
  countEqual({ at, length }: Held, wanted: number): number {
    return this.module.countEqual(at, length, wanted);
  }

  /** All of memory as numbers, until it grows: that at an address is at its eighth. */
  get floats(): Float64Array {
    if (this.#floats.length === 0) this.#floats = new Float64Array(this.#memory.buffer);
    return this.#floats;
  }

  /** The same as whole numbers of four bytes. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer);
    return this.#words;
  }

  /** The numbers at an address, until memory grows. */
  floatsAt(at: number, length: number): Float64Array {
    return this.floats.subarray(at / NUMBER, at / NUMBER + length);
  }

  bytesAt(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }
}

/** Range, gaps and order of numbers, and a digest of their bits. */
export class RangeTally {
  readonly #tally: Tally;
  readonly #at: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#at = tally.module.allocate(40);
    tally.floats.set([Infinity, -Infinity, -Infinity], this.#at / NUMBER);
    const { a, b } = startDigest();
    tally.words.set([a, b, 1, 0], this.#at / WORD + 6);
  }

  add({ at, length }: Held): void {
    this.#tally.module.addRange(this.#at, at, length);
  }

  /** The least and the largest of the numbers that were there; ∞ and −∞ without any. */
  get min(): number {
    return this.#tally.floats[this.#at / NUMBER]!;
  }
  get max(): number {
    return this.#tally.floats[this.#at / NUMBER + 1]!;
  }
  /** How many there were. */
  get present(): number {
    return this.#word(9) >>> 0;
  }
  /** Whether each was above the one before, and none missing. */
  get ascending(): boolean {
    return this.#word(8) === 1;
  }

  digest(): string {
    return digestText({ a: this.#word(6), b: this.#word(7) });
  }

  #word(place: number): number {
    return this.#tally.words[this.#at / WORD + place]!;
  }
}

/** Counts of different numbers, in order of appearance. */
export class NumberTable {
  readonly #tally: Tally;
  readonly #at: number;

  /** @param limit how many it takes. */
  constructor(tally: Tally, limit: number) {
    this.#tally = tally;
    const { a, b } = startDigest();
    this.#at = tally.module.openTable(limit, a, b);
  }

  /** Adds numbers; returns how many there was room for. */
  add({ at, length }: Held): number {
    return this.#tally.module.addNumbers(this.#at, at, length);
  }

  get size(): number {
    return this.#word(0);
  }

  /** Its numbers with their counts, until more are added. */
  held(): Held {
    const room = 2 ** this.#word(1) * NUMBER;
    const at = this.#word(3) + room;
    return { at, length: this.size, counts: at + room };
  }

  values(): Float64Array {
    const { at, length } = this.held();
    return this.#tally.floatsAt(at, length).slice();
  }

  counts(): Float64Array {
    const { counts, length } = this.held();
    return this.#tally.floatsAt(counts, length).slice();
  }

  /** The one that was there most often. */
  most(): { value: number; count: number } | undefined {
    const code = this.#tally.module.mostFrequent(this.#at);
    if (code < 0) return undefined;
    const { at, counts } = this.held();
    const { floats } = this.#tally;
    return { value: floats[at / NUMBER + code]!, count: floats[counts / NUMBER + code]! };
  }

  /** A digest of the places at which numbers stand among the different ones, row by row. */
  pattern(): string {
    return digestText({ a: this.#word(4), b: this.#word(5) });
  }

  #word(place: number): number {
    return this.#tally.words[this.#at / WORD + place]!;
  }
}

/** Estimates how many different numbers there are. */
export class NumberSketch {
  readonly #tally: Tally;
  readonly #at: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#at = tally.module.allocate(SKETCH_REGISTERS);
  }

  add({ at, length }: Held): void {
    this.#tally.module.sketchNumbers(this.#at, at, length);
  }

  estimate(): number {
    return estimateOf(this.#tally.bytesAt(this.#at, SKETCH_REGISTERS));
  }
}

/** Mean, deviation and skewness of numbers. */
export class Moments {
  readonly #tally: Tally;
  readonly #at: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#at = tally.module.allocate(32);
  }

  /** NaN counts as missing. */
  add({ at, length, counts }: Held): void {
    this.#tally.module.addMoments(this.#at, at, counts, length);
  }

  /** Of no number all are NaN; the deviation is the population's, the skewness 0 without spread. */
  found(): { mean: number; deviation: number; skewness: number } {
    const [n, mean, m2, m3] = this.#tally.floatsAt(this.#at, 4) as unknown as number[];
    if (n === 0) return { mean: Number.NaN, deviation: Number.NaN, skewness: Number.NaN };
    const variance = Math.max(0, m2! / n!);
    const skewness = m2! > 0 ? m3! / n! / variance ** 1.5 : 0;
    return { mean: mean!, deviation: Math.sqrt(variance), skewness };
  }
}

/** Zeros, numbers from 0 to 10, and the smallest above 0. */
export class ShapeTally {
  readonly #tally: Tally;
  readonly #at: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#at = tally.module.allocate(24);
    tally.floats[this.#at / NUMBER + 2] = Infinity;
  }

  /** Adds numbers; returns the least of them, ∞ without any. */
  add({ at, length, counts }: Held): number {
    return this.#tally.module.addShape(this.#at, at, counts, length);
  }

  found(): { zeros: number; belowTen: number; smallestPositive: number } {
    const [zeros, belowTen, smallest] = this.#tally.floatsAt(this.#at, 3) as unknown as number[];
    return {
      zeros: zeros!,
      belowTen: belowTen!,
      smallestPositive: smallest === Infinity ? Number.NaN : smallest!,
    };
  }
}
