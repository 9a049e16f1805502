// Registers of HyperLogLog, as ../../distinct.ts estimates by.

import { hashNumber } from "./digest";

const BITS: u32 = 12;

/** Adds numbers that are there to 4096 registers of a byte. */
export function sketchNumbers(registers: usize, values: usize, n: u32): void {
  for (const end = values + (<usize>n << 3); values < end; values += 8) {
    const value = load<f64>(values);
    if (value != value) continue;
    const hash = hashNumber(value);
    const register = registers + <usize>(hash >> (32 - BITS));
    const rank = <u8>(clz((hash << BITS) | ((<u32>1) << (BITS - 1))) + 1);
    if (rank > load<u8>(register)) store<u8>(register, rank);
  }
}
