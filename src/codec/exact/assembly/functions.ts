// exp, log and what is made of them, of four float32 at a time: computed in float64 to about 1e-12
// and rounded once, by IEEE additions, multiplications and divisions in the order written here.

/** Of float64, in the order of Horner's rule: the highest power first. Loaded, not rebuilt, at use. */
const expSeries = memory.data<f64>([
  2.7557319223985893e-6, 2.48015873015873e-5, 1.984126984126984e-4, 1.388888888888889e-3,
  8.333333333333333e-3, 4.1666666666666664e-2, 0.16666666666666666, 0.5, 1, 1,
]);
const artanhSeries = memory.data<f64>([
  0.11764705882352941, 0.13333333333333333, 0.15384615384615385, 0.18181818181818182,
  0.2222222222222222, 0.2857142857142857, 0.4, 0.6666666666666666, 2,
]);
/** erf(√z) / √z in u = z / 8 − 1 for 0 <= z <= 16, at Chebyshev's nodes: within 4e-13 of it. */
const erfSeries = memory.data<f64>([
  1.4883137738024427e-6, -4.586436654384096e-6, 5.069598611100321e-6, -1.2635295810882527e-5,
  5.0516480984461565e-5, -0.00012649419013464726, 0.0002730868781407246, -0.0006048631720031436,
  0.0012940700205056187, -0.0025830290325423205, 0.004852986669306072, -0.008604359881842768,
  0.01434973873577006, -0.02247402944863727, 0.033060611596419896, -0.04576504084136504,
  0.05988690674393009, -0.07472787156784315, 0.09020899404424358, -0.10771044230403215,
  0.13167511689547207, -0.17657623330392602, 0.35353099564340495,
]);

/** 1.5 · 2⁵²: added to a float64 below 2⁵¹, it leaves the nearest whole number in the low bits. */
const MAGIC: f64 = 6755399441055744.0;
const LOG_2: f64 = 0.6931471805599453;
/** The bits of √½, and of 2¹⁰²⁴ as an exponent: what brings a mantissa into [√½, √2). */
const ROOT_OF_HALF: i64 = 0x3fe6a09e667f3bcd;
const EXPONENTS: i64 = 1024;

/** The series in `x`, float64. */
// @ts-ignore: decorator
@inline
export function series(x: v128, coefficients: usize, degree: usize): v128 {
  let sum = v128.load64_splat(coefficients);
  for (let i: usize = 1; i <= degree; i++) {
    sum = f64x2.add(f64x2.mul(sum, x), v128.load64_splat(coefficients + (i << 3)));
  }
  return sum;
}

/** eˣ of float64 in [−110, 110], beyond which float32 has 0 and ∞; NaN stays NaN. */
export function expWide(x: v128): v128 {
  const near = f64x2.pmax(f64x2.pmin(x, f64x2.splat(110)), f64x2.splat(-110));
  const t = f64x2.add(f64x2.mul(near, f64x2.splat(1.4426950408889634)), f64x2.splat(MAGIC));
  const whole = f64x2.sub(t, f64x2.splat(MAGIC));
  const rest = f64x2.sub(near, f64x2.mul(whole, f64x2.splat(LOG_2)));
  const scale = i64x2.shl(i64x2.add(t, i64x2.splat(1023)), 52);
  return f64x2.mul(series(rest, expSeries, 9), scale);
}

/** log x of float64 that come from float32, so that none but 0 is subnormal. */
export function logWide(x: v128): v128 {
  const shifted = i64x2.add(i64x2.sub(x, i64x2.splat(ROOT_OF_HALF)), i64x2.splat(EXPONENTS << 52));
  const exponent = i64x2.shr_u(shifted, 52);
  const m = i64x2.sub(x, i64x2.shl(i64x2.sub(exponent, i64x2.splat(EXPONENTS)), 52));
  const power = f64x2.sub(
    i64x2.add(exponent, f64x2.splat(MAGIC)),
    f64x2.splat(MAGIC + <f64>EXPONENTS),
  );
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const mantissa = f64x2.mul(s, series(f64x2.mul(s, s), artanhSeries, 8));
  const value = f64x2.add(f64x2.mul(power, f64x2.splat(LOG_2)), mantissa);
  const zero = f64x2.splat(0);
  const infinity = f64x2.splat(Infinity);
  const signed = v128.bitselect(value, f64x2.splat(NaN), f64x2.ge(x, zero));
  const whole = v128.bitselect(f64x2.splat(-Infinity), signed, f64x2.eq(x, zero));
  return v128.bitselect(infinity, whole, f64x2.eq(x, infinity));
}

export function sigmoidWide(x: v128): v128 {
  return f64x2.div(f64x2.splat(1), f64x2.add(f64x2.splat(1), expWide(f64x2.neg(x))));
}

/** 1 − 2 / (e²ˣ + 1); near 0, where that cancels, x − x³/3 + 2x⁵/15. */
export function tanhWide(x: v128): v128 {
  const one = f64x2.splat(1);
  const twice = expWide(f64x2.add(x, x));
  const far = f64x2.sub(one, f64x2.div(f64x2.splat(2), f64x2.add(twice, one)));
  const z = f64x2.mul(x, x);
  const bend = f64x2.sub(f64x2.mul(z, f64x2.splat(2.0 / 15.0)), f64x2.splat(1.0 / 3.0));
  const near = f64x2.mul(x, f64x2.add(one, f64x2.mul(z, bend)));
  return v128.bitselect(near, far, f64x2.lt(f64x2.abs(x), f64x2.splat(0.01)));
}

/** erf x, which is ±1 in float32 from 4 on. */
export function erfWide(x: v128): v128 {
  const near = f64x2.pmax(f64x2.pmin(x, f64x2.splat(4)), f64x2.splat(-4));
  const u = f64x2.sub(f64x2.mul(f64x2.mul(near, near), f64x2.splat(0.125)), f64x2.splat(1));
  return f64x2.mul(near, series(u, erfSeries, 22));
}

/**
 * xʸ as e^(y log |x|), negative where x is and y is odd, NaN where x is negative and y no whole
 * number, 1 where y is 0.
 */
export function powWide(x: v128, y: v128): v128 {
  const size = expWide(f64x2.mul(y, logWide(f64x2.abs(x))));
  const half = f64x2.mul(y, f64x2.splat(0.5));
  const isWhole = f64x2.eq(f64x2.floor(y), y);
  const isOdd = v128.andnot(isWhole, f64x2.eq(f64x2.floor(half), half));
  const sign = v128.and(v128.and(x, f64x2.splat(-0.0)), isOdd);
  const isReal = v128.or(f64x2.ge(x, f64x2.splat(0)), isWhole);
  const value = v128.bitselect(v128.or(size, sign), f64x2.splat(NaN), isReal);
  return v128.bitselect(f64x2.splat(1), value, f64x2.eq(y, f64x2.splat(0)));
}

/** The two float32 of the upper half as float64. */
// @ts-ignore: decorator
@inline
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
}

/** Two and two float64, each rounded to float32. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return i8x16.shuffle(
    f32x4.demote_f64x2_zero(low),
    f32x4.demote_f64x2_zero(high),
    0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23,
  );
}
