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

const NUMBER = 8;

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

  /** Lays numbers down: until others are. */
  hold(values: Float64Array): Held {
    const { length } = values;
    if (this.#held.room < length) {
      // As many again, or more: what is left behind stays within what is used.
      const room = Math.max(length, 2 * this.#held.room);
      this.#held = { at: this.module.allocate(NUMBER * room), room };
    }
    const { at } = this.#held;
    new Float64Array(this.#memory.buffer, at, length).set(values);
    return { at, length, counts: 0 };
  }

  /** Numbers at an address, until memory grows. */
  floats(at: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length);
  }

  words(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  bytes(at: number, length: number): Uint8Array {
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
    tally.floats(this.#at, 3).set([Infinity, -Infinity, -Infinity]);
    const { a, b } = startDigest();
    tally.words(this.#at + 24, 4).set([a, b, 1, 0]);
  }

  add({ at, length }: Held): void {
    this.#tally.module.addRange(this.#at, at, length);
  }

  /** Of the numbers that were there: how many, from where to where, and whether each was above the one before. */
  seen(): { present: number; min: number; max: number; ascending: boolean } {
    const [min, max] = this.#tally.floats(this.#at, 2) as unknown as [number, number];
    const [, , ascending, present] = this.#tally.words(this.#at + 24, 4);
    return { present: present! >>> 0, min, max, ascending: ascending === 1 };
  }

  digest(): string {
    const [a, b] = this.#tally.words(this.#at + 24, 2) as unknown as [number, number];
    return digestText({ a, b });
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
    return this.#head()[0]!;
  }

  /** Its numbers with their counts, until more are added. */
  held(): Held {
    const [size, power, , block] = this.#head() as unknown as number[];
    const at = block! + 2 ** power! * NUMBER;
    return { at, length: size!, counts: at + 2 ** power! * NUMBER };
  }

  values(): Float64Array {
    const { at, length } = this.held();
    return this.#tally.floats(at, length).slice();
  }

  counts(): Float64Array {
    const { counts, length } = this.held();
    return this.#tally.floats(counts, length).slice();
  }

  /** The one that was there most often. */
  most(): { value: number; count: number } | undefined {
    const code = this.#tally.module.mostFrequent(this.#at);
    if (code < 0) return undefined;
    const { at, counts } = this.held();
    const one = (from: number) => this.#tally.floats(from + NUMBER * code, 1)[0]!;
    return { value: one(at), count: one(counts) };
  }

  /** A digest of the places at which numbers stand among the different ones, row by row. */
  pattern(): string {
    const [a, b] = this.#tally.words(this.#at + 16, 2) as unknown as [number, number];
    return digestText({ a, b });
  }

  #head(): Int32Array {
    return this.#tally.words(this.#at, 4);
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
    return estimateOf(this.#tally.bytes(this.#at, SKETCH_REGISTERS));
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
    const [n, mean, m2, m3] = this.#tally.floats(this.#at, 4) as unknown as number[];
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
    tally.floats(this.#at, 3)[2] = Infinity;
  }

  /** Adds numbers; returns the least of them, ∞ without any. */
  add({ at, length, counts }: Held): number {
    return this.#tally.module.addShape(this.#at, at, counts, length);
  }

  found(): { zeros: number; belowTen: number; smallestPositive: number } {
    const [zeros, belowTen, smallest] = this.#tally.floats(this.#at, 3) as unknown as number[];
    return {
      zeros: zeros!,
      belowTen: belowTen!,
      smallestPositive: smallest === Infinity ? Number.NaN : smallest!,
    };
  }
}
