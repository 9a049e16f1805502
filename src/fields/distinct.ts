// How many different values of a column are kept, and a sketch of fixed size where they are more.

/** Values kept of a column with their counts. */
const levelsPerColumn = 20_000;
/** Values kept of all columns together, so that a table of many columns stays within some 100 MB. */
const levelsInAll = 4_000_000;

/** How many values of each of `columns` are kept. */
export const levelLimit = (columns: number) =>
  Math.max(256, Math.min(levelsPerColumn, Math.floor(levelsInAll / Math.max(1, columns))));

const registerBits = 12;
export const SKETCH_REGISTERS = 1 << registerBits;

/** Estimates a number of different hashes to about 2 % (HyperLogLog, Flajolet et al. 2007). */
export interface Sketch {
  add(hash: number): void;
  estimate(): number;
}

export function createSketch(): Sketch {
  const registers = new Uint8Array(SKETCH_REGISTERS);
  return {
    add(hash) {
      const register = hash >>> (32 - registerBits);
      const rank = Math.clz32(((hash << registerBits) | (1 << (registerBits - 1))) >>> 0) + 1;
      if (rank > registers[register]!) registers[register] = rank;
    },
    estimate: () => estimateOf(registers),
  };
}

/** How many different hashes there were. */
export function estimateOf(registers: Uint8Array): number {
  const size = SKETCH_REGISTERS;
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
}
