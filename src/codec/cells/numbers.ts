// Columns of numbers: on the grid of their decimals, as counts, or as 0 and 1.
import { damaged } from "../ans/coder.ts";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import {
  type FieldCells,
  type FieldSymbols,
  type NumberCells,
  POWERS,
  readPlaces,
  writePlaces,
} from "./cells.ts";

/** Beyond, a column's range could have more numbers than float64 counts. */
const LARGEST = 2 ** 51;

function numbersIn(cells: { type: string }): NumberCells {
  if (cells.type !== "number") throw damaged();
  return cells as NumberCells;
}

function writeEscapes(side: ByteWriter, places: readonly number[], mantissas: Float64Array): void {
  writePlaces(side, places);
  for (const place of places) side.whole(mantissas[place]!);
}

function readEscapes(side: ByteReader, rows: number): Map<number, number> {
  return new Map(readPlaces(side, rows).map((place) => [place, side.whole()]));
}

/** Whether a value is there for the model. */
const modelled = (present: Uint8Array, escapes: ReadonlyMap<number, number>) =>
  present.map((there, i) => (there && !escapes.has(i) ? 1 : 0));

const blank = (rows: number) => new Float64Array(rows);

/** Of each number of decimals in a column: the least and how many from there to the greatest. */
type Ranges = Map<number, { low: number; count: number }>;

function gridOf(ranges: Ranges, present: Uint8Array, decimals: Uint8Array): FieldSymbols {
  const rows = present.length;
  const [lows, powers] = [blank(rows), blank(rows).fill(1)];
  const counts = blank(rows).fill(1);
  for (let i = 0; i < rows; i++) {
    const range = ranges.get(decimals[i]!);
    if (!present[i] || !range) continue;
    lows[i] = range.low;
    counts[i] = range.count;
    powers[i] = POWERS[decimals[i]!]!;
  }
  return { codes: blank(rows), present, lows, powers, counts };
}

/** Real and positive columns. */
export const griddedNumbers: FieldCells = {
  encode(cells, rows, side) {
    const { mantissas, decimals } = numbersIn(cells);
    const ranges: Ranges = new Map();
    const places: number[] = [];
    const present = new Uint8Array(rows);
    for (let i = 0; i < rows; i++) {
      const m = mantissas[i]!;
      if (Number.isNaN(m)) continue;
      if (Math.abs(m) > LARGEST || Object.is(m, -0) || decimals[i]! >= POWERS.length) {
        places.push(i);
        continue;
      }
      present[i] = 1;
      const range = ranges.get(decimals[i]!);
      const low = Math.min(m, range?.low ?? m);
      const high = Math.max(m, range ? range.low + range.count - 1 : m);
      ranges.set(decimals[i]!, { low, count: high - low + 1 });
    }
    writeEscapes(side, places, mantissas);
    side.count(ranges.size);
    for (const [places, { low, count }] of ranges) {
      side.count(places);
      side.whole(low);
      side.count(count);
    }
    const symbols = gridOf(ranges, present, decimals);
    for (let i = 0; i < rows; i++) {
      if (present[i]) symbols.codes[i] = mantissas[i]! - symbols.lows![i]!;
    }
    return symbols;
  },
  prepare(known, rows, side) {
    if (known.type !== "number") throw damaged();
    const { decimals } = known;
    const escapes = readEscapes(side, rows);
    const ranges: Ranges = new Map();
    for (let left = side.count(POWERS.length); left > 0; left--) {
      const places = side.count();
      ranges.set(places, { low: side.whole(), count: side.count() });
    }
    const symbols = gridOf(ranges, modelled(known.present, escapes), decimals);
    return {
      symbols,
      restore: (codes) => ({
        type: "number",
        decimals,
        mantissas: codes.map((code, i) =>
          symbols.present![i] ? symbols.lows![i]! + code : (escapes.get(i) ?? Number.NaN),
        ),
      }),
    };
  },
};

/** Columns of whole numbers, each from 0 to `largest`: counts, and 0 and 1. */
function wholeNumbers(largest: number): FieldCells {
  /** The whole number that a cell is; -1: none in the range. */
  const wholeOf = (m: number, decimals: number) => {
    const value = decimals < POWERS.length ? m / POWERS[decimals]! : -1;
    return Number.isInteger(value) && value >= 0 && value <= largest && !Object.is(m, -0)
      ? value
      : -1;
  };
  return {
    encode(cells, rows, side) {
      const { mantissas, decimals } = numbersIn(cells);
      const codes = blank(rows);
      const present = new Uint8Array(rows);
      const places: number[] = [];
      for (let i = 0; i < rows; i++) {
        const m = mantissas[i]!;
        if (Number.isNaN(m)) continue;
        const value = wholeOf(m, decimals[i]!);
        // Decimals that are all zeros come back by the product, where that is exact.
        if (value < 0 || value * POWERS[decimals[i]!]! !== m) places.push(i);
        else {
          codes[i] = value;
          present[i] = 1;
        }
      }
      writeEscapes(side, places, mantissas);
      return { codes, present, lows: null, powers: null, counts: null };
    },
    prepare(known, rows, side) {
      if (known.type !== "number") throw damaged();
      const { decimals } = known;
      const escapes = readEscapes(side, rows);
      const present = modelled(known.present, escapes);
      return {
        symbols: { codes: blank(rows), present, lows: null, powers: null, counts: null },
        restore: (codes) => ({
          type: "number",
          decimals,
          mantissas: codes.map((code, i) =>
            present[i] ? code * POWERS[decimals[i]!]! : (escapes.get(i) ?? Number.NaN),
          ),
        }),
      };
    },
  };
}

export const countNumbers = wholeNumbers(LARGEST);
export const bitNumbers = wholeNumbers(1);
