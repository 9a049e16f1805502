// From distribution functions to whole frequencies: of n symbols each has 2 of 2^30 at least, so that
// none is impossible and a distribution function that rounding lets fall a little stays ascending.

import { drop, peek, push, TOTAL } from "./stack";

/** The most symbols that are told apart at once. */
export const SYMBOL_BITS: u32 = 16;

/** Where the symbol that begins at F of the distribution begins in frequencies: the k-th of n. */
// @ts-ignore: decorator
@inline
export function share(F: f64, k: u32, n: u32): u32 {
  const held = F > 0 ? (F < 1 ? F : 1) : 0;
  return <u32>(held * <f64>(TOTAL - 2 * n)) + 2 * k;
}

/** Pushes the k-th of n symbols, from `low` to `high` of the distribution. */
// @ts-ignore: decorator
@inline
export function pushShare(low: f64, high: f64, k: u32, n: u32): void {
  const start = share(low, k, n);
  push(start, share(high, k + 1, n) - start);
}

/** Codes 0 or 1, of which 1 has probability p. */
export function codeBit(k: u32, p: f64, decode: bool): u32 {
  const middle = share(1 - p, 1, 2);
  if (decode) k = peek() < middle ? 0 : 1;
  const start = k == 0 ? 0 : middle;
  const size = k == 0 ? middle : TOTAL - middle;
  if (decode) drop(start, size);
  else push(start, size);
  return k;
}

/** Codes one of n symbols by their weights, f64 at `weights`, none below 0 and one above. */
export function codeWeighted(k: u32, weights: usize, n: u32, decode: bool): u32 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < n; i++) sum += load<f64>(weights + (<usize>i << 3));
  const scale = 1 / sum;
  if (decode) {
    const slot = peek();
    let below: f64 = 0;
    let start: u32 = 0;
    for (let i: u32 = 0; i < n; i++) {
      below += load<f64>(weights + (<usize>i << 3));
      const next = i + 1 == n ? TOTAL : share(below * scale, i + 1, n);
      if (slot < next) {
        drop(start, next - start);
        return i;
      }
      start = next;
    }
    return n - 1;
  }
  let below: f64 = 0;
  for (let i: u32 = 0; i < k; i++) below += load<f64>(weights + (<usize>i << 3));
  const start = k == 0 ? 0 : share(below * scale, k, n);
  below += load<f64>(weights + (<usize>k << 3));
  const next = k + 1 == n ? TOTAL : share(below * scale, k + 1, n);
  push(start, next - start);
  return k;
}
