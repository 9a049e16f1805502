// The last one to three floats of a range go through the same vector code as the rest, in
// scratch, so that a formula stands once and no byte beyond the range is touched.
import { scratch } from "./scratch";

/** Where the tail of the `index`-th array of a kernel lies while it is worked on. */
// @ts-ignore: decorator
@inline
export function tailOf(index: usize): usize {
  return scratch + (index << 4);
}

export function loadTail(index: usize, source: usize, count: usize): void {
  memory.fill(tailOf(index), 0, 16);
  memory.copy(tailOf(index), source, count << 2);
}

export function storeTail(index: usize, target: usize, count: usize): void {
  memory.copy(target, tailOf(index), count << 2);
}
