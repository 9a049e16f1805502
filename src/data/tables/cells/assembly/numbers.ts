// Numbers as nearly all are written: a minus or none, digits, at most one point among them, fifteen digits at most
// and no zero in front of others. What else is a number, and whether it is one, JavaScript says (../../numerals.ts).

import { cellStart, tableSize } from "./codes";

/** Exact in float64, as are integers of 15 digits: one division rounds correctly. */
const powers = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]);
const MOST_DIGITS: u32 = 15;

const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const NINE: u8 = 0x39;

/** The number that the bytes up to `end` spell; NaN where it is none of these. */
function plainNumber(at: usize, end: usize): f64 {
  // Digits, a minus and a point.
  if (end - at > MOST_DIGITS + 2) return NaN;
  const isNegative = at < end && load<u8>(at) == MINUS;
  if (isNegative) at++;
  if (at + 1 < end && load<u8>(at) == ZERO && load<u8>(at, 1) != POINT) return NaN;
  let mantissa: u64 = 0;
  let digits: u32 = 0;
  let point = end;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == POINT && point == end) {
      point = at;
      continue;
    }
    if (byte < ZERO || byte > NINE) return NaN;
    mantissa = mantissa * 10 + (byte - ZERO);
    if (++digits > MOST_DIGITS) return NaN;
  }
  if (digits == 0) return NaN;
  const scale: usize = point == end ? 0 : end - point - 1;
  const value = <f64>mantissa / load<f64>(powers + (scale << 3));
  return isNegative ? -value : value;
}

/** The numbers of cells `first`, `first` + `step`, … below `end`, f64, NaN in the places of all others. */
export function readCells(
  bytes: usize,
  starts: usize,
  ends: usize,
  numbers: usize,
  first: u32,
  end: u32,
  step: u32,
): void {
  for (let cell = first; cell < end; cell += step, numbers += 8) {
    const at = <usize>cell << 2;
    store<f64>(numbers, plainNumber(bytes + load<u32>(starts + at), bytes + load<u32>(ends + at)));
  }
}

/** The same of a table's cells from code `first` on. */
export function readCodes(table: usize, first: u32, numbers: usize): void {
  const size = tableSize(table);
  for (let code = first; code < size; code++, numbers += 8) {
    store<f64>(numbers, plainNumber(cellStart(table, code), cellStart(table, code + 1)));
  }
}
