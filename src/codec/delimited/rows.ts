// The rows of a delimited file in memory, by the scanner that reads tables. Lines that are no rows,
// with other numbers of cells or broken quotes, are stepped over.
import { type CellPlaces, cellFinder, tableStart } from "../../data/tables/cells/finder.ts";

const newline = 0x0a;
const carriage = 0x0d;

/** Where the line that a byte belongs to ends, its line end with it. */
function afterLine(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && bytes[i] !== newline && bytes[i] !== carriage) i++;
  return bytes[i] === carriage && bytes[i + 1] === newline ? i + 2 : i + 1;
}

/** How a file begins: with names, with rows, or it is `continued` from another block of rows. */
export type TableBeginning = "header" | "rows" | "continued";

/**
 * The places of rows, many at a time; they are used again for the next ones.
 * @param width cells of a row. Blank lines are rows where it is 1, but not at the start of a file.
 */
export function* placedRows(
  bytes: Uint8Array,
  delimiter: string,
  width: number,
  beginning: TableBeginning,
): Generator<CellPlaces> {
  const { places, find } = cellFinder(delimiter.charCodeAt(0), width);
  let from = beginning === "continued" ? 0 : tableStart(bytes);
  while (from < bytes.length) {
    const fault = find(bytes, from, true);
    if (places.rows > 0) yield places;
    from += places.consumed;
    if (fault !== undefined) from = afterLine(bytes, from);
    else if (places.consumed === 0) return;
  }
}

/**
 * A file cut into blocks of whole rows, none within quotes: one behind the other they are the file.
 * The first begins as the file does, the others are `continued`. Names do not count as a row.
 */
export function* cutAtRows(
  bytes: Uint8Array,
  delimiter: string,
  width: number,
  rowsPerBlock: number,
  beginning: TableBeginning = "header",
): Generator<Uint8Array> {
  let start = 0;
  let rows = beginning === "header" ? -1 : 0;
  for (const places of placedRows(bytes, delimiter, width, beginning)) {
    for (let row = 0; row < places.rows; row++, rows++) {
      if (rows < rowsPerBlock) continue;
      const first = places.starts[row * width]!;
      const cut = first > start && bytes[first - 1] === 0x22 ? first - 1 : first;
      yield bytes.subarray(start, cut);
      start = cut;
      rows = 0;
    }
  }
  if (start < bytes.length) yield bytes.subarray(start);
}
