// Walks over a delimited text file byte by byte, a block at a time, to find the first thing that
// is wrong with it. Reading values is DuckDB's job; this says where and why it could not.

export interface TextFault {
  kind: "nul" | "encoding" | "ragged" | "quote-open" | "quote-inside";
  /** From 1, the first line included, blank lines not. */
  row: number;
  /** Cells of a ragged row. */
  received?: number;
}

const quote = 0x22;
const newline = 0x0a;
const carriage = 0x0d;

/** What must follow a first byte of UTF-8: how many bytes, and the bounds of the next (RFC 3629). */
function continuation(byte: number): [count: number, low: number, high: number] | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return [1, 0x80, 0xbf];
  if (byte >= 0xe0 && byte <= 0xef) {
    return [2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    return [3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
  }
  return undefined;
}

/**
 * The first fault of `blocks`, a file's bytes in order. `expected` is the number of cells of every
 * row; blank lines are no rows, unless rows have one cell.
 */
export async function scanText(
  blocks: AsyncIterable<Uint8Array>,
  delimiter: number,
  expected: number,
): Promise<TextFault | undefined> {
  let row = 1;
  let quoteRow = 1;
  let cells = 1;
  let rowBytes = 0;
  let place: "start" | "plain" | "quoted" | "closed" = "start";
  let afterReturn = false;
  let [follow, low, high] = [0, 0x80, 0xbf];

  const endRow = (): TextFault | undefined => {
    const received = cells;
    const blank = rowBytes === 0 && expected > 1;
    cells = 1;
    rowBytes = 0;
    place = "start";
    if (blank) return undefined;
    row++;
    return received === expected ? undefined : { kind: "ragged", row: row - 1, received };
  };

  for await (const block of blocks) {
    for (const byte of block) {
      if (byte === 0) return { kind: "nul", row };
      if (follow > 0) {
        if (byte < low || byte > high) return { kind: "encoding", row };
        follow--;
        [low, high] = [0x80, 0xbf];
      } else if (byte >= 0x80) {
        const next = continuation(byte);
        if (next === undefined) return { kind: "encoding", row };
        [follow, low, high] = next;
      }
      if (place === "quoted") {
        if (byte === quote) place = "closed";
        continue;
      }
      if (byte === newline || byte === carriage) {
        const second = byte === newline && afterReturn;
        afterReturn = byte === carriage;
        const fault = second ? undefined : endRow();
        if (fault !== undefined) return fault;
        continue;
      }
      afterReturn = false;
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
  }
  if (place === "quoted") return { kind: "quote-open", row: quoteRow };
  if (follow > 0) return { kind: "encoding", row };
  return rowBytes > 0 ? endRow() : undefined;
}
