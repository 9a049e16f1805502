// The text of a Matrix Market file: its banner and sizes, then its entries, byte by byte.
// Format: R. Boisvert, R. Pozo, K. Remington, "The Matrix Market Exchange Formats", NISTIR 5935.

import { ElboError } from "../../base/errors.ts";
import { grouped } from "../../base/words.ts";
import { losesPrecision } from "../tables/numerals.ts";

export interface MatrixHeader {
  coordinate: boolean;
  field: "integer" | "real" | "pattern";
  symmetric: boolean;
  rows: number;
  columns: number;
  /** As the header says: entries of coordinates, or values of an array. */
  entries: number;
}

/** Lines of entries are short; a longer one is no entry. */
const longestLine = 1024;

export function badMatrix(source: string, message: string, row?: number): ElboError {
  return new ElboError({
    code: "mtx-invalid",
    message: `${source}${row === undefined ? "" : `, line ${row}`}: ${message}`,
    hint: "write it again, for example with scipy.io.mmwrite",
    where: { file: source, ...(row === undefined ? {} : { row }) },
  });
}

function unsupported(source: string, what: string): ElboError {
  return new ElboError({
    code: "mtx-unsupported",
    message: `${source} is ${what}; coordinate and array matrices of integer, real and pattern, general or (coordinate) symmetric, are read`,
    hint: "write it again as a general real matrix",
    where: { file: source },
  });
}

export function parseBanner(
  line: string,
  source: string,
): Omit<MatrixHeader, "rows" | "columns" | "entries"> {
  const words = line.trim().toLowerCase().split(/\s+/);
  if (words[0] !== "%%matrixmarket") {
    throw badMatrix(source, "the first line does not start with %%MatrixMarket", 1);
  }
  const [, object = "", format = "", field = "", symmetry = ""] = words;
  const whole = `a ${words.slice(1).join(" ").slice(0, 80)}`;
  if (object !== "matrix" || !["coordinate", "array"].includes(format))
    throw unsupported(source, whole);
  const known = field === "double" ? "real" : field;
  if (known !== "integer" && known !== "real" && known !== "pattern")
    throw unsupported(source, whole);
  const coordinate = format === "coordinate";
  const symmetric = symmetry === "symmetric" && coordinate;
  if ((!symmetric && symmetry !== "general") || (known === "pattern" && !coordinate)) {
    throw unsupported(source, whole);
  }
  return { coordinate, field: known, symmetric };
}

export function parseSizes(line: string, coordinate: boolean, source: string, row: number) {
  const sizes = line.trim().split(/\s+/).map(Number);
  const wanted = coordinate ? 3 : 2;
  const whole = /^[\d\s]+$/.test(line) && sizes.every(Number.isSafeInteger);
  if (!whole || sizes.length !== wanted || sizes[0]! > 2 ** 31 - 2 || sizes[1]! > 2 ** 31 - 2) {
    throw badMatrix(
      source,
      `${wanted} sizes are expected here, received ${JSON.stringify(line.slice(0, 60))}`,
      row,
    );
  }
  const [rows, columns] = sizes as [number, number];
  return { rows, columns, entries: coordinate ? sizes[2]! : rows * columns };
}

/** Powers of ten that float64 holds exactly. */
const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** What is met in a line that is no entry, or not all of one. */
export interface LineFaults {
  fail(message: string): never;
  /** An integer that is rounded, as it is written. */
  rounded(text: string): void;
}

/** The number that `bytes` spell from `start` to `end`; undefined where they spell none. */
function parseNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  { rounded }: LineFaults,
): number | undefined {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  let digits = 0;
  let mantissa = 0;
  let decimals = 0;
  let point = false;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      digits++;
      mantissa = mantissa * 10 + digit;
      if (point) decimals++;
    } else if (bytes[at] === 0x2e && !point) point = true;
    else break;
  }
  // Up to 15 digits and this power of ten, one division rounds once: the nearest float64.
  if (at === end && digits > 0 && digits <= 15 && decimals <= 22) {
    const value = mantissa / powers[decimals]!;
    return negative ? -value : value;
  }
  const text = String.fromCharCode(...bytes.subarray(start, end));
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  if (losesPrecision(bytes, start, end, value)) rounded(text);
  return value;
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/** Receives a file line by line: its bytes lie from `start` to `end`, and lines count from 1. */
export type LineReader = (bytes: Uint8Array, start: number, end: number, line: number) => void;

/** Splits blocks into lines and hands each to `read`, its line break left out. */
export async function eachLine(
  blocks: AsyncIterable<Uint8Array>,
  source: string,
  read: LineReader,
): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 0;
  const tooLong = () =>
    badMatrix(source, `a line is longer than ${grouped(longestLine)} bytes`, line + 1);
  for await (const block of blocks) {
    let from = 0;
    if (rest.length > 0) {
      const end = block.indexOf(0x0a);
      const length = end < 0 ? block.length : end;
      if (rest.length + length > longestLine) throw tooLong();
      const joined = new Uint8Array(rest.length + length);
      joined.set(rest);
      joined.set(block.subarray(0, length), rest.length);
      rest = joined;
      if (end < 0) continue;
      read(rest, 0, rest.length, ++line);
      rest = new Uint8Array(0);
      from = end + 1;
    }
    for (let end = block.indexOf(0x0a, from); end >= 0; end = block.indexOf(0x0a, from)) {
      if (end - from > longestLine) throw tooLong();
      read(block, from, end, ++line);
      from = end + 1;
    }
    if (block.length - from > longestLine) throw tooLong();
    rest = block.slice(from);
  }
  if (rest.length > 0) read(rest, 0, rest.length, ++line);
}

/**
 * The numbers of a line into `into`, exactly as many as it holds; 0 for a blank or comment line.
 * Returns how many.
 */
export function lineNumbers(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
  faults: LineFaults,
): number {
  let count = 0;
  for (let at = start; at < end; ) {
    if (isSpace(bytes[at]!)) {
      at++;
      continue;
    }
    if (count === 0 && bytes[at] === 0x25) return 0;
    let last = at + 1;
    while (last < end && !isSpace(bytes[last]!)) last++;
    const value = count < into.length ? parseNumber(bytes, at, last, faults) : undefined;
    if (value === undefined) {
      const text = JSON.stringify(
        String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 60))),
      );
      faults.fail(`${into.length} numbers are expected here, received ${text}`);
    }
    into[count++] = value;
    at = last;
  }
  if (count !== 0 && count !== into.length) {
    const text = JSON.stringify(
      String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 60))),
    );
    faults.fail(`${into.length} numbers are expected here, received ${text}`);
  }
  return count;
}
