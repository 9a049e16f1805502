// exp, log and the distribution functions that probabilities are made of, in float64 by additions,
// multiplications, divisions and roots alone, which WebAssembly defines to the bit. Any change of any bit
// of any result here makes archives unreadable: it means a new ANS_VERSION in ../version.ts.

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const ROOT_HALF: f64 = 0.7071067811865476;

/** e to the x: 0 below -708, and as at 709 above it. */
export function exp(x: f64): f64 {
  if (!(x > -708)) return 0;
  if (x > 709) x = 709;
  const k = nearest(x * LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // Taylor's series: |r| <= 0.35, so that what is left out is below 1e-17.
  let p: f64 = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** `exp` of both lanes, to the same bits. */
export function expPair(x: v128): v128 {
  const isSome = f64x2.gt(x, f64x2.splat(-708));
  const held = f64x2.pmin(f64x2.splat(709), x);
  const k = f64x2.nearest(f64x2.mul(held, f64x2.splat(LOG2E)));
  const r = f64x2.sub(
    f64x2.sub(held, f64x2.mul(k, f64x2.splat(LN2_HIGH))),
    f64x2.mul(k, f64x2.splat(LN2_LOW)),
  );
  let p = f64x2.splat(1.0 / 6227020800.0);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 479001600.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 39916800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 3628800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0));
  // k + 1023 stands in the lowest bits of 2^52 and it.
  const power = i64x2.shl(f64x2.add(k, f64x2.splat(4503599627370496.0 + 1023.0)), 52);
  return v128.and(f64x2.mul(p, power), isSome);
}

