// Probabilities that learn: 22 bits of the probability of a one and below them 10 bits of how often it
// was met, which sets how far the next bit moves it: 1 / (n + 1.5), until a limit.

const countBits = 10;
const countMask = (1 << countBits) - 1;

/** 2^13 / (n + 1.5). */
const rates = Int32Array.from({ length: countMask + 1 }, (_, n) => Math.floor(16384 / (2 * n + 3)));

/** A probability of `first` / 2^16 that was never met. */
export const unmet = (first: number) => first << 16;

/** Moves the probability at `index` towards the bit that came. */
export function learn(values: Int32Array, index: number, bit: number, limit: number): void {
  const value = values[index]!;
  const count = value & countMask;
  const error = ((bit << 22) - (value >>> countBits)) >> 3;
  const moved = (value + (Math.imul(error, rates[count]!) & ~countMask)) | 0;
  values[index] = count < limit ? (moved + 1) | 0 : moved;
}
