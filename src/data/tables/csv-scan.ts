// Walks through a delimited text file's rows, a block of bytes at a time.
import { concatenated, evenBlocks, isUtf8 } from "../bytes.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { type CellPlaces, cellFinder, tableStart } from "./cells/finder.ts";
import type { ScannedRows } from "./csv-columns.ts";
import { type CsvHead, encodingError } from "./csv-head.ts";
import { cellError } from "./faults.ts";

/** Of one size wherever the bytes come from, so that sums over chunks agree to the last digit. */
const blockBytes = 1 << 18;

/** The first of the rows placed whose bytes are not UTF-8, if any. */
function foreignRow(bytes: Uint8Array, from: number, places: CellPlaces, width: number) {
  if (!places.beyondAscii) return undefined;
  const to = from + places.consumed;
  if (isUtf8(bytes.subarray(from, to))) return undefined;
  let start = from;
  for (let row = 0; row < places.rows; row++) {
    const end = row + 1 < places.rows ? places.starts[(row + 1) * width]! : to;
    if (!isUtf8(bytes.subarray(start, end))) return row;
    start = end;
  }
  return places.rows;
}

/**
 * The rows of a file in order. What is yielded is valid until the next step: arrays are used again.
 * @param part the file's place among those that are read.
 * @throws ElboError that names the row, where the text is not a table of UTF-8.
 */
export async function* scanCsv(
  file: UnpackedFile,
  head: CsvHead,
  part: number,
): AsyncGenerator<ScannedRows> {
  const { source: path } = file;
  const width = head.columns.length;
  const finder = cellFinder(head.delimiter.charCodeAt(0), width, true);
  const { places } = finder;
  let before = 0;
  let started = false;
  let bytes: Uint8Array = new Uint8Array(0);

  function* rows(last: boolean): Generator<ScannedRows> {
    for (let from = 0; ; ) {
      const fault = finder.find(bytes, from, last);
      const foreign = foreignRow(bytes, from, places, width);
      if (foreign !== undefined) {
        throw encodingError(path, before + foreign + 1, "ISO-8859-1 or Windows-1252");
      }
      if (fault !== undefined) throw cellError(path, fault, before + fault.rows + 1, width);
      const first = before === 0 && head.hasHeader ? 1 : 0;
      if (places.rows > first) yield { bytes, places, cells: [], first, part, before };
      before += places.rows;
      from += places.consumed;
      if (places.rows * width < places.starts.length) {
        bytes = bytes.subarray(from);
        return;
      }
    }
  }

  // A row longer than what is there is looked for again when there is twice as much.
  let awaited = 0;
  for await (const block of evenBlocks(file.blocks(), blockBytes)) {
    bytes = concatenated([bytes, block]);
    if (bytes.length < awaited) continue;
    if (!started) {
      if (bytes.length < 3) continue;
      bytes = bytes.subarray(tableStart(bytes));
      if (bytes.length === 0) continue;
      started = true;
    }
    const length = bytes.length;
    yield* rows(false);
    awaited = bytes.length === length ? 2 * length : 0;
  }
  if (!started) bytes = bytes.subarray(tableStart(bytes));
  yield* rows(true);
}
