// The order in which an epoch takes its rows: of (seed, epoch) alone, so that any place in it is
// found without what came before.
import { Random, streams } from "../../runtime/random.ts";
import type { FileRows } from "./stored.ts";

/** Pages whose rows are shuffled among themselves: two such windows are in memory at a time. */
const windowPages = 10;

/** Rows in memory are shuffled as a whole. */
export function memoryOrder(seed: number, epoch: number, rows: number): Uint32Array {
  return new Random(seed).permutation(streams.shuffle, epoch, rows);
}

/**
 * The same rows with batches of one cut, as far as may be, in the order of their shuffle.
 * @param cuts of the rows by their numbers.
 * @param head rows of a batch that began before, which stay first; those short of a batch stay last.
 */
export function inBatches(
  order: Uint32Array,
  cuts: Uint8Array,
  batch: number,
  head: number,
  shuffled: (batches: number) => Uint32Array,
): Uint32Array {
  const result = order.slice();
  const batches = Math.max(0, Math.floor((order.length - head) / batch));
  const rows = order.slice(head, head + batches * batch);
  const starts = new Uint32Array(257);
  for (const row of rows) starts[cuts[row]! + 1]!++;
  for (let cut = 1; cut < 257; cut++) starts[cut]! += starts[cut - 1]!;
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) sorted[starts[cuts[row]!]!++] = row;
  for (const [to, from] of shuffled(batches).entries()) {
    result.set(sorted.subarray(from * batch, (from + 1) * batch), head + to * batch);
  }
  return result;
}

/** Some pages of a file that an epoch takes together. */
export interface Window {
  /** Its place among the epoch's windows. */
  index: number;
  /** Numbers of its pages, in the order in which their rows are numbered. */
  pages: Uint32Array;
  /** Rows of the epoch before it. */
  first: number;
  rows: number;
}

/** Of rows in a file, pages are shuffled, and taken together a few at a time. */
export function epochWindows(
  { pages }: Pick<FileRows, "pages">,
  seed: number,
  epoch: number,
): Window[] {
  const order = new Random(seed).permutation(streams.shuffle, epoch, pages.length);
  const windows: Window[] = [];
  let first = 0;
  for (let from = 0; from < order.length; from += windowPages) {
    const own = order.slice(from, from + windowPages);
    const rows = own.reduce((sum, page) => sum + pages[page]!.rows, 0);
    windows.push({ index: windows.length, pages: own, first, rows });
    first += rows;
  }
  return windows;
}

/** The order of a window's rows, numbered through its pages. */
export function windowOrder(
  { pages }: Pick<FileRows, "pages">,
  { index, rows }: Window,
  seed: number,
  epoch: number,
): Uint32Array {
  const windows = Math.ceil(pages.length / windowPages);
  return new Random(seed).permutation(streams.window, epoch * windows + index, rows);
}
