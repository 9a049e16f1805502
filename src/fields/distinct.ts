// How many different values a column has: a table of them as long as they are few, and a sketch
// of fixed size where they are many.
import { mixWords } from "./digest.ts";

/** Values kept of a column with their counts. */
const levelsPerColumn = 20_000;
/** Values kept of all columns together, so that a table of many columns stays within some 100 MB. */
const levelsInAll = 4_000_000;

/** How many values of each of `columns` are kept. */
export const levelLimit = (columns: number) =>
  Math.max(256, Math.min(levelsPerColumn, Math.floor(levelsInAll / Math.max(1, columns))));

/** Counts of different numbers, open addressing: a `Map` takes ten times as long. */
export interface NumberTable {
  /** The number's place in order of appearance, counted once more; −1 where the table is full. */
  add(value: number): number;
  size(): number;
  values(): Float64Array;
  counts(): Float64Array;
}

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** A hash of a number; that of −0 is that of 0. */
export function hashNumber(value: number): number {
  scratch[0] = value + 0;
  return mixWords(words[0]!, words[1]!);
}

export function numberTable(limit: number): NumberTable {
  let capacity = 64;
  let slots = new Int32Array(capacity * 2);
  let values = new Float64Array(capacity);
  let counts = new Float64Array(capacity);
  let size = 0;

  function grow() {
    capacity *= 2;
    const more = new Float64Array(capacity);
    more.set(values);
    values = more;
    const moreCounts = new Float64Array(capacity);
    moreCounts.set(counts);
    counts = moreCounts;
    slots = new Int32Array(capacity * 2);
    const mask = slots.length - 1;
    for (let code = 0; code < size; code++) {
      let slot = hashNumber(values[code]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
  }

  return {
    add(value) {
      const mask = slots.length - 1;
      let slot = hashNumber(value) & mask;
      for (;;) {
        const code = slots[slot]! - 1;
        if (code < 0) break;
        if (values[code] === value) {
          counts[code]!++;
          return code;
        }
        slot = (slot + 1) & mask;
      }
      if (size === limit) return -1;
      values[size] = value + 0;
      counts[size] = 1;
      slots[slot] = ++size;
      if (size === capacity) grow();
      return size - 1;
    },
    size: () => size,
    values: () => values.subarray(0, size),
    counts: () => counts.subarray(0, size),
  };
}

const registerBits = 12;

/** Estimates a number of different hashes to about 2 % (HyperLogLog, Flajolet et al. 2007). */
export interface Sketch {
  add(hash: number): void;
  estimate(): number;
}

export function createSketch(): Sketch {
  const size = 1 << registerBits;
  const registers = new Uint8Array(size);
  return {
    add(hash) {
      const register = hash >>> (32 - registerBits);
      const rank = Math.clz32(((hash << registerBits) | (1 << (registerBits - 1))) >>> 0) + 1;
      if (rank > registers[register]!) registers[register] = rank;
    },
    estimate() {
      let sum = 0;
      let empty = 0;
      for (const register of registers) {
        sum += 2 ** -register;
        if (register === 0) empty++;
      }
      const raw = ((0.7213 / (1 + 1.079 / size)) * size * size) / sum;
      if (raw <= 2.5 * size && empty > 0) return size * Math.log(size / empty);
      // Hashes of 32 bits begin to collide.
      return raw > 2 ** 32 / 30 ? -(2 ** 32) * Math.log(1 - Math.min(raw / 2 ** 32, 0.999)) : raw;
    },
  };
}
