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
