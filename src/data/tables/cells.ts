// Finds the cells of delimited text (RFC 4180) in its bytes. What the cells hold is not its job.

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

const quote = 0x22;
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

/**
 * @param delimiter one byte of ASCII.
 * @param width cells of every row. Blank lines are no rows, unless rows have one cell.
 */
export function cellFinder(delimiter: number, width: number): CellFinder {
  const maxRows = Math.max(1, Math.min(placedRows, Math.floor(placedCells / width)));
  const places: CellPlaces = {
    rows: 0,
    starts: new Int32Array(maxRows * width),
    ends: new Int32Array(maxRows * width),
    doubled: new Uint8Array(maxRows * width),
    consumed: 0,
    beyondAscii: false,
  };
  /** 1 where a byte ends a plain cell. */
  const stops = new Uint8Array(256);
  for (const byte of [0, newline, carriage, delimiter]) stops[byte] = 1;
  /** The line feed of a CRLF may come with the next search. */
  let afterReturn = false;

  function find(bytes: Uint8Array, from: number, last: boolean): CellFault | undefined {
    const { starts, ends, doubled } = places;
    const to = bytes.length;
    let rows = 0;
    let i = from;
    let rowStart = from;
    let seen = 0;
    const unfinished = (open: boolean): CellFault | undefined => {
      if (open && last) return { kind: "quote-open", rows };
      if (to - rowStart > rowLimit) return { kind: open ? "quote-open" : "row-long", rows };
      return undefined;
    };
    const done = (fault?: CellFault) => {
      places.rows = rows;
      places.consumed = rowStart - from;
      places.beyondAscii = seen > 0x7f;
      return fault;
    };

    for (; rows < maxRows; rowStart = i) {
      if (afterReturn && i < to) {
        if (bytes[i] === newline) i++;
        afterReturn = false;
      }
      if (width > 1) while (i < to && (bytes[i] === newline || bytes[i] === carriage)) i++;
      rowStart = i;
      if (i >= to) return done();
      const base = rows * width;
      for (let cell = 0; ; ) {
        let start = i;
        let end = i;
        let twice = 0;
        if (i < to && bytes[i] === quote) {
          start = ++i;
          for (;;) {
            while (i < to && bytes[i] !== quote && bytes[i] !== 0) seen |= bytes[i++]!;
            if (i >= to) return done(unfinished(true));
            if (bytes[i] === 0) return done({ kind: "nul", rows });
            // Whether the quote is doubled, the next byte tells.
            if (i + 1 >= to && !last) return done(unfinished(true));
            if (bytes[i + 1] !== quote) break;
            twice = 1;
            i += 2;
          }
          end = i++;
          if (i < to && stops[bytes[i]!] === 0) return done({ kind: "quote-inside", rows });
        } else {
          while (i < to && stops[bytes[i]!] === 0) seen |= bytes[i++]!;
          end = i;
        }
        if (i >= to && !last) return done(unfinished(false));
        if (cell < width) {
          starts[base + cell] = start;
          ends[base + cell] = end;
          doubled[base + cell] = twice;
        }
        cell++;
        const stop = i < to ? bytes[i]! : newline;
        if (stop === 0) return done({ kind: "nul", rows });
        i++;
        if (stop === delimiter) continue;
        if (cell !== width) return done({ kind: "ragged", rows, received: cell });
        afterReturn = stop === carriage;
        break;
      }
      rows++;
    }
    return done();
  }

  return { places, find };
}
