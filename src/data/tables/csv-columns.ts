// The cells of a delimited file's columns, and their values once it is known what the columns hold.
import { type ColumnType, type ColumnValues, codedColumn } from "../../fields/columns.ts";
import { readTime } from "../../fields/times/iso-time.ts";
import { decode, readWord } from "./cell-text.ts";
import type { CellPlaces } from "./cells/finder.ts";
import type { CellTables } from "./cells/tables.ts";
import { readNumber } from "./numerals.ts";

/** The cells of a column in the data rows of a scan, by their column's table. */
export interface CodedCells {
  /** Of each row the cell's code, −1 where it has none. */
  codes: Int16Array;
  /** How many have none. */
  without: number;
  /** How many codes the table has with these. */
  size: number;
  /** Of each row the number that its cell spells, NaN where that is for JavaScript to say; null where all have come before. */
  numbers: Float64Array | null;
}

/** The rows that a scan stands at: those from `first` on are data. Cells are without the space around them. */
export interface ScannedRows {
  bytes: Uint8Array;
  places: CellPlaces;
  /** By the file's columns, of those that were coded. */
  cells: (CodedCells | undefined)[];
  first: number;
  /** The file's place among those read, and its rows before these. */
  part: number;
  before: number;
}

/** A cell that is not what the survey found all cells of its column to be. */
export interface ChangedCell {
  changedRow: number;
}

/** Gives the values of a column in the rows that a scan stands at. */
export type ColumnReader = (rows: ScannedRows) => ColumnValues | ChangedCell;

/** Where the cells of a column are, and those that have a code. */
export interface CellsOfColumn {
  tables: CellTables;
  /** The column's table among them. */
  table: number;
  /** Its place in the file's rows, of `width` cells. */
  column: number;
  width: number;
}

/** A reader of a column whose cells have their codes. */
export function columnReader(type: ColumnType, cells: CellsOfColumn): ColumnReader {
  if (type.type === "text") return readTexts(cells);
  const read =
    type.type === "time"
      ? readTime
      : type.type === "number" && type.boolean
        ? readBoolean
        : readNumber;
  return readNumbers(type.type === "time" ? "time" : "number", read, cells);
}

type ReadNumber = (bytes: Uint8Array, start: number, end: number) => number;

function readBoolean(bytes: Uint8Array, start: number, end: number): number {
  const word = readWord(bytes, start, end);
  return word === "true" ? 1 : word === "false" ? 0 : Number.NaN;
}

function readNumbers(
  type: "number" | "time",
  read: ReadNumber,
  { tables, table, column, width }: CellsOfColumn,
): ColumnReader {
  /** NaN where it is missing, infinite where it is anything else that has no place here. */
  const numberIn: ReadNumber = (bytes, start, end) => {
    const value = read(bytes, start, end);
    if (Number.isFinite(value)) return value;
    const missing = Number.isNaN(value) && readWord(bytes, start, end) === "missing";
    return missing ? Number.NaN : Number.POSITIVE_INFINITY;
  };
  const isPlain = read === readNumber;
  /** The values of codes, of which so many have been looked at. */
  let known = new Float64Array(0);
  let looked = 0;
  /** Whether each of them is a finite number. */
  let finite = true;
  function look(): void {
    const size = tables.size(table);
    if (known.length < size) {
      const more = new Float64Array(size).fill(Number.NaN);
      more.set(known);
      if (isPlain) more.set(tables.numbers(table, known.length), known.length);
      known = more;
    }
    for (; looked < size; looked++) {
      if (!Number.isNaN(known[looked]!)) continue;
      const cell = tables.bytes(table, looked);
      known[looked] = numberIn(cell, 0, cell.length);
      finite &&= Number.isFinite(known[looked]);
    }
  }
  return ({ bytes, places, cells, first, before }) => {
    look();
    const { starts, ends, rows } = places;
    const { codes, without, numbers } = cells[column] ?? {};
    const plain = isPlain && without !== 0 ? numbers : undefined;
    const values = plain ? plain.slice() : new Float64Array(rows - first).fill(Number.NaN);
    if (!plain && codes) {
      for (let i = 0; i < values.length; i++) if (codes[i]! >= 0) values[i] = known[codes[i]!]!;
    }
    if (without === 0 && finite) return { type, values };
    for (let i = 0; i < values.length; i++) {
      // A finite number is what stands there.
      if (values[i]! - values[i]! === 0) continue;
      const code = codes ? codes[i]! : -1;
      const cell = (first + i) * width + column;
      const value = code >= 0 ? known[code]! : numberIn(bytes, starts[cell]!, ends[cell]!);
      if (value === Number.POSITIVE_INFINITY) return { changedRow: before + first + i + 1 };
      values[i] = value;
    }
    return { type, values };
  };
}

function readTexts({ tables, table, column, width }: CellsOfColumn): ColumnReader {
  const textIn = (bytes: Uint8Array, start: number, end: number, doubled: boolean) =>
    readWord(bytes, start, end) === "missing" ? null : decode(bytes, start, end, doubled);
  const known: (string | null)[] = [];
  return ({ bytes, places, cells, first }) => {
    for (const size = tables.size(table); known.length < size; ) {
      const cell = tables.bytes(table, known.length);
      known.push(textIn(cell, 0, cell.length, false));
    }
    const { starts, ends, doubled, rows } = places;
    const { codes, without } = cells[column] ?? {};
    if (codes !== undefined && without === 0) return codedColumn({ codes, texts: known });
    const values = new Array<string | null>(rows - first);
    for (let i = 0, cell = first * width + column; i < values.length; i++, cell += width) {
      const code = codes === undefined ? -1 : codes[i]!;
      values[i] =
        code < 0 ? textIn(bytes, starts[cell]!, ends[cell]!, doubled[cell] === 1) : known[code]!;
    }
    return { type: "text", values };
  };
}
