// Range, gaps and order of numbers, and a digest of their bits. How what is seen lies in memory: minimum, maximum
// and the number before, f64; the digest's two lanes, whether each number was above the one before, and how many
// there were, i32.

import { stepA, stepB } from "./digest";

const MIN: usize = 0;
const MAX: usize = 8;
const PREVIOUS: usize = 16;
const A: usize = 24;
const B: usize = 28;
const ASCENDING: usize = 32;
const PRESENT: usize = 36;

export function addRange(seen: usize, values: usize, n: u32): void {
  let a = load<i32>(seen, A);
  let b = load<i32>(seen, B);
  let min = load<f64>(seen, MIN);
  let max = load<f64>(seen, MAX);
  let previous = load<f64>(seen, PREVIOUS);
  let ascending = load<i32>(seen, ASCENDING);
  let present = load<u32>(seen, PRESENT);
  for (const end = values + (<usize>n << 3); values < end; values += 8) {
    const value = load<f64>(values);
    if (value != value) {
      a = stepA(a, 1);
      b = stepB(b, 1);
      ascending = 0;
      continue;
    }
    const word = load<i32>(values) ^ (load<i32>(values, 4) * <i32>0x9e3779b1);
    a = stepA(a, word);
    b = stepB(b, word);
    present++;
    if (value < min) min = value;
    if (value > max) max = value;
    if (!(value > previous)) ascending = 0;
    previous = value;
  }
  store<i32>(seen, a, A);
  store<i32>(seen, b, B);
  store<f64>(seen, min, MIN);
  store<f64>(seen, max, MAX);
  store<f64>(seen, previous, PREVIOUS);
  store<i32>(seen, ascending, ASCENDING);
  store<u32>(seen, present, PRESENT);
}

/** Where the first fraction stands, −1 without one. */
export function firstFraction(values: usize, n: u32): i32 {
  for (let i: u32 = 0; i < n; i++) {
    const value = load<f64>(values + (<usize>i << 3));
    if (value - Math.floor(value) > 0) return i;
  }
  return -1;
}

export function countEqual(values: usize, n: u32, wanted: f64): u32 {
  let count: u32 = 0;
  for (const end = values + (<usize>n << 3); values < end; values += 8) {
    if (load<f64>(values) == wanted) count++;
  }
  return count;
}
