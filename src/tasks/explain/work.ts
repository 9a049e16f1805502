// How much of the data is looked at, so that long rows take no more than about half a minute, and how far
// that has come.

/** Told now and then: so much of it is done, from 0 to 1. */
export type OnProgress = (share: number) => void;

/** Points of the path of integrated gradients, and the fewest where rows are long. */
export const STEPS = 64;
const FEWEST_STEPS = 16;
/** Rows of which means are taken at least, however long rows are. */
const FEWEST_ROWS = 8;

/** Rows for which so many numbers each come to `most` at most. */
export const rowsWithin = (most: number, numbers: number, rows: number) =>
  Math.min(rows, Math.max(FEWEST_ROWS, Math.floor(most / numbers)));

/**
 * Rows and steps of so many numbers each that come to `most` at most: first steps are left out, then rows.
 * @param steps where they are given.
 */
export function pathWithin(most: number, numbers: number, rows: number, steps?: number) {
  const fitting = Math.floor(most / numbers / rows);
  const taken = steps ?? Math.min(STEPS, Math.max(FEWEST_STEPS, fitting));
  return { rows: rowsWithin(most, numbers * taken, rows), steps: taken };
}

/** Those of rows `first` …, of a source of `all`, that are among `count` evenly taken of it, from `first`. */
export function evenlyIn(first: number, rows: number, count: number, all: number): number[] {
  const before = (row: number) => Math.floor((row * count) / all);
  return Array.from({ length: rows }, (_, i) => i).filter(
    (i) => before(first + i + 1) > before(first + i),
  );
}

/** So many of some places, evenly among all. */
export const evenly = (count: number, of: number): number[] =>
  Array.from({ length: Math.min(count, of) }, (_, i) => Math.floor((i * of) / Math.min(count, of)));
