// How many places after the point values have, and values written with so many.

/** Of float32, which holds about seven digits. */
export const MOST_DECIMALS = 12;
export const DIGITS = 7;

const toPlaces = (value: number, factor: number) => Math.round(value * factor) / factor;

/**
 * The places after the point that all of these float32 values have that are there; null for more than are told.
 * @param least those of values seen before.
 */
export function decimalsOf(values: ArrayLike<number>, least = 0): number | null {
  let decimals = least;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Most columns are whole.
    if (Number.isNaN(value) || value === Math.floor(value)) continue;
    while (decimals <= MOST_DECIMALS && Math.fround(toPlaces(value, 10 ** decimals)) !== value) {
      decimals++;
    }
  }
  return decimals <= MOST_DECIMALS ? decimals : null;
}

/** Powers of ten that float64 holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** To seven digits. Through text it would take ten times as long. */
function toDigits(value: number): number {
  const size = Math.abs(value);
  // Digits before the point; the logarithm may be off by a last bit.
  let whole = Math.floor(Math.log10(size)) + 1;
  if (size >= 10 ** whole) whole++;
  else if (size < 10 ** (whole - 1)) whole--;
  const factor = POWERS[DIGITS - whole];
  if (factor === undefined) return Number(value.toPrecision(DIGITS));
  const rounded = Math.round(size * factor) / factor;
  return value < 0 ? -rounded : rounded;
}

/** Rounds values of a model, float32 at heart, to so many places; without, to the digits they hold. */
export function rounding(decimals: number | null): (value: number) => number {
  if (decimals === null) return (value) => (Number.isInteger(value) ? value : toDigits(value));
  const factor = 10 ** decimals;
  return (value) => (Number.isInteger(value) ? value : toPlaces(value, factor));
}
