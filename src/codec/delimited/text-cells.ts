// Cells of texts as strings and the ways in which they are written.

import { isUtf8 } from "../../data/bytes.ts";
import type { ByteWriter } from "../bytes.ts";
import { ascii, type Cell, FormTable, isFarOut } from "./form-table.ts";
import type { DelimitedColumn, TextForm } from "./parts.ts";
import { type TextReader, textReader } from "./text-reader.ts";

/** Reads the cells of a column of texts. */
export class TextCells {
  readonly #table = new FormTable();
  readonly #texts: (string | null)[] = [];
  readonly #read: TextReader = textReader();
  readonly #delimiter: number;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  add(cell: Cell): void {
    const { bytes, start, end } = cell;
    const isText = !this.#table.missing(cell) && this.#noted(cell);
    this.#texts.push(isText ? this.#read(bytes, start, end, cell.doubled) : null);
  }

  /** Whether the cell has a form; it is an exception where it has none. */
  #noted(cell: Cell): boolean {
    const { bytes, start, end, innerStart, innerEnd, quoted } = cell;
    const asks = this.#asks(bytes, start, end);
    const quotes = quoted === (asks === "quotes") ? "needed" : quoted ? "always" : "never";
    const bare = innerStart === start && innerEnd === end;
    const form = (): TextForm => {
      const before = ascii(bytes, innerStart, start);
      return { kind: "text", before, after: ascii(bytes, end, innerEnd), quotes };
    };
    const key = bare ? quotes : JSON.stringify(form());
    const foreign = asks === "foreign" || isFarOut(cell);
    if (!foreign && this.#table.note(key, form)) return true;
    this.#table.exception(cell);
    return false;
  }

  /** What the bytes of a text ask for: quotes, nothing, or to be kept since they are not UTF-8. */
  #asks(bytes: Uint8Array, start: number, end: number): "quotes" | "nothing" | "foreign" {
    let quotes = false;
    let seen = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      seen |= byte;
      if (byte === 0x22 || byte === 0x0a || byte === 0x0d || byte === this.#delimiter)
        quotes = true;
    }
    if (seen > 0x7f && !isUtf8(bytes.subarray(start, end))) return "foreign";
    return quotes ? "quotes" : "nothing";
  }

  finish(name: string): DelimitedColumn {
    const { forms: formTable, codes, exceptions } = this.#table;
    const forms = Uint8Array.from(codes);
    return { name, forms, formTable, mantissas: null, texts: this.#texts, exceptions };
  }
}

/** Writes texts as their forms say. */
export function textWriter(delimiter: string) {
  const asking = ['"', "\n", "\r", delimiter];
  return (row: ByteWriter, { before, after, quotes }: TextForm, text: string): void => {
    const asks = asking.some((character) => text.includes(character));
    const inside = asks && quotes !== "never" ? text.replaceAll('"', '""') : text;
    const mark = quotes === "always" || (asks && quotes === "needed") ? '"' : "";
    row.plain(mark + before + inside + after + mark);
  };
}
