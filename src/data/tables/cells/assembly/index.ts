// Finds the cells of delimited text (RFC 4180), as ../finder.ts tells it. Behind the last byte of `input`
// stand sixteen of 0.

export { cellStart, codeCells, openTable, tableBytes, tableSize } from "./codes";
export { readCells, readCodes } from "./numbers";

const QUOTE: u8 = 0x22;
const NEWLINE: u8 = 0x0a;
const RETURN: u8 = 0x0d;

// What `find` returns.
const DONE: i32 = 0;
const NUL: i32 = 1;
const RAGGED: i32 = 2;
const QUOTE_OPEN: i32 = 3;
const QUOTE_INSIDE: i32 = 4;
const ROW_LONG: i32 = 5;

let input: usize = 0;
let end: u32 = 0;
let delimiter: u8 = 0;
/** The high bits of all bytes looked at. */
let high: i32 = 0;

// What the last search found; the line feed of a CRLF may come with the next one.
let rows: u32 = 0;
let rowStart: u32 = 0;
let received: u32 = 0;
let afterReturn: bool = false;

export function rowsFound(): u32 {
  return rows;
}
/** Where the next search begins. */
export function nextStart(): u32 {
  return rowStart;
}
export function cellsReceived(): u32 {
  return received;
}
export function isBeyondAscii(): bool {
  return high != 0;
}
export function isAfterReturn(): bool {
  return afterReturn;
}
/** Bytes from here on are the user's. */
export function heapBase(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function byteAt(i: u32): u8 {
  return load<u8>(input + i);
}

/** The first byte from i on that ends a plain cell, or the end. */
function stopFrom(i: u32): u32 {
  const delimiters = i8x16.splat(delimiter);
  const newlines = i8x16.splat(NEWLINE);
  const returns = i8x16.splat(RETURN);
  const none = i8x16.splat(0);
  for (; i < end; i += 16) {
    const bytes = v128.load(input + i);
    const ends = v128.or(
      v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, newlines)),
      v128.or(i8x16.eq(bytes, returns), i8x16.eq(bytes, none)),
    );
    high |= i8x16.bitmask(bytes);
    const mask = i8x16.bitmask(ends);
    if (mask != 0) return min(i + ctz(mask), end);
  }
  return end;
}

/** The first quote or byte of 0 from i on, or the end. */
function quoteFrom(i: u32): u32 {
  const quotes = i8x16.splat(QUOTE);
  const none = i8x16.splat(0);
  for (; i < end; i += 16) {
    const bytes = v128.load(input + i);
    high |= i8x16.bitmask(bytes);
    const mask = i8x16.bitmask(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, none)));
    if (mask != 0) return min(i + ctz(mask), end);
  }
  return end;
}

// @ts-ignore: decorator
@inline
function isStop(byte: u8): bool {
  return byte == delimiter || byte == NEWLINE || byte == RETURN || byte == 0;
}

/**
 * Finds up to `mostRows` whole rows of `width` cells from `from` up to `to`, and writes where cells start and
 * end, i32, from an `offset` on, and whether they hold doubled quotes, bytes; `isTrimmed` is without the space
 * around them. A row that `to` cuts off is left, unless these are the last bytes.
 */
export function find(
  address: usize,
  from: u32,
  to: u32,
  isLast: bool,
  wasReturn: bool,
  separator: u8,
  width: u32,
  mostRows: u32,
  rowLimit: u32,
  isTrimmed: bool,
  offset: u32,
  starts: usize,
  ends: usize,
  doubled: usize,
): i32 {
  input = address;
  end = to;
  delimiter = separator;
  high = 0;
  rows = 0;
  received = 0;
  afterReturn = wasReturn;
  let i = from;
  for (; rows < mostRows; rows++) {
    rowStart = i;
    if (afterReturn && i < to) {
      if (byteAt(i) == NEWLINE) i++;
      afterReturn = false;
    }
    // Blank lines are no rows, unless rows have one cell.
    if (width > 1) while (i < to && (byteAt(i) == NEWLINE || byteAt(i) == RETURN)) i++;
    rowStart = i;
    if (i >= to) return DONE;
    for (let cell: u32 = 0; ; ) {
      let start = i;
      let stop = i;
      let twice: u8 = 0;
      if (byteAt(i) == QUOTE && i < to) {
        start = ++i;
        for (;;) {
          i = quoteFrom(i);
          if (i >= to) return unfinished(true, isLast, rowLimit);
          if (byteAt(i) == 0) return NUL;
          // Whether the quote is doubled, the next byte tells.
          if (i + 1 >= to && !isLast) return unfinished(true, isLast, rowLimit);
          if (i + 1 >= to || byteAt(i + 1) != QUOTE) break;
          twice = 1;
          i += 2;
        }
        stop = i++;
        if (i < to && !isStop(byteAt(i))) return QUOTE_INSIDE;
      } else {
        i = stopFrom(i);
        stop = i;
      }
      if (i >= to && !isLast) return unfinished(false, isLast, rowLimit);
      if (cell < width) {
        if (isTrimmed) {
          while (start < stop && byteAt(start) <= 0x20) start++;
          while (stop > start && byteAt(stop - 1) <= 0x20) stop--;
        }
        const at = <usize>(rows * width + cell);
        store<u32>(starts + (at << 2), offset + start);
        store<u32>(ends + (at << 2), offset + stop);
        store<u8>(doubled + at, twice);
      }
      cell++;
      const byte = i < to ? byteAt(i) : NEWLINE;
      if (byte == 0) return NUL;
      i++;
      if (byte == delimiter) continue;
      if (cell != width) {
        received = cell;
        return RAGGED;
      }
      afterReturn = byte == RETURN;
      break;
    }
  }
  rowStart = i;
  return DONE;
}

/** What a row that the end cuts off is. */
function unfinished(isOpen: bool, isLast: bool, rowLimit: u32): i32 {
  if (isOpen && isLast) return QUOTE_OPEN;
  if (end - rowStart > rowLimit) return isOpen ? QUOTE_OPEN : ROW_LONG;
  return DONE;
}
