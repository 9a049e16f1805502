// The stack of an asymmetric numeral system (Duda 2013, arXiv:1311.2540; in ranges, with a state of 64
// bits and words of 32): what is pushed last is popped first. A symbol of frequency f of 2^30 takes
// log2(2^30 / f) bits. A pop from an empty stack takes words that are made up (see `invented`): when
// everything is popped and pushed in reverse they stand on the stack again, and can be checked.

/** Frequencies of a symbol's alternatives sum to 2^PRECISION. */
export const PRECISION: u64 = 30;
export const TOTAL: u32 = 1 << 30;
const MASK: u64 = (<u64>1 << 30) - 1;
const WORD: u64 = <u64>1 << 32;

let state: u64 = 0;
let base: usize = 0;
let top: usize = 0;
let end: usize = 0;
let borrowed: u32 = 0;
let overflowed: bool = false;

/** The i-th word that an empty stack gives, and the first state: even bits of no meaning. */
export function invented(i: u32): u32 {
  let x: u32 = i * 0x9e3779b9 + 0x7f4a7c15;
  x = (x ^ (x >> 16)) * 0x85ebca6b;
  x = (x ^ (x >> 13)) * 0xc2b2ae35;
  return x ^ (x >> 16);
}

function first(): u64 {
  return (<u64>invented(0) << 32) | <u64>invented(1) | (<u64>1 << 63);
}

/** An empty stack in the `bytes` from `address`, a multiple of 4. */
export function open(address: usize, bytes: usize): void {
  base = address;
  top = address;
  end = address + bytes;
  state = first();
  borrowed = 0;
  overflowed = false;
}

/** A stack of the words that stand there and a state. */
export function reopen(address: usize, bytes: usize, words: u32, high: u32, low: u32): void {
  open(address, bytes);
  top = address + (<usize>words << 2);
  state = (<u64>high << 32) | <u64>low;
}

export function words(): u32 {
  return <u32>((top - base) >> 2);
}
export function stateHigh(): u32 {
  return <u32>(state >> 32);
}
export function stateLow(): u32 {
  return <u32>state;
}
/**
 * Whether more was pushed than the stack's memory holds, more words were made up than can be, or what is
 * impossible was pushed.
 */
export function failed(): bool {
  return overflowed;
}

/** Whether what is left is what an empty stack began with, the words made up among it. */
export function isSpent(): bool {
  if (state != first() || overflowed || borrowed != 0) return false;
  const count = words();
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(top - 4 - (<usize>i << 2)) != invented(i + 2)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
export function push(start: u32, frequency: u32): void {
  const f = <u64>frequency;
  if (state >= f << (64 - PRECISION)) {
    if (top >= end) {
      overflowed = true;
      return;
    }
    store<u32>(top, <u32>state);
    top += 4;
    state >>= 32;
  }
  state = ((state / f) << PRECISION) + (state % f) + <u64>start;
}

/** Where the symbol on top stands within 2^PRECISION. */
// @ts-ignore: decorator
@inline
export function peek(): u32 {
  return <u32>(state & MASK);
}

/** Takes the symbol on top, which `peek` told, off. */
// @ts-ignore: decorator
@inline
export function drop(start: u32, frequency: u32): void {
  state = <u64>frequency * (state >> PRECISION) + (state & MASK) - <u64>start;
  if (state < WORD) {
    if (top == base) {
      state = (state << 32) | <u64>invented(borrowed + 2);
      borrowed += 1;
      if (borrowed > <u32>1 << 26) overflowed = true;
    } else {
      top -= 4;
      state = (state << 32) | <u64>load<u32>(top);
    }
  }
}

/**
 * The same of a table that is turned by `by`, below 2^PRECISION: what stands on the stack need not be even
 * for symbols to be drawn by their frequencies.
 */
// @ts-ignore: decorator
@inline
export function peekTurned(by: u32): u32 {
  return ((<u32>state) + by) & <u32>MASK;
}

// @ts-ignore: decorator
@inline
export function dropTurned(start: u32, frequency: u32, by: u32): void {
  // As if the place within the table had been on the stack itself.
  state = (state & ~MASK) | <u64>peekTurned(by);
  drop(start, frequency);
}

/** The reverse of `dropTurned`. */
// @ts-ignore: decorator
@inline
export function pushTurned(start: u32, frequency: u32, by: u32): void {
  // Of damaged rows, or by another model, what was drawn may be impossible.
  if (frequency == 0 || frequency > TOTAL) {
    overflowed = true;
    return;
  }
  // What is certain takes no room, and `push` would shift its frequency out of 64 bits.
  if (frequency < TOTAL) push(start, frequency);
  state = (state & ~MASK) | <u64>((<u32>state - by) & <u32>MASK);
}

/** `bits` even bits, at most 30. */
export function pushBits(value: u32, bits: u32): void {
  if (bits == 0) return;
  const shift = <u32>PRECISION - bits;
  push(value << shift, 1 << shift);
}

export function popBits(bits: u32): u32 {
  if (bits == 0) return 0;
  const shift = <u32>PRECISION - bits;
  const value = peek() >> shift;
  drop(value << shift, 1 << shift);
  return value;
}
