// Sums over float32 arrays in memory, always in the same order.

/** target[i] += source[i] for `length` floats. */
export function accumulate(target: usize, source: usize, length: usize): void {
  const end = target + (length << 2);
  const vectorEnd = target + ((length & ~3) << 2);
  while (target < vectorEnd) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
    target += 16;
    source += 16;
  }
  while (target < end) {
    store<f32>(target, load<f32>(target) + load<f32>(source));
    target += 4;
    source += 4;
  }
}

/** Σ source[i]², in float64: eight partial sums (element i goes to i mod 8), added in one order. */
export function sumOfSquares(source: usize, length: usize): f64 {
  const end = source + (length << 2);
  const vectorEnd = source + ((length & ~7) << 2);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  while (source < vectorEnd) {
    const low = v128.load(source);
    const high = v128.load(source, 16);
    const a1 = f64x2.promote_low_f32x4(low);
    const b1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(low, low, 1, 1));
    const c1 = f64x2.promote_low_f32x4(high);
    const d1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(high, high, 1, 1));
    a = f64x2.add(a, f64x2.mul(a1, a1));
    b = f64x2.add(b, f64x2.mul(b1, b1));
    c = f64x2.add(c, f64x2.mul(c1, c1));
    d = f64x2.add(d, f64x2.mul(d1, d1));
    source += 32;
  }
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  while (source < end) {
    const value = <f64>load<f32>(source);
    sum += value * value;
    source += 4;
  }
  return sum;
}
