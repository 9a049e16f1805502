// Reductions of (outer, size, inner) over the middle. Element i goes to partial result i mod 4, in
// ascending order; then (p₀ ∘ p₁) ∘ (p₂ ∘ p₃). So whether four are read at once, where inner is 1, or
// four columns side by side, the bits are the same.

const SUM: i32 = 0;
const PRODUCT: i32 = 1;
const MAXIMUM: i32 = 2;
const MINIMUM: i32 = 3;

// @ts-ignore: decorator
@inline
function combine(code: i32, a: v128, b: v128): v128 {
  if (code == SUM) return f32x4.add(a, b);
  if (code == PRODUCT) return f32x4.mul(a, b);
  if (code == MAXIMUM) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function start(code: i32): v128 {
  if (code == SUM) return f32x4.splat(0);
  if (code == PRODUCT) return f32x4.splat(1);
  return code == MAXIMUM ? f32x4.splat(-Infinity) : f32x4.splat(Infinity);
}

/** The lane with `value` in its place, as a vector that is `rest` elsewhere. */
// @ts-ignore: decorator
@inline
function only(lane: usize, value: f32, rest: v128): v128 {
  if (lane == 0) return f32x4.replace_lane(rest, 0, value);
  return lane == 1 ? f32x4.replace_lane(rest, 1, value) : f32x4.replace_lane(rest, 2, value);
}

/** One row of `size` elements side by side. */
// @ts-ignore: decorator
@inline
function reduceRow(code: i32, s: usize, size: usize): f32 {
  let partial = start(code);
  for (const end = s + ((size & ~3) << 2); s < end; s += 16) {
    partial = combine(code, partial, v128.load(s));
  }
  for (let lane: usize = 0; lane < (size & 3); lane++) {
    partial = combine(code, partial, only(lane, load<f32>(s + (lane << 2)), start(code)));
  }
  const swapped = combine(code, partial, i8x16.shuffle(partial, partial, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  const upper = i8x16.shuffle(swapped, swapped, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  return f32x4.extract_lane(combine(code, swapped, upper), 0);
}

/** Four columns of `size` elements, each `stride` bytes below the last. */
// @ts-ignore: decorator
@inline
function reduceColumns(code: i32, s: usize, size: usize, stride: usize): v128 {
  let p0 = start(code);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let left = size;
  for (; left >= 4; left -= 4, s += stride << 2) {
    p0 = combine(code, p0, v128.load(s));
    p1 = combine(code, p1, v128.load(s + stride));
    p2 = combine(code, p2, v128.load(s + (stride << 1)));
    p3 = combine(code, p3, v128.load(s + stride * 3));
  }
  if (left > 0) p0 = combine(code, p0, v128.load(s));
  if (left > 1) p1 = combine(code, p1, v128.load(s + stride));
  if (left > 2) p2 = combine(code, p2, v128.load(s + (stride << 1)));
  return combine(code, combine(code, p0, p1), combine(code, p2, p3));
}

// @ts-ignore: decorator
@inline
function reduceAll(code: i32, d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  const stride = inner << 2;
  for (let o: usize = 0; o < outer; o++, s += size * stride, d += stride) {
    if (inner == 1) store<f32>(d, reduceRow(code, s, size));
    else {
      for (let at: usize = 0; at < stride; at += 16) {
        v128.store(d + at, reduceColumns(code, s + at, size, stride));
      }
    }
  }
}

export function sum(d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  reduceAll(SUM, d, s, outer, size, inner);
}

export function prod(d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  reduceAll(PRODUCT, d, s, outer, size, inner);
}

export function max(d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  reduceAll(MAXIMUM, d, s, outer, size, inner);
}

export function min(d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  reduceAll(MINIMUM, d, s, outer, size, inner);
}

/** The index of the first largest; NaN is never larger. */
export function argmax(d: usize, s: usize, outer: usize, size: usize, inner: usize): void {
  const stride = inner << 2;
  for (let o: usize = 0; o < outer; o++, s += size * stride) {
    for (let column: usize = 0; column < inner; column++, d += 4) {
      let at = s + (column << 2);
      let best = load<f32>(at);
      let where: usize = 0;
      for (let i: usize = 1; i < size; i++) {
        at += stride;
        const value = load<f32>(at);
        if (value > best) {
          best = value;
          where = i;
        }
      }
      store<u32>(d, where);
    }
  }
}

/** Running sums from the first element on, or from the last. */
export function cumulativeSum(d: usize, s: usize, outer: usize, size: usize, inner: usize, reverse: bool): void {
  const stride = inner << 2;
  const step: usize = reverse ? 0 - stride : stride;
  for (let o: usize = 0; o < outer; o++, s += size * stride, d += size * stride) {
    for (let column: usize = 0; column < inner; column++) {
      let at = (column << 2) + (reverse ? (size - 1) * stride : 0);
      let total: f32 = 0;
      for (let i: usize = 0; i < size; i++, at += step) {
        total += load<f32>(s + at);
        store<f32>(d + at, total);
      }
    }
  }
}
