// Columns of texts as the codes of a vocabulary, whose end stands behind a text.
import type { TextField } from "../../fields/field.ts";
import { END, Tokenizer, textOf } from "../../fields/tokens.ts";
import { damaged } from "../ans/coder.ts";
import { type Cells, type FieldCells, readPlaces, writePlaces } from "./cells.ts";

export function textCells(field: TextField): FieldCells {
  const { length } = field;
  const blank = (rows: number) => ({
    codes: new Float64Array(rows * length).fill(END),
    lows: null,
    powers: null,
    counts: null,
  });
  return {
    encode(cells, rows, side) {
      if (cells.type !== "text") throw damaged();
      const tokenizer = new Tokenizer(field);
      const symbols = blank(rows);
      const present = new Uint8Array(rows * length);
      const places: number[] = [];
      for (const [row, text] of cells.texts.entries()) {
        if (text === null) continue;
        const codes = tokenizer.codes(text);
        // Symbols that training has not seen, and what is longer than the model's texts, do not come back.
        if (codes.length > length || textOf(codes, field) !== text) {
          places.push(row);
          continue;
        }
        symbols.codes.set(codes, row * length);
        present.fill(1, row * length, (row + 1) * length);
      }
      writePlaces(side, places);
      for (const place of places) side.text(cells.texts[place]!);
      return { ...symbols, present };
    },
    prepare(known, rows, side) {
      if (known.type !== "text") throw damaged();
      const escapes = new Map(readPlaces(side, rows).map((place) => [place, side.text()]));
      const present = new Uint8Array(rows * length);
      const there = known.present.map((one, row) => (one && !escapes.has(row) ? 1 : 0));
      for (let row = 0; row < rows; row++) {
        present.fill(there[row]!, row * length, (row + 1) * length);
      }
      return {
        symbols: { ...blank(rows), present },
        restore: (codes): Cells => ({
          type: "text",
          texts: Array.from(there, (one, row) =>
            one
              ? textOf(codes.subarray(row * length, (row + 1) * length), field)
              : (escapes.get(row) ?? null),
          ),
        }),
      };
    },
  };
}
