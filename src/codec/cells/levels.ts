// Columns of levels: texts or numbers that the schema knows, and truth values.
import type { CategoricalField, OrdinalField } from "../../fields/field.ts";
import { damaged } from "../ans/coder.ts";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import {
  type Cells,
  type FieldCells,
  type Known,
  POWERS,
  readPlaces,
  writePlaces,
} from "./cells.ts";

const presence = (known: Known) => {
  if (known.type !== "number" && known.type !== "text") throw damaged();
  return known.present;
};

/** Texts and numbers of a column that has levels. */
interface Spelling {
  /** The level of a cell's text, or of a number; -1: none. */
  code(text: string): number;
  /** The text of a level, where it has one. */
  text(code: number): string | undefined;
}

function writeCell(side: ByteWriter, cells: Cells, i: number): void {
  if (cells.type === "number") side.whole(cells.mantissas[i]!);
  else if (cells.type === "text") side.text(cells.texts[i]!);
}

/** The number that a cell is, as the levels of columns of numbers are written. */
const spelled = (mantissa: number, decimals: number) =>
  decimals < POWERS.length ? String(mantissa / POWERS[decimals]!) : "";

function leveled({ code, text }: Spelling): FieldCells {
  const codesOf = (cells: Cells, rows: number, put: (i: number, code: number) => void) => {
    for (let i = 0; i < rows; i++) {
      if (cells.type === "text") {
        const value = cells.texts[i]!;
        if (value !== null) put(i, code(value));
      } else if (cells.type === "number") {
        const m = cells.mantissas[i]!;
        if (Number.isNaN(m)) continue;
        const found = code(spelled(m, cells.decimals[i]!));
        const back = Number(text(found)) * (POWERS[cells.decimals[i]!] ?? Number.NaN);
        put(i, Object.is(back, m) ? found : -1);
      }
    }
  };
  return {
    encode(cells, rows, side) {
      const codes = new Float64Array(rows);
      const present = new Uint8Array(rows);
      const places: number[] = [];
      codesOf(cells, rows, (i, found) => {
        if (found < 0) places.push(i);
        else {
          codes[i] = found;
          present[i] = 1;
        }
      });
      writePlaces(side, places);
      for (const place of places) writeCell(side, cells, place);
      return { codes, present, lows: null, powers: null, counts: null };
    },
    prepare(known, rows, side) {
      const there = presence(known);
      const isText = known.type === "text";
      const places = readPlaces(side, rows);
      const escapes = new Map(
        places.map((place): [number, string | number] => [
          place,
          isText ? side.text() : side.whole(),
        ]),
      );
      const present = there.map((one, i) => (one && !escapes.has(i) ? 1 : 0));
      return {
        symbols: { codes: new Float64Array(rows), present, lows: null, powers: null, counts: null },
        restore(codes): Cells {
          if (known.type === "text") {
            const texts = Array.from(codes, (found, i) =>
              present[i] ? (text(found) ?? null) : ((escapes.get(i) as string | undefined) ?? null),
            );
            return { type: "text", texts };
          }
          const { decimals } = known as Extract<Known, { type: "number" }>;
          const mantissas = codes.map((found, i) =>
            present[i]
              ? Number(text(found)) * POWERS[decimals[i]!]!
              : ((escapes.get(i) as number | undefined) ?? Number.NaN),
          );
          return { type: "number", mantissas, decimals };
        },
      };
    },
  };
}

export function leveledCells({ levels }: CategoricalField | OrdinalField): FieldCells {
  const places = new Map(levels.map((level, i) => [level, i]));
  return leveled({ code: (value) => places.get(value) ?? -1, text: (found) => levels[found] });
}

const meaning = (text: string) => ["false", "true"].indexOf(text.trim().toLowerCase());

const spellings = (words: readonly string[]) =>
  leveled({ code: (value) => words.indexOf(value), text: (found) => words[found] });

/** Truth values as texts: each block names how false and true are written in it. */
export const truthCells: FieldCells = {
  encode(cells, rows, side) {
    const words = ["false", "true"];
    if (cells.type === "text") {
      for (const text of [...cells.texts].reverse()) {
        const found = text === null ? -1 : meaning(text);
        if (found >= 0) words[found] = text!;
      }
    }
    for (const word of words) side.text(word);
    return spellings(words).encode(cells, rows, side);
  },
  prepare: (known, rows, side: ByteReader) =>
    spellings([side.text(), side.text()]).prepare(known, rows, side),
};
