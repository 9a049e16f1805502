// Counts by their families: probabilities are summed from 0, by the ratio of each to the one before. Means too
// large for that, where p(0) vanishes, are coded by the logarithm's Gaussian of the same mean and variance.

import { exp, log, normal, sigmoid } from "./math";
import { floatAt, isAbsent, symbolAt, within } from "./levels";
import { share } from "./shares";
import { drop, peek, popBits, push, pushBits, TOTAL } from "./stack";

export const POISSON: u32 = 0;
export const NEGATIVE_BINOMIAL: u32 = 1;
export const ZERO_INFLATED: u32 = 2;

/** Counts told apart one by one; those beyond share one symbol, and say how far beyond in bits. */
const DIRECT: u32 = 4096;
const LARGEST_LOG_DISPERSION: f64 = 13.815510557964274;

/** How far beyond: the number of its digits, then they, of at most 2^53. */
function pushBeyond(x: f64): void {
  const k = <u64>x + 1;
  const digits: u32 = 63 - <u32>clz(k);
  for (let at: u32 = 0; at < digits; at += 16) {
    const some = digits - at < 16 ? digits - at : 16;
    pushBits(<u32>(k >> <u64>at) & ((1 << some) - 1), some);
  }
  pushBits(digits, 6);
}

function popBeyond(): f64 {
  const digits: u32 = popBits(6);
  let k: u64 = 1;
  if (digits > 0) {
    for (let at = ((digits - 1) >> 4) << 4; ; at -= 16) {
      const some = digits - at < 16 ? digits - at : 16;
      k = (k << <u64>some) | <u64>popBits(some);
      if (at == 0) break;
    }
  }
  return <f64>(k - 1);
}

let mean: f64 = 0;
let r: f64 = 0;
let zero: f64 = 0;
/** Whether the Gaussian of the logarithm stands in, with its mean and inverse deviation. */
let large: bool = false;
let middle: f64 = 0;
let inverse: f64 = 1;

/** Codes by ratios from p(0), a symbol at a time. */
function codeSmall(x: f64, decode: bool): f64 {
  const isPoisson = r == 0;
  let p = isPoisson ? exp(-mean) : exp(-r * log(1 + mean / r));
  const q = isPoisson ? mean : mean / (r + mean);
  const first = zero + (1 - zero) * p;
  p *= 1 - zero;
  const slot = peek();
  const n = DIRECT + 1;
  const target = <u32>min(x, <f64>DIRECT);
  if (!decode && target == DIRECT) pushBeyond(x - <f64>DIRECT);
  let below: f64 = 0;
  let start: u32 = 0;
  let k: u32 = 0;
  let next: u32 = 0;
  for (; k <= DIRECT; k++) {
    const here = k == 0 ? first : p;
    next = k == DIRECT ? TOTAL : share(below + here, k + 1, n);
    if (decode ? slot < next : k == target) break;
    below += here;
    p *= isPoisson ? q / (<f64>k + 1) : ((<f64>k + r) / (<f64>k + 1)) * q;
    start = next;
  }
  if (!decode) {
    push(start, next - start);
    return x;
  }
  drop(start, next - start);
  return k == DIRECT ? <f64>DIRECT + popBeyond() : <f64>k;
}

// Of large means: 2^15 intervals whose ends lie evenly in the logarithm, and even bits within each.
const INTERVALS: u32 = 1 << 15;
const PER_OCTAVE: f64 = 512;

/** Where interval j begins, a whole number: 0, 1, 2, … while they are apart, then by 2^(1/512). */
function begin(j: u32): f64 {
  const linear = <f64>j;
  if (linear <= PER_OCTAVE) return linear;
  const octave = floor(linear / PER_OCTAVE) - 1;
  let power: f64 = 1;
  for (let i: f64 = 0; i < octave; i++) power *= 2;
  return floor((PER_OCTAVE + (linear - PER_OCTAVE * (octave + 1))) * power);
}

function largeStart(j: u32): u32 {
  if (j == 0) return 0;
  if (j == INTERVALS) return TOTAL;
  return share(zero + (1 - zero) * normal((log(begin(j) - 0.5) - middle) * inverse), j, INTERVALS);
}

function codeLarge(x: f64, decode: bool): f64 {
  let low: u32 = 0;
  let high = INTERVALS;
  if (decode) {
    const slot = peek();
    while (high - low > 1) {
      const at = (low + high) >> 1;
      if (largeStart(at) <= slot) low = at;
      else high = at;
    }
    const start = largeStart(low);
    drop(start, largeStart(low + 1) - start);
  } else {
    while (high - low > 1) {
      const at = (low + high) >> 1;
      if (begin(at) <= x) low = at;
      else high = at;
    }
  }
  const from = begin(low);
  const width = begin(low + 1) - from;
  let bits: u32 = 0;
  while (<f64>(<u64>1 << <u64>bits) < width) bits++;
  if (decode) {
    let k: u64 = 0;
    for (let at: u32 = 0; at < bits; at += 16) {
      const some = bits - at < 16 ? bits - at : 16;
      k |= <u64>popBits(some) << <u64>at;
    }
    return from + <f64>k;
  }
  const k = <u64>(x - from);
  for (let at = bits == 0 ? 0 : ((bits - 1) >> 4) << 4; bits > 0; at -= 16) {
    const some = bits - at < 16 ? bits - at : 16;
    pushBits(<u32>(k >> <u64>at) & ((1 << some) - 1), some);
    if (at == 0) break;
  }
  const start = largeStart(low);
  push(start, largeStart(low + 1) - start);
  return x;
}

/** Codes n counts of at most 2^53 by logarithms of means, of inverse dispersions and logits of zeros. */
export function codeCounts(
  kind: u32,
  n: u32,
  present: usize,
  symbols: usize,
  logMeans: usize,
  logDispersions: usize,
  zeroLogits: usize,
  decode: bool,
): void {
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    mean = exp(within(floatAt(logMeans, i), -25, 25));
    r = kind == POISSON ? 0 : exp(within(floatAt(logDispersions, i), -10, LARGEST_LOG_DISPERSION));
    zero = kind == ZERO_INFLATED ? sigmoid(within(floatAt(zeroLogits, i), -1e6, 1e6)) : 0;
    const exponent = r == 0 ? mean : r * log(1 + mean / r);
    large = exponent > 600 || mean > 3000;
    if (large) {
      const spread = log(1 + 1 / mean + (r == 0 ? 0 : 1 / r));
      middle = log(mean) - 0.5 * spread;
      inverse = 1 / sqrt(spread);
    }
    const given = decode ? 0 : symbolAt(symbols, i);
    const x = large ? codeLarge(given, decode) : codeSmall(given, decode);
    if (decode) store<f64>(symbols + (<usize>i << 3), x);
  }
}
