// Different numbers in order of appearance, with how often each was there: open addressing. How a table lies in
// memory: how many there are, a power of two that there is room for, and the most; where its block is; a digest of
// the codes that went by. Its block: slots of codes from 1 on, twice as many as numbers, i32; numbers; counts, f64.

import { hashNumber, stepA, stepB } from "./digest";
import { allocate, leaveBlock, takeBlock } from "./memory";

const SIZE: usize = 0;
const POWER: usize = 4;
const LIMIT: usize = 8;
const BLOCK: usize = 12;
const A: usize = 16;
const B: usize = 20;
const HEAD: usize = 24;

const FIRST_POWER: u32 = 6;
const NONE: i32 = -1;
const MISSING: i32 = -2;

// @ts-ignore: decorator
@inline
function blockBytes(power: u32): usize {
  return <usize>24 << power;
}

function openBlock(table: usize, power: u32): usize {
  const block = takeBlock(power, blockBytes(power));
  memory.fill(block, 0, <usize>8 << power);
  store<u32>(table, power, POWER);
  store<u32>(table, <u32>block, BLOCK);
  return block;
}

/** @param a the first lane of an empty digest, and `b` the second. */
export function openTable(limit: u32, a: i32, b: i32): usize {
  const table = allocate(HEAD);
  store<u32>(table, 0, SIZE);
  store<u32>(table, limit, LIMIT);
  store<i32>(table, a, A);
  store<i32>(table, b, B);
  openBlock(table, FIRST_POWER);
  return table;
}

function grow(table: usize): void {
  const power = load<u32>(table, POWER);
  const old = <usize>load<u32>(table, BLOCK);
  const size = <usize>load<u32>(table, SIZE);
  const block = openBlock(table, power + 1);
  const values = block + (<usize>16 << power);
  const counts = block + (<usize>32 << power);
  memory.copy(values, old + (<usize>8 << power), size << 3);
  memory.copy(counts, old + (<usize>16 << power), size << 3);
  leaveBlock(power, old);
  const mask = ((<u32>4) << power) - 1;
  for (let code: usize = 0; code < size; code++) {
    let slot = hashNumber(load<f64>(values + (code << 3))) & mask;
    while (load<u32>(block + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
    store<u32>(block + (<usize>slot << 2), <u32>code + 1);
  }
}

/** The code of a number, counted once more; NONE where the table is full. */
// @ts-ignore: decorator
@inline
function codeOf(table: usize, value: f64): i32 {
  const power = load<u32>(table, POWER);
  const slots = <usize>load<u32>(table, BLOCK);
  const values = slots + (<usize>8 << power);
  const counts = slots + (<usize>16 << power);
  const mask = ((<u32>2) << power) - 1;
  let slot = hashNumber(value) & mask;
  for (let next = load<u32>(slots + (<usize>slot << 2)); next != 0; next = load<u32>(slots + (<usize>slot << 2))) {
    const code = <usize>(next - 1);
    if (load<f64>(values + (code << 3)) == value) {
      const count = counts + (code << 3);
      store<f64>(count, load<f64>(count) + 1);
      return <i32>code;
    }
    slot = (slot + 1) & mask;
  }
  const size = load<u32>(table, SIZE);
  if (size == load<u32>(table, LIMIT)) return NONE;
  store<f64>(values + (<usize>size << 3), value == 0 ? 0 : value);
  store<f64>(counts + (<usize>size << 3), 1);
  store<u32>(slots + (<usize>slot << 2), size + 1);
  store<u32>(table, size + 1, SIZE);
  if (size + 1 == (<u32>1) << power) grow(table);
  return size;
}

/** Adds numbers; returns how many there was room for. */
export function addNumbers(table: usize, values: usize, n: u32): u32 {
  let a = load<i32>(table, A);
  let b = load<i32>(table, B);
  let i: u32 = 0;
  for (; i < n; i++) {
    const value = load<f64>(values + (<usize>i << 3));
    const code = value == value ? codeOf(table, value) : MISSING;
    if (code == NONE) break;
    a = stepA(a, code);
    b = stepB(b, code);
  }
  store<i32>(table, a, A);
  store<i32>(table, b, B);
  return i;
}

/** The code of the number that was there most often, the first of those; −1 without any. */
export function mostFrequent(table: usize): i32 {
  const size = load<u32>(table, SIZE);
  const counts = <usize>load<u32>(table, BLOCK) + (<usize>16 << load<u32>(table, POWER));
  let best: i32 = -1;
  let most: f64 = 0;
  for (let code: u32 = 0; code < size; code++) {
    const count = load<f64>(counts + (<usize>code << 3));
    if (count <= most) continue;
    most = count;
    best = code;
  }
  return best;
}
