// Four random words to four floats, by IEEE additions, multiplications, divisions and nothing
// else, so that every engine gives the same bits.

/** The top 24 bits as a float32 in [0, 1). */
// @ts-ignore: decorator
@inline
export function uniform(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(1.0 / 16777216.0));
}

/**
 * Constants, coefficients with the highest power first. They are loaded at each use: engines
 * rebuild a vector constant by three instructions where one load does.
 */
const minusArtanh = memory.data<f32>([-2.0 / 9.0, -2.0 / 7.0, -2.0 / 5.0, -2.0 / 3.0, -2]);
const numerator = memory.data<f32>([
  2.91652147e-5, 9.78065586e-4, 1.17373427e-2, 8.91136782e-2, 4.50298087e-1, 1.25331399,
]);
const denominator = memory.data<f32>([
  1.00878262e-6, 1.67914532e-4, 2.22039449e-3, 3.25427326e-2, 9.74870336e-2, 1,
]);
const minusLog2 = memory.data<f32>([-0.6931471805599453]);
const half = memory.data<f32>([0.5]);
const one = memory.data<f32>([1]);
const two = memory.data<f32>([2]);
const inverse31 = memory.data<f32>([1.0 / 2147483648.0]);
const rootOfHalf = memory.data<f32>([0.7071067811865476]);
const signBit = memory.data<u32>([0x80000000]);
const otherBits = memory.data<u32>([0x7fffffff]);

// @ts-ignore: decorator
@inline
function splat(address: usize): v128 {
  return v128.load32_splat(address);
}

/** coefficients[0] t⁴ + … + coefficients[4], by Horner's rule. */
// @ts-ignore: decorator
@inline
function quartic(t: v128, coefficients: usize): v128 {
  let sum = f32x4.add(f32x4.mul(t, splat(coefficients)), splat(coefficients + 4));
  sum = f32x4.add(f32x4.mul(t, sum), splat(coefficients + 8));
  sum = f32x4.add(f32x4.mul(t, sum), splat(coefficients + 12));
  return f32x4.add(f32x4.mul(t, sum), splat(coefficients + 16));
}

/** coefficients[0] t⁵ + … + coefficients[5]. */
// @ts-ignore: decorator
@inline
function quintic(t: v128, coefficients: usize): v128 {
  return f32x4.add(f32x4.mul(t, quartic(t, coefficients)), splat(coefficients + 20));
}

/** -log y for positive normal y: -2 artanh((m - 1) / (m + 1)) - e log 2, with m in [√½, √2). */
// @ts-ignore: decorator
@inline
function minusLog(y: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(y, splat(rootOfHalf)), 23);
  const m = i32x4.sub(y, i32x4.shl(exponent, 23));
  const s = f32x4.div(f32x4.sub(m, splat(one)), f32x4.add(m, splat(one)));
  const mantissa = f32x4.mul(s, quartic(f32x4.mul(s, s), minusArtanh));
  return f32x4.add(mantissa, f32x4.mul(f32x4.convert_i32x4_s(exponent), splat(minusLog2)));
}

/** (bits + ½) / 2³¹ of integers below 2³¹. */
// @ts-ignore: decorator
@inline
function fraction(bits: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(bits), splat(half)), splat(inverse31));
}

/**
 * The standard normal quantile of (word + ½) / 2³², within 1e-6 relative (4e-7 measured);
 * |z| <= 6.338.
 *
 * With x = 2p - 1 and t = -log(1 - x²), the quantile is x·f(t), f smooth and positive over the
 * whole range; f is a minimax rational function of degree (5, 5) with relative error 1.3e-7,
 * all of whose terms are positive, so nothing cancels. 1 - |x| comes from the integer, exactly.
 */
// @ts-ignore: decorator
@inline
export function normal(words: v128): v128 {
  const signed = v128.xor(words, splat(signBit));
  const magnitude = v128.xor(signed, i32x4.shr_s(signed, 31));
  const x = fraction(magnitude);
  const oneLessX = fraction(v128.xor(magnitude, splat(otherBits)));
  const t = minusLog(f32x4.mul(oneLessX, f32x4.sub(splat(two), oneLessX)));
  const ratio = f32x4.div(quintic(t, numerator), quintic(t, denominator));
  return v128.or(f32x4.mul(x, ratio), v128.and(signed, splat(signBit)));
}
