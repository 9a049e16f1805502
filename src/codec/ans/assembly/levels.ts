// Symbols of few levels: bits, categories, ordered levels, and bytes of pixels. `present` may be 0; a value
// whose byte there is 0 is passed over. Symbols are f64 at `symbols`, parameters f32 as networks emit
// them, n of each one after the other. Encoding goes from the last value to the first, decoding back.

import { exp, sigmoid, softplus } from "./math";
import { codeBit, codeWeighted, share } from "./shares";
import { drop, peek, push, TOTAL } from "./stack";

// @ts-ignore: decorator
@inline
export function within(x: f64, low: f64, high: f64): f64 {
  return x > low ? (x < high ? x : high) : low;
}

// @ts-ignore: decorator
@inline
export function floatAt(address: usize, i: u32): f64 {
  return <f64>load<f32>(address + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function symbolAt(symbols: usize, i: u32): f64 {
  return load<f64>(symbols + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
export function isAbsent(present: usize, i: u32): bool {
  return present != 0 && load<u8>(present + <usize>i) == 0;
}

export function codeBernoulli(n: u32, present: usize, symbols: usize, logits: usize, decode: bool): void {
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    const p = sigmoid(within(floatAt(logits, i), -1e6, 1e6));
    const k = codeBit(decode ? 0 : <u32>symbolAt(symbols, i), p, decode);
    if (decode) store<f64>(symbols + (<usize>i << 3), <f64>k);
  }
}

/** By logits of each level, `depth` numbers a value; `weights` has room for as many f64. */
export function codeCategorical(
  n: u32,
  present: usize,
  symbols: usize,
  logits: usize,
  depth: u32,
  weights: usize,
  decode: bool,
): void {
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    const first = i * depth;
    let top: f64 = -1e7;
    for (let k: u32 = 0; k < depth; k++) {
      const x = within(floatAt(logits, first + k), -1e6, 1e6);
      if (x > top) top = x;
    }
    for (let k: u32 = 0; k < depth; k++) {
      const x = within(floatAt(logits, first + k), -1e6, 1e6);
      store<f64>(weights + (<usize>k << 3), exp(x - top));
    }
    const k = codeWeighted(decode ? 0 : <u32>symbolAt(symbols, i), weights, depth, decode);
    if (decode) store<f64>(symbols + (<usize>i << 3), <f64>k);
  }
}

/** By a location and `depth` - 1 raw cut points a value, see src/prob/ordinal.ts. */
export function codeOrdinal(
  n: u32,
  present: usize,
  symbols: usize,
  locations: usize,
  cuts: usize,
  depth: u32,
  weights: usize,
  decode: bool,
): void {
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    const location = within(floatAt(locations, i), -1e6, 1e6);
    const first = i * (depth - 1);
    let cut = within(floatAt(cuts, first), -1e6, 1e6);
    let below: f64 = 0;
    for (let k: u32 = 0; k < depth; k++) {
      const above = k + 1 == depth ? 1 : sigmoid(cut - location);
      store<f64>(weights + (<usize>k << 3), above > below ? above - below : 0);
      if (above > below) below = above;
      if (k + 2 < depth) cut += softplus(within(floatAt(cuts, first + k + 1), -1e4, 1e4));
    }
    const k = codeWeighted(decode ? 0 : <u32>symbolAt(symbols, i), weights, depth, decode);
    if (decode) store<f64>(symbols + (<usize>i << 3), <f64>k);
  }
}

/**
 * p(0) of the beta-binomial: products of four at a time, one division instead of four, and two of those at
 * once; multiplied in the order of trials.
 */
export function betaBinomialFirst(a: f64, b: f64, trials: u32): f64 {
  const one = f64x2.splat(1);
  const two = f64x2.splat(2);
  const three = f64x2.splat(3);
  const first = f64x2.splat(a);
  let p: f64 = 1;
  let t: u32 = 0;
  for (; t + 8 <= trials; t += 8) {
    const x = f64x2.replace_lane(f64x2.splat(b + <f64>t), 1, b + <f64>(t + 4));
    const y = f64x2.add(first, x);
    const ratio = f64x2.div(
      f64x2.mul(
        f64x2.mul(x, f64x2.add(x, one)),
        f64x2.mul(f64x2.add(x, two), f64x2.add(x, three)),
      ),
      f64x2.mul(
        f64x2.mul(y, f64x2.add(y, one)),
        f64x2.mul(f64x2.add(y, two), f64x2.add(y, three)),
      ),
    );
    p *= f64x2.extract_lane(ratio, 0);
    p *= f64x2.extract_lane(ratio, 1);
  }
  for (; t + 4 <= trials; t += 4) {
    const x = b + <f64>t;
    const y = a + x;
    p *= (x * (x + 1) * ((x + 2) * (x + 3))) / (y * (y + 1) * ((y + 2) * (y + 3)));
  }
  for (; t < trials; t++) p *= (b + <f64>t) / (a + b + <f64>t);
  return p;
}

/** p(k + 1) by p(k). */
// @ts-ignore: decorator
@inline
export function betaBinomialNext(p: f64, k: u32, a: f64, b: f64, trials: f64): f64 {
  const x = <f64>k;
  return p * (((trials - x) * (x + a)) / ((x + 1) * (trials - x - 1 + b)));
}

/**
 * The beta-binomial of 0 … trials, by the logarithms of α and β. Probabilities are summed from the end that
 * the smaller of the two says is the likelier, where p(0) = Π (β + i) / (α + β + i) cannot vanish.
 */
export function codeBetaBinomial(
  n: u32,
  present: usize,
  symbols: usize,
  logAlphas: usize,
  logBetas: usize,
  trials: u32,
  decode: bool,
): void {
  const all = <f64>trials;
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    const alpha = exp(within(floatAt(logAlphas, i), -10, 10));
    const beta = exp(within(floatAt(logBetas, i), -10, 10));
    const turned = alpha > beta;
    const a = turned ? beta : alpha;
    const b = turned ? alpha : beta;
    let p = betaBinomialFirst(a, b, trials);
    const wanted = decode ? 0 : <u32>symbolAt(symbols, i);
    const target = turned ? trials - wanted : wanted;
    const slot = peek();
    let below: f64 = 0;
    let start: u32 = 0;
    let k: u32 = 0;
    for (; ; k++) {
      const next = k == trials ? TOTAL : share(below + p, k + 1, trials + 1);
      if (decode ? slot < next : k == target) {
        if (decode) drop(start, next - start);
        else push(start, next - start);
        break;
      }
      below += p;
      p = betaBinomialNext(p, k, a, b, all);
      start = next;
    }
    if (decode) store<f64>(symbols + (<usize>i << 3), <f64>(turned ? trials - k : k));
  }
}