/** The natural logarithm of x > 0; of anything else that of the smallest normal number. */
export function log(x: f64): f64 {
  if (!(x > 2.2250738585072014e-308)) x = 2.2250738585072014e-308;
  const bits = reinterpret<i64>(x);
  let e = (bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | (<i64>1023 << 52));
  if (m > 2.0 * ROOT_HALF) {
    m *= 0.5;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  // 2·artanh(s), |s| <= 0.172.
  let p: f64 = 1.0 / 23.0;
  p = p * q + 1.0 / 21.0;
  p = p * q + 1.0 / 19.0;
  p = p * q + 1.0 / 17.0;
  p = p * q + 1.0 / 15.0;
  p = p * q + 1.0 / 13.0;
  p = p * q + 1.0 / 11.0;
  p = p * q + 1.0 / 9.0;
  p = p * q + 1.0 / 7.0;
  p = p * q + 1.0 / 5.0;
  p = p * q + 1.0 / 3.0;
  p = p * q + 1.0;
  const k = <f64>e;
  return k * LN2_HIGH + (2.0 * s * p + k * LN2_LOW);
}

/** `log` of both lanes, to the same bits. */
export function logPair(x: v128): v128 {
  const least = f64x2.splat(2.2250738585072014e-308);
  const held = v128.bitselect(x, least, f64x2.gt(x, least));
  // The exponent stands in the lowest bits of 2^52 and it.
  const biased = v128.or(i64x2.shr_u(held, 52), f64x2.splat(4503599627370496.0));
  const e = f64x2.sub(biased, f64x2.splat(4503599627370496.0 + 1023.0));
  const mantissa = v128.or(
    v128.and(held, i64x2.splat(0xfffffffffffff)),
    i64x2.splat(<i64>1023 << 52),
  );
  const isLarge = f64x2.gt(mantissa, f64x2.splat(2.0 * ROOT_HALF));
  const m = v128.bitselect(f64x2.mul(mantissa, f64x2.splat(0.5)), mantissa, isLarge);
  const k = f64x2.add(e, v128.and(f64x2.splat(1), isLarge));
  const one = f64x2.splat(1.0);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const q = f64x2.mul(s, s);
  let p = f64x2.splat(1.0 / 23.0);
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 21.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 19.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 17.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 15.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 13.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 11.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 9.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 7.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 5.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.0 / 3.0));
  p = f64x2.add(f64x2.mul(p, q), one);
  const low = f64x2.add(
    f64x2.mul(f64x2.mul(f64x2.splat(2.0), s), p),
    f64x2.mul(k, f64x2.splat(LN2_LOW)),
  );
  return f64x2.add(f64x2.mul(k, f64x2.splat(LN2_HIGH)), low);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: f64): f64 {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** `sigmoid` of both lanes, to the same bits. */
export function sigmoidPair(x: v128): v128 {
  const one = f64x2.splat(1.0);
  const e = expPair(f64x2.neg(f64x2.abs(x)));
  const top = v128.bitselect(one, e, f64x2.ge(x, f64x2.splat(0)));
  return f64x2.div(top, f64x2.add(one, e));
}

/** log(1 + e^x). */
export function softplus(x: f64): f64 {
  if (x > 36) return x;
  const e = exp(x);
  // Below, 1 + e rounds too coarsely; its own rounding error is taken back (Kahan).
  const u = 1 + e;
  if (u == 1) return e;
  return log(u) * (e / (u - 1));
}

/** The standard normal distribution function, with an error below 1e-14 (Hart et al. 1968, 5666). */
export function normal(x: f64): f64 {
  const a = abs(x);
  let tail: f64 = 0;
  if (a < 37) {
    const e = exp(-0.5 * a * a);
    if (a < 7.07106781186547) {
      let p: f64 = 3.52624965998911e-2 * a + 0.700383064443688;
      p = p * a + 6.37396220353165;
      p = p * a + 33.912866078383;
      p = p * a + 112.079291497871;
      p = p * a + 221.213596169931;
      p = p * a + 220.206867912376;
      let q: f64 = 8.83883476483184e-2 * a + 1.75566716318264;
      q = q * a + 16.064177579207;
      q = q * a + 86.7807322029461;
      q = q * a + 296.564248779674;
      q = q * a + 637.333633378831;
      q = q * a + 793.826512519948;
      q = q * a + 440.413735824752;
      tail = (e * p) / q;
    } else {
      let b: f64 = a + 0.65;
      b = a + 4 / b;
      b = a + 3 / b;
      b = a + 2 / b;
      b = a + 1 / b;
      tail = e / b / 2.506628274631;
    }
  }
  return x > 0 ? 1 - tail : tail;
}

/** Where the standard normal distribution function is p, 0 < p < 1 (Acklam 2003, one step of Halley's). */
export function normalQuantile(p: f64): f64 {
  const low: f64 = 0.02425;
  if (p > 0.5) return -normalQuantile(1 - p);
  let x: f64;
  if (p < low) {
    const q = sqrt(-2 * log(p));
    let n: f64 = -7.784894002430293e-3 * q - 0.3223964580411365;
    n = n * q - 2.400758277161838;
    n = n * q - 2.549732539343734;
    n = n * q + 4.374664141464968;
    n = n * q + 2.938163982698783;
    let d: f64 = 7.784695709041462e-3 * q + 0.3224671290700398;
    d = d * q + 2.445134137142996;
    d = d * q + 3.754408661907416;
    x = n / (d * q + 1);
  } else {
    const q = p - 0.5;
    const r = q * q;
    let n: f64 = -39.69683028665376 * r + 220.9460984245205;
    n = n * r - 275.9285104469687;
    n = n * r + 138.357751867269;
    n = n * r - 30.66479806614716;
    n = n * r + 2.506628277459239;
    let d: f64 = -54.47609879822406 * r + 161.5858368580409;
    d = d * r - 155.6989798598866;
    d = d * r + 66.80131188771972;
    d = d * r - 13.28068155288572;
    x = (n * q) / (d * r + 1);
  }
  const e = normal(x) - p;
  const u = e * 2.5066282746310002 * exp(0.5 * x * x);
  return x - u / (1 + 0.5 * x * u);
}

/** Of a pair of equal values the JavaScript side's own numbers stay exact through: for tests. */
export function mathOf(which: i32, x: f64): f64 {
  switch (which) {
    case 0:
      return exp(x);
    case 1:
      return log(x);
    case 2:
      return normal(x);
    case 3:
      return normalQuantile(x);
    case 4:
      return softplus(x);
    case 5:
      return sigmoid(x);
    case 6:
      return f64x2.extract_lane(expPair(f64x2.splat(x)), 1);
    case 7:
      return f64x2.extract_lane(logPair(f64x2.splat(x)), 1);
    default:
      return f64x2.extract_lane(sigmoidPair(f64x2.splat(x)), 1);
  }
}
