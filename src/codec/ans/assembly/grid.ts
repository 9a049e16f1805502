// Numbers as they are written: whole multiples of a step, whose probability is a density's over the
// interval around them. A column of more than 2^16 possible numbers is coded digit by digit, the coarsest
// first, each by its share of the interval that those before leave.

import { cumulative, distribution } from "./continuous";
import { isAbsent, symbolAt } from "./levels";
import { share, SYMBOL_BITS } from "./shares";
import { drop, peek, popBits, push, pushBits, TOTAL } from "./stack";

let low: f64 = 0;
let step: f64 = 1;
let count: f64 = 1;
let shift: f64 = 0;
let scale: f64 = 1;

/** The distribution function where number k begins: halfway to the one before. */
// @ts-ignore: decorator
@inline
function before(k: f64): f64 {
  if (k <= 0) return 0;
  if (k >= count) return 1;
  return cumulative((low + (k - 0.5) * step - shift) * scale);
}

/** Below this share of all, the density's shape within an interval is not worth asking for. */
const FLAT: f64 = 1e-10;

/**
 * Codes the digit of k at `unit`, of those from `from` up to `to`; returns where the digit begins. Both ways halve
 * the digits alike and hold each boundary where all on either side keep their 2 of 2^30: where little of all
 * is left to share, rounding is much of it, and the distribution function may fall.
 */
function codeDigit(k: f64, from: f64, to: f64, unit: f64, decode: bool): f64 {
  const n = <u32>ceil((to - from) / unit);
  if (n < 2) return from;
  const bottom = before(from);
  const whole = before(to) - bottom;
  const flat = !(whole > FLAT);
  const factor = flat ? 1 / <f64>n : 1 / whole;
  const wanted: u32 = decode ? 0 : <u32>((k - from) / unit);
  const slot = peek();
  let left: u32 = 0;
  let right = n;
  let start: u32 = 0;
  let end = TOTAL;
  while (right - left > 1) {
    const middle = (left + right) >> 1;
    const F = flat ? <f64>middle * factor : (before(from + <f64>middle * unit) - bottom) * factor;
    const s = max(min(share(F, middle, n), end - 2 * (right - middle)), start + 2 * (middle - left));
    if (decode ? s <= slot : middle <= wanted) {
      left = middle;
      start = s;
    } else {
      right = middle;
      end = s;
    }
  }
  if (decode) drop(start, end - start);
  else push(start, end - start);
  return from + <f64>left * unit;
}

const DIGIT = <f64>(1 << SYMBOL_BITS);

function pushNumber(k: f64): void {
  // The coarsest digit is popped first: the finest is pushed first.
  let coarse: f64 = 1;
  while (coarse * DIGIT < count) coarse *= DIGIT;
  for (let unit: f64 = 1; unit <= coarse; unit *= DIGIT) {
    const span = unit * DIGIT;
    const from = unit == coarse ? 0 : floor(k / span) * span;
    const to = unit == coarse ? count : min(from + span, count);
    codeDigit(k, from, to, unit, false);
  }
}

function popNumber(): f64 {
  let unit: f64 = 1;
  while (unit * DIGIT < count) unit *= DIGIT;
  let from: f64 = 0;
  let to = count;
  for (; unit >= 1; unit /= DIGIT) {
    from = codeDigit(0, from, to, unit, true);
    to = min(from + unit, count);
  }
  return from;
}

/**
 * Codes n numbers of columns of a density. Of value i: `symbols` holds the whole number k from 0 to
 * `counts`[i] - 1, which stands for `lows`[i] + k · `steps`[i], all f64; the density is of that less `shifts`
 * times `scales`, f64 by i modulo `columns`.
 */
export function codeNumbers(
  kind: u32,
  n: u32,
  columns: u32,
  present: usize,
  symbols: usize,
  lows: usize,
  steps: usize,
  counts: usize,
  shifts: usize,
  scales: usize,
  first: usize,
  second: usize,
  third: usize,
  size: u32,
  decode: bool,
): void {
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    low = symbolAt(lows, i);
    step = symbolAt(steps, i);
    count = symbolAt(counts, i);
    shift = symbolAt(shifts, i % columns);
    scale = symbolAt(scales, i % columns);
    distribution(kind, i, first, second, third, size);
    if (decode) store<f64>(symbols + (<usize>i << 3), popNumber());
    else pushNumber(symbolAt(symbols, i));
  }
}

/** Codes n whole numbers below `bound` (of at most 2^53) as equally probable. */
export function codeEven(n: u32, present: usize, symbols: usize, bound: f64, decode: bool): void {
  let bits: u32 = 0;
  let reach: f64 = 1;
  while (reach < bound) {
    reach *= 2;
    bits++;
  }
  const half = <f64>(1 << 16);
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    if (decode) {
      let k: f64 = 0;
      let unit: f64 = 1;
      for (let left = bits; left > 0; ) {
        const some = left < 16 ? left : 16;
        k += <f64>popBits(some) * unit;
        unit *= half;
        left -= some;
      }
      store<f64>(symbols + (<usize>i << 3), k);
    } else {
      const k = <u64>symbolAt(symbols, i);
      let done = ((bits + 15) >> 4) << 4;
      while (done > 0) {
        done -= 16;
        const some = bits - done < 16 ? bits - done : 16;
        pushBits(<u32>(k >> <u64>done) & ((1 << some) - 1), some);
      }
    }
  }
}
