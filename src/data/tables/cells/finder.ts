// Finds the cells of delimited text (RFC 4180) in its bytes. What the cells hold is not its job.
// WebAssembly does it: its code is quick from the first byte on, where JavaScript's warms up.
import { growTo } from "../../../base/wasm.ts";
import { type CellsExports, instantiateCells } from "./module.ts";

/** The cells of some whole rows, row after row, as places in a block of bytes. */
export interface CellPlaces {
  rows: number;
  starts: Int32Array;
  ends: Int32Array;
  /** 1 where the cell is quoted and holds doubled quotes, which stand for one. */
  doubled: Uint8Array;
  /** Bytes that the rows take, from where the search began; the next search begins after them. */
  consumed: number;
  /** Some byte is no ASCII: the bytes may not be UTF-8. */
  beyondAscii: boolean;
}

export interface CellFault {
  kind: "nul" | "ragged" | "quote-open" | "quote-inside" | "row-long";
  /** Rows of this search before it. */
  rows: number;
  /** Cells of a ragged row. */
  received?: number;
}

const newline = 0x0a;
const carriage = 0x0d;

/** No row is longer; what is, is no table or a quote that was never closed. */
export const rowLimit = 1 << 24;

/** Bytes at the start of a file before its first row: the mark of UTF-8, and blank lines. */
export function tableStart(bytes: Uint8Array): number {
  let i = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[i] === newline || bytes[i] === carriage) i++;
  return i;
}

/** How many cells are placed at a time: a few thousand rows, fewer where rows are wide. */
const placedCells = 1 << 17;
const placedRows = 4096;

export interface CellFinder {
  places: CellPlaces;
  /**
   * Finds whole rows in `bytes` from `from` on, as many as there is room for. A row cut off by
   * the end is left for a later search, unless these bytes are the `last`.
   */
  find(bytes: Uint8Array, from: number, last: boolean): CellFault | undefined;
}

/** Bytes that are looked through at a time; twice as many where they are no whole row. */
const windowBytes = 1 << 19;
/** Bytes of 0 that stand behind them. */
const padding = 16;

/** What the module's faults are, from 1 on. */
const faults = ["nul", "ragged", "quote-open", "quote-inside", "row-long"] as const;

/** One module and its memory for all: a search leaves nothing there. */
const memory = new WebAssembly.Memory({ initial: 1 });
let instance: CellsExports | undefined;

/**
 * @param delimiter one byte of ASCII.
 * @param width cells of every row. Blank lines are no rows, unless rows have one cell.
 * @param trimmed whether places are without the space around what a cell says. Default: with it.
 */
export function cellFinder(delimiter: number, width: number, trimmed = false): CellFinder {
  instance ??= instantiateCells(memory);
  const module = instance;
  const maxRows = Math.max(1, Math.min(placedRows, Math.floor(placedCells / width)));
  const cells = maxRows * width;
  const places: CellPlaces = {
    rows: 0,
    starts: new Int32Array(cells),
    ends: new Int32Array(cells),
    doubled: new Uint8Array(cells),
    consumed: 0,
    beyondAscii: false,
  };
  const starts = module.heapBase();
  const ends = starts + 4 * cells;
  const doubled = ends + 4 * cells;
  const input = doubled + cells;
  /** The line feed of a CRLF may come with the next search. */
  let afterReturn = false;

  /** Looks through the bytes from `from` up to `to`; returns the number of the fault. */
  function look(bytes: Uint8Array, from: number, to: number, isLast: boolean): number {
    const length = to - from;
    growTo(memory, input + length + padding);
    const target = new Uint8Array(memory.buffer, input, length + padding);
    target.set(bytes.subarray(from, to));
    target.fill(0, length);
    const most = maxRows - places.rows;
    const fault = module.find(
      input,
      0,
      length,
      isLast,
      afterReturn,
      delimiter,
      width,
      most,
      rowLimit,
      trimmed,
      from,
      starts,
      ends,
      doubled,
    );
    const found = module.rowsFound() * width;
    const at = places.rows * width;
    places.starts.set(new Int32Array(memory.buffer, starts, found), at);
    places.ends.set(new Int32Array(memory.buffer, ends, found), at);
    places.doubled.set(new Uint8Array(memory.buffer, doubled, found), at);
    places.rows += module.rowsFound();
    places.beyondAscii ||= module.isBeyondAscii() !== 0;
    afterReturn = module.isAfterReturn() !== 0;
    return fault;
  }

  function find(bytes: Uint8Array, from: number, last: boolean): CellFault | undefined {
    places.rows = 0;
    places.beyondAscii = false;
    let fault = 0;
    let at = from;
    for (let size = windowBytes; fault === 0 && places.rows < maxRows && at < bytes.length; ) {
      const to = Math.min(bytes.length, at + size);
      fault = look(bytes, at, to, last && to === bytes.length);
      const taken = module.nextStart();
      at += taken;
      if (to === bytes.length) break;
      if (taken === 0) size *= 2;
    }
    places.consumed = at - from;
    if (fault === 0) return undefined;
    const kind = faults[fault - 1]!;
    const { rows } = places;
    return kind === "ragged" ? { kind, rows, received: module.cellsReceived() } : { kind, rows };
  }

  return { places, find };
}
