// Copies a delimited file byte by byte, but for some cells that are given new texts, and columns that
// are added behind. What is not changed stays as it stands: quotes, spaces, line ends, blank lines.
import { concatenated } from "../bytes.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { decode, readWord, trimEnd, trimStart } from "./cell-text.ts";
import { cellFinder, tableStart } from "./cells/finder.ts";
import type { CsvHead } from "./csv-head.ts";
import { changedError } from "./faults.ts";

/** What changes in a row: texts as they are to stand in the file, quoted where that is needed. */
export interface RowChange {
  /** By the place of their cells. */
  cells: ReadonlyMap<number, string>;
  /** Cells behind the last one. */
  added: readonly string[];
}

const encoder = new TextEncoder();
const quote = 0x22;

/** Some rows of the file, as they are found. */
interface Found {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  rows: number;
  consumed: number;
}

/** Walks over the rows; what lies before and after them is given with no rows. */
async function* found(file: UnpackedFile, head: CsvHead): AsyncGenerator<Found> {
  const finder = cellFinder(head.delimiter.charCodeAt(0), head.columns.length);
  const { places } = finder;
  let bytes: Uint8Array = new Uint8Array(0);
  let started = false;
  const plain = (consumed: number): Found => ({ bytes, ...places, rows: 0, consumed });
  function* rows(last: boolean): Generator<Found> {
    for (;;) {
      if (finder.find(bytes, 0, last) !== undefined) throw changedError(file.source);
      const { rows, consumed, starts, ends } = places;
      if (consumed > 0) yield { bytes, starts, ends, rows, consumed };
      bytes = bytes.subarray(consumed);
      if (rows === 0) return;
    }
  }
  for await (const block of file.blocks()) {
    bytes = concatenated([bytes, block]);
    if (!started) {
      const skipped = tableStart(bytes);
      if (bytes.length - skipped < 3) continue;
      yield plain(skipped);
      bytes = bytes.subarray(skipped);
      started = true;
    }
    yield* rows(false);
  }
  if (!started) {
    const skipped = tableStart(bytes);
    yield plain(skipped);
    bytes = bytes.subarray(skipped);
  }
  yield* rows(true);
  yield plain(bytes.length);
}

/** Where a cell begins and ends as it stands in the file, its quotes with it. */
function bounds(bytes: Uint8Array, start: number, end: number): [number, number] {
  const quoted = start > 0 && bytes[start - 1] === quote && bytes[end] === quote;
  return quoted ? [start - 1, end + 1] : [start, end];
}

const unchanged: ReadonlyMap<number, string> = new Map();

/** The rows with their changes: one change a row, null where nothing does. */
function changed(
  { bytes, starts, ends, consumed }: Found,
  changes: readonly (RowChange | null)[],
  { delimiter, columns: { length: width } }: CsvHead,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let from = 0;
  const put = (to: number, text: string, next: number) => {
    pieces.push(bytes.subarray(from, to), encoder.encode(text));
    from = next;
  };
  for (const [i, change] of changes.entries()) {
    if (change === null) continue;
    for (const [cell, text] of [...change.cells].sort(([a], [b]) => a - b)) {
      put(...within(bytes, starts[i * width + cell]!, ends[i * width + cell]!, text));
    }
    if (change.added.length === 0) continue;
    const last = i * width + width - 1;
    const [, end] = bounds(bytes, starts[last]!, ends[last]!);
    put(
      Math.max(from, end),
      change.added.map((text) => delimiter + text).join(""),
      Math.max(from, end),
    );
  }
  pieces.push(bytes.subarray(from, consumed));
  return concatenated(pieces);
}

/** What a text takes the place of: the cell, but not the space around a word that means "missing". */
function within(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: string,
): [number, string, number] {
  const [first, last] = bounds(bytes, start, end);
  const inner = trimStart(bytes, start, end);
  if (first < start || inner === end) return [first, text, last];
  return [inner, text, trimEnd(bytes, inner, end)];
}

/**
 * The file's bytes, in pieces, once for each of `tables`, with their changes made.
 * @param names of the columns that are added, as they are to stand in the file.
 * @param isMissing whether a cell of a column is missing though its text is no word for it.
 * @param changesOf the row at a place from 0, the header not counted, in each table; null where nothing
 * changes in any. It is asked for in order, each row once.
 * @throws ElboError `file-changed` where the file is another than when it was opened.
 */
export async function* copiedCsv(
  file: UnpackedFile,
  head: CsvHead,
  tables: number,
  names: readonly string[],
  changesOf: (row: number) => Promise<readonly RowChange[] | null>,
  isMissing: (column: number, text: string) => boolean = () => false,
): AsyncGenerator<Uint8Array[]> {
  const each = Array.from({ length: tables }, (_, t) => t);
  let row = head.hasHeader ? -1 : 0;
  for await (const piece of found(file, head)) {
    const changes: (readonly RowChange[] | null)[] = [];
    for (let i = 0; i < piece.rows; i++, row++) {
      const heading = row < 0 ? each.map(() => ({ cells: unchanged, added: names })) : null;
      const own = heading ?? (await changesOf(row));
      if (row >= 0 && own?.some(({ cells }) => !areGaps(piece, i, cells.keys(), head, isMissing))) {
        throw changedError(file.source, row + (head.hasHeader ? 2 : 1));
      }
      changes.push(own);
    }
    yield each.map((t) =>
      changed(
        piece,
        changes.map((own) => own?.[t] ?? null),
        head,
      ),
    );
  }
}

/** Whether cells of a row are missing in the file, as they were when it was read. */
function areGaps(
  { bytes, starts, ends }: Found,
  row: number,
  cells: Iterable<number>,
  head: CsvHead,
  isMissing: (column: number, text: string) => boolean,
) {
  for (const cell of cells) {
    const at = row * head.columns.length + cell;
    const start = trimStart(bytes, starts[at]!, ends[at]!);
    const end = trimEnd(bytes, start, ends[at]!);
    if (readWord(bytes, start, end) === "missing") continue;
    if (!isMissing(cell, decode(bytes, start, end, false))) return false;
  }
  return true;
}
