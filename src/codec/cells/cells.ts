// A column's cells in some rows, as a file holds them, and how one of a kind becomes whole numbers for the
// model and comes back. What the model cannot express is escaped: written beside, and missing to the model.
import type { ByteReader, ByteWriter } from "../bytes.ts";

/** Numbers as they are written: `mantissas[i] / 10^decimals[i]`, whole and within ±(2^53 - 1). */
export interface NumberCells {
  type: "number";
  /** NaN where the cell is no such number. */
  mantissas: Float64Array;
  decimals: Uint8Array;
}

export type Cells =
  | NumberCells
  /** null where a cell is missing, or is no text. */
  | { type: "text"; texts: (string | null)[] }
  /** Row-major; channels last. */
  | { type: "image"; pixels: Uint8Array }
  | { type: "vector"; numbers: Float32Array };

/** What is known of cells before any is decoded: which are there, and their decimals. */
export type Known =
  | { type: "number"; present: Uint8Array; decimals: Uint8Array }
  | { type: "text"; present: Uint8Array }
  | { type: "image" }
  | { type: "vector" };

/** Of one field: as many values as it has in each row, row-major. */
export interface FieldSymbols {
  codes: Float64Array;
  /** Null: all are there. */
  present: Uint8Array | null;
  lows: Float64Array | null;
  powers: Float64Array | null;
  counts: Float64Array | null;
}

/** How the cells of one field become symbols and back. */
export interface FieldCells {
  /** Symbols of cells, and what decoding needs to know beside, written to `side`. */
  encode(cells: Cells, rows: number, side: ByteWriter): FieldSymbols;
  /** What can be said of the symbols before they are decoded, and the way back from them. */
  prepare(
    known: Known,
    rows: number,
    side: ByteReader,
  ): { symbols: FieldSymbols; restore(codes: Float64Array): Cells };
}

/** Powers of ten that float64 holds exactly. */
export const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
] as const;

/** Rows whose cells are escaped, ascending: how many, then the distance of each from the one before. */
export function writePlaces(side: ByteWriter, places: readonly number[]): void {
  side.count(places.length);
  places.forEach((place, i) => {
    side.count(place - (places[i - 1] ?? -1) - 1);
  });
}

export function readPlaces(side: ByteReader, rows: number): number[] {
  const places: number[] = [];
  for (let left = side.count(rows), last = -1; left > 0; left--) {
    last += 1 + side.count(rows);
    places.push(last);
  }
  return places;
}
