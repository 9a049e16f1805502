// Text cells as codes of symbols, the end and padding behind them.
import { counted } from "../../base/words.ts";
import type { ColumnValues } from "../columns.ts";
import type { TextField } from "../field.ts";
import { MISSING } from "../layout.ts";
import { END, Tokenizer } from "../tokens.ts";
import { columnNamed } from "../words.ts";
import { cellMismatch, type Place } from "./faults.ts";
import type { Cells, PackingNote } from "./packed.ts";

export class TextPacker {
  readonly #field: TextField;
  readonly #place: Place;
  readonly #tokenizer: Tokenizer;
  #cut = 0;

  constructor(field: TextField, place: Place) {
    this.#field = field;
    this.#place = place;
    this.#tokenizer = new Tokenizer(field);
  }

  write(column: ColumnValues, firstRow: number, { block, at, stride }: Cells<Int32Array>): void {
    if (column.type !== "text") {
      throw cellMismatch(this.#place, firstRow, "the column holds texts", `a ${column.type}`);
    }
    const { length } = this.#field;
    for (const [row, text] of column.values.entries()) {
      const from = row * stride + at;
      if (text === null) {
        block.fill(MISSING, from, from + length);
        continue;
      }
      const codes = this.#tokenizer.codes(text);
      // A text that fills all places has no end to be seen.
      if (codes.length > length) this.#cut++;
      block.fill(END, from, from + length);
      block.set(codes.slice(0, length), from);
    }
  }

  notes(): PackingNote[] {
    const { name, length } = this.#field;
    const notes: PackingNote[] = [];
    if (this.#cut > 0) {
      notes.push({
        code: "text-cut",
        message: `${columnNamed(name)}: ${counted(this.#cut, "text")} longer than ${length} symbols cut there`,
      });
    }
    if (this.#tokenizer.unknown > 0) {
      notes.push({
        code: "symbol-unseen",
        message: `${columnNamed(name)}: ${counted(this.#tokenizer.unknown, "symbol")} that training has not seen`,
      });
    }
    return notes;
  }
}
