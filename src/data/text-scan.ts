// Walks over a delimited text file byte by byte, a block at a time, to find the first thing that
// is wrong with it. Reading values is DuckDB's job; this says where and why it could not.
import { isUtf8 } from "node:buffer";

export type TextFault =
  | { kind: "nul"; row: number }
  | { kind: "encoding"; row: number }
  | { kind: "ragged"; row: number; expected: number; received: number }
  | { kind: "quote-open"; row: number }
  | { kind: "quote-inside"; row: number };

const quote = 0x22;
const newline = 0x0a;
const carriage = 0x0d;

/**
 * The first fault of `blocks`, a file's bytes in order; rows count from 1, the first line
 * included, blank lines not. `expected` is the number of cells of every row.
 */
export async function scanText(
  blocks: AsyncIterable<Uint8Array>,
  delimiter: number,
  expected: number,
): Promise<TextFault | undefined> {
  let row = 1;
  let cells = 1;
  let rowBytes = 0;
  let place: "start" | "plain" | "quoted" | "closed" = "start";
  let quoteRow = 1;
  let returned = false;
  // Bytes of a character that a block's end cut in two.
  let pending: Uint8Array = new Uint8Array(0);

  const endRow = (): TextFault | undefined => {
    const received = cells;
    const blank = rowBytes === 0;
    const at = row;
    if (!blank) row++;
    cells = 1;
    rowBytes = 0;
    place = "start";
    if (blank || received === expected) return undefined;
    return { kind: "ragged", row: at, expected, received };
  };

  for await (const block of blocks) {
    const first = row;
    for (const byte of block) {
      if (byte === 0) return { kind: "nul", row };
      if (place === "quoted") {
        rowBytes++;
        if (byte === quote) place = "closed";
        continue;
      }
      const afterReturn = returned;
      returned = byte === carriage;
      if (byte === newline || byte === carriage) {
        if (byte === newline && afterReturn) continue;
        const fault = endRow();
        if (fault !== undefined) return fault;
        continue;
      }
      rowBytes++;
      if (byte === delimiter) {
        cells++;
        place = "start";
      } else if (byte === quote && place !== "plain") {
        if (place === "start") quoteRow = row;
        place = "quoted";
      } else if (place === "closed") return { kind: "quote-inside", row };
      else place = "plain";
    }
    const joined = pending.length === 0 ? block : Buffer.concat([pending, block]);
    const whole = completeLength(joined);
    if (!isUtf8(joined.subarray(0, whole))) {
      return { kind: "encoding", row: first + invalidLine(joined.subarray(0, whole)) };
    }
    pending = joined.slice(whole);
  }
  if (place === "quoted") return { kind: "quote-open", row: quoteRow };
  if (pending.length > 0) return { kind: "encoding", row };
  return rowBytes > 0 ? endRow() : undefined;
}

/** The length of `bytes` without a character at its end that has only begun. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** How many line breaks stand before the first byte that is no UTF-8. */
function invalidLine(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, completeLength(part)))) low = middle;
    else high = middle - 1;
  }
  let lines = 0;
  for (const byte of bytes.subarray(0, low)) if (byte === newline) lines++;
  return lines;
}
