// Numbers as text: the shortest decimal that reads back as the same number of its own precision.

const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * The shortest decimal that rounds to the float32 `value` (a double's own would write 0.1 as
 * 0.10000000149011612). Tries decimals of 5 digits and more: 9 always suffice for float32, and
 * powers of ten up to 1e22 are exact doubles, so that each quotient is the double nearest to its
 * decimal.
 */
export function float32Text(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? "-0" : "0";
  if (size >= 1e-9 && size < 1e9) {
    const exponent = Math.floor(Math.log10(size));
    for (let places = Math.max(0, 4 - exponent); places <= 22; places++) {
      const decimal = Math.round(value * powers[places]!) / powers[places]!;
      if (Math.fround(decimal) === value) return String(decimal);
    }
  }
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return String(decimal);
  }
  return String(Number(value.toPrecision(9)));
}

export const float64Text = (value: number) => (Object.is(value, -0) ? "-0" : String(value));
