// How many places after the point values have, and values written with so many.

/** Of float32, which holds about seven digits. */
export const MOST_DECIMALS = 12;
const DIGITS = 7;

const toPlaces = (value: number, factor: number) => Math.round(value * factor) / factor;

/** The places after the point that all of these float32 values have; null for more than are told. */
export function decimalsOf(values: Iterable<number>): number | null {
  let decimals = 0;
  for (const value of values) {
    while (decimals <= MOST_DECIMALS && Math.fround(toPlaces(value, 10 ** decimals)) !== value) {
      decimals++;
    }
  }
  return decimals <= MOST_DECIMALS ? decimals : null;
}

/** A value of a model, float32 at heart, to so many places; without, to the digits it holds. */
export function rounded(value: number, decimals: number | null): number {
  if (Number.isInteger(value)) return value;
  return decimals === null ? Number(value.toPrecision(DIGITS)) : toPlaces(value, 10 ** decimals);
}
