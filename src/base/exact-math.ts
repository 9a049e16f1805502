// exp, log and their relatives by operations that IEEE 754 defines to the bit, so that a constant computed
// with them is the same in every JavaScript engine: those of Math may differ in the last bit. What an
// archive's probabilities are made of is computed by these; any change of a bit makes archives unreadable.
//
// The series are those of src/codec/ans/assembly/math.ts, whose results on the host these are.

/** ln 2 as two numbers: whole multiples of the first one, up to 2^21 times, are exact. */
const [LN2_HIGH, LN2_LOW] = [0.6931471803691238, 1.9082149292705877e-10];
const LEAST_NORMAL = 2.2250738585072014e-308;

const view = new DataView(new ArrayBuffer(8));

/** 2 to the k, from -1022 to 1023. */
function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** 1/13!, 1/12!, ..., 1/0!, as Taylor's series has them. */
const inverseFactorials = [
  6227020800, 479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1,
].map((factorial) => 1 / factorial);

/** e to the x: 0 below -708, and as at 709 above it. */
export function exp(x: number): number {
  if (!(x > -708)) return 0;
  const held = Math.min(x, 709);
  // A half goes either way: the series is as good at both ends.
  const k = Math.floor(held * Math.LOG2E + 0.5);
  const r = held - k * LN2_HIGH - k * LN2_LOW;
  let p = 0;
  for (const inverse of inverseFactorials) p = p * r + inverse;
  return p * powerOfTwo(k);
}

/** The natural logarithm of x > 0; below the smallest normal number, that one's. */
export function log(x: number): number {
  view.setFloat64(0, Math.max(x, LEAST_NORMAL));
  const high = view.getUint32(0);
  let e = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    e++;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  // 2 artanh(s), |s| <= 0.172.
  let p = 1 / 23;
  for (let k = 21; k >= 1; k -= 2) p = p * q + 1 / k;
  return e * LN2_HIGH + (2 * s * p + e * LN2_LOW);
}

/** log(1 + x), x > -1: what 1 + x is rounded by is taken back (Kahan). */
export function log1p(x: number): number {
  const u = 1 + x;
  return u === 1 ? x : log(u) * (x / (u - 1));
}

/** e^x - 1, likewise. */
export function expm1(x: number): number {
  const u = exp(x);
  if (u === 1) return x;
  const less = u - 1;
  // Beyond, nothing is lost, and log(u) may be that of the largest number.
  return Math.abs(x) > 1 ? less : less * (x / log(u));
}

/** The inverse of tanh, |x| < 1. */
export function atanh(x: number): number {
  return 0.5 * log1p((2 * x) / (1 - x));
}

/** log(u / (1 - u)), 0 < u < 1: of a uniform draw, a logistic one. */
export function logit(u: number): number {
  return log(u) - log1p(-u);
}
