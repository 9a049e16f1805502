// Decimals that a computation has left beside: 36.806999999999995 is the float64 next to 36.807, and
// is written with all the digits that tell it from that.

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** How far beside a decimal a number is looked for. */
export const mostUlps = 8;

/** Of a decimal that something stands beside by chance; one with more digits would be beside all. */
const largestMantissa = 1e12;

/** The float64 so many behind a positive one. */
export function stepped(value: number, ulps: number): number {
  float[0] = value;
  bits[0] = bits[0]! + BigInt(ulps);
  return float[0]!;
}

function ulpsBetween(from: number, to: number): number {
  float[0] = to;
  const end = bits[0]!;
  float[0] = from;
  return Number(end - bits[0]!);
}

/** A decimal and how many float64 behind it a number stands. */
export interface NearDecimal {
  mantissa: number;
  decimals: number;
  ulps: number;
}

/** The decimal of fewest digits that a positive number stands right beside, if any does. */
export function nearDecimal(value: number, decimals: number): NearDecimal | undefined {
  for (let fewer = 0, power = 1; fewer < decimals; fewer++, power *= 10) {
    const mantissa = Math.round(value * power);
    if (mantissa > largestMantissa) return undefined;
    const decimal = mantissa / power;
    if (Math.abs(decimal - value) > 2 * mostUlps * Number.EPSILON * value) continue;
    const ulps = ulpsBetween(decimal, value);
    if (ulps !== 0 && Math.abs(ulps) <= mostUlps) return { mantissa, decimals: fewer, ulps };
  }
  return undefined;
}
