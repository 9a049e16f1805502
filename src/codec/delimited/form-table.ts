// The forms of a column's cells, numbered by their first appearance, and the cells that have none.
import { readWord, trimEnd, trimStart } from "../../data/tables/cell-text.ts";
import { type Form, mostForms } from "./parts.ts";

/** What stands around a value is part of a form up to so many bytes. */
export const longestAround = 64;

/** A cell in the bytes of a file: as it stands, and without quotes and space. */
export interface Cell {
  bytes: Uint8Array;
  outerStart: number;
  outerEnd: number;
  innerStart: number;
  innerEnd: number;
  start: number;
  end: number;
  quoted: boolean;
  /** Doubled quotes stand for one. */
  doubled: boolean;
}

const quote = 0x22;

/** Makes `cell` the one whose text is placed from `start` to `end`. */
export function moveTo(cell: Cell, start: number, end: number, doubled: boolean): void {
  const { bytes } = cell;
  const quoted = start > 0 && bytes[start - 1] === quote && bytes[end] === quote;
  cell.quoted = quoted;
  cell.doubled = doubled;
  cell.innerStart = start;
  cell.innerEnd = end;
  cell.outerStart = quoted ? start - 1 : start;
  cell.outerEnd = quoted ? end + 1 : end;
  cell.start = trimStart(bytes, start, end);
  cell.end = trimEnd(bytes, cell.start, end);
}

export function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Whether what surrounds a cell's value is too long for a form. */
export const isFarOut = (cell: Cell) =>
  cell.start - cell.innerStart > longestAround || cell.innerEnd - cell.end > longestAround;

export class FormTable {
  readonly forms: Form[] = [];
  readonly codes: number[] = [];
  readonly exceptions: Uint8Array[] = [];
  readonly #known = new Map<string | number, number>();

  /** Notes that a row has the form of `key`, or that there are too many forms: then it is false. */
  note(key: string | number, make: () => Form): boolean {
    let code = this.#known.get(key);
    if (code === undefined) {
      if (this.forms.length >= mostForms && key !== "exception") return false;
      code = this.forms.push(make()) - 1;
      this.#known.set(key, code);
    }
    this.codes.push(code);
    return true;
  }

  exception({ bytes, outerStart, outerEnd }: Cell): void {
    this.note("exception", () => ({ kind: "exception" }));
    this.exceptions.push(bytes.slice(outerStart, outerEnd));
  }

  /** Whether the cell means "missing". Then it is noted, as an exception where it has no form. */
  missing(cell: Cell): boolean {
    const { bytes, start, end, outerStart, outerEnd } = cell;
    if (readWord(bytes, start, end) !== "missing") return false;
    const text = isFarOut(cell) ? undefined : ascii(bytes, outerStart, outerEnd);
    const make = (): Form => ({ kind: "missing", text: text! });
    if (text === undefined || !this.note(`missing ${text}`, make)) this.exception(cell);
    return true;
  }
}
