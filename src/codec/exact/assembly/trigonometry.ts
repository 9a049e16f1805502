// sin and cos of four float32 at a time, in float64 after the whole quarter turns are taken off:
// by a π/2 in three parts below 2²³, by the digits of 1/2π from there on (Payne and Hanek 1983).
import { demote, promoteHigh, series } from "./functions";
import { lanes } from "./scratch";

const sinSeries = memory.data<f64>([
  1.6059043836821613e-10, -2.505210838544172e-8, 2.7557319223985893e-6, -1.984126984126984e-4,
  8.333333333333333e-3, -0.16666666666666666, 1,
]);
const cosSeries = memory.data<f64>([
  -1.1470745597729725e-11, 2.08767569878681e-9, -2.755731922398589e-7, 2.48015873015873e-5,
  -1.388888888888889e-3, 4.1666666666666664e-2, -0.5, 1,
]);

/** π/2: the first two parts have 30 bits, so that their products with quarter turns are exact. */
const FIRST: f64 = 1.570796325802803;
const SECOND: f64 = 9.920935791635221e-10;
const THIRD: f64 = 5.170182981794105e-19;

/** 1/2π in words of 32 bits, the highest first. */
const inverseTurn = memory.data<u32>([
  0x28be60db, 0x9391054a, 0x7f09d5f4, 0x7d4d3770, 0x36d8a566, 0x4f10e410, 0x7f9458ea, 0xf7aef158,
]);

/** From here on a float32 is a whole number: its last bit is worth a radian or more. */
const FAR: f32 = 8388608;

/** sin of the rest of an angle after `quarters` quarter turns. */
function turned(rest: v128, quarters: v128): v128 {
  const z = f64x2.mul(rest, rest);
  const sine = f64x2.mul(rest, series(z, sinSeries, 6));
  const cosine = series(z, cosSeries, 7);
  const half = f64x2.mul(quarters, f64x2.splat(0.5));
  const isEven = f64x2.eq(f64x2.floor(half), half);
  const size = v128.bitselect(sine, cosine, isEven);
  const pairs = f64x2.floor(half);
  const quarter = f64x2.mul(pairs, f64x2.splat(0.5));
  const isUpper = f64x2.eq(f64x2.floor(quarter), quarter);
  return v128.bitselect(size, f64x2.neg(size), isUpper);
}

/** sin(x + quarters · π/2) of float64. */
function sinWide(x: v128, quarters: f64): v128 {
  const turns = f64x2.nearest(f64x2.mul(x, f64x2.splat(0.6366197723675814)));
  let rest = f64x2.sub(x, f64x2.mul(turns, f64x2.splat(FIRST)));
  rest = f64x2.sub(rest, f64x2.mul(turns, f64x2.splat(SECOND)));
  rest = f64x2.sub(rest, f64x2.mul(turns, f64x2.splat(THIRD)));
  return turned(rest, f64x2.add(turns, f64x2.splat(quarters)));
}

/** 32 binary digits of 1/2π from the e-th on. */
function digits(e: u32): u64 {
  const at = inverseTurn + ((e >> 5) << 2);
  return (((<u64>load<u32>(at) << 32) | <u64>load<u32>(at, 4)) << <u64>(e & 31)) >> 32;
}

/** The same of one float32 from FAR on, which is m · 2ᵉ with whole m and e >= 0. */
function sinFar(x: f32, quarters: f64): f32 {
  const bits = reinterpret<u32>(x);
  const exponent = (bits >> 23) & 255;
  if (exponent == 255) return NaN;
  const e = exponent - 150;
  const m = <u64>((bits & 0x7fffff) | 0x800000);
  // The fraction of m · 2ᵉ / 2π, in 64 bits: digits before the e-th make whole turns.
  const turn = ((m * digits(e)) << 32) + m * digits(e + 32) + ((m * digits(e + 64)) >> 32);
  const quarter = (turn + (<u64>1 << 61)) >> 62;
  const rest = <f64>(<i64>(turn - (quarter << 62))) * 3.406121580086554e-19;
  const sign: f64 = x < 0 ? -1 : 1;
  const sine = turned(f64x2.splat(sign * rest), f64x2.splat(sign * <f64>quarter + quarters));
  return <f32>f64x2.extract_lane(sine, 0);
}

/** sin(x + quarters · π/2) of four float32. */
export function sinOf(x: v128, quarters: f64): v128 {
  const low = sinWide(f64x2.promote_low_f32x4(x), quarters);
  let sine = demote(low, sinWide(promoteHigh(x), quarters));
  const isNear = f32x4.lt(f32x4.abs(x), f32x4.splat(FAR));
  if (i32x4.all_true(isNear)) return sine;
  for (let lane: usize = 0; lane < 4; lane++) {
    v128.store(lanes, x);
    const value = load<f32>(lanes + (lane << 2));
    if (abs(value) < FAR) continue;
    v128.store(lanes, sine);
    store<f32>(lanes + (lane << 2), sinFar(value, quarters));
    sine = v128.load(lanes);
  }
  return sine;
}
