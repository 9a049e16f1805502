// Rows of a table copied by index: how a shuffled batch is made.

/** Beyond this many bytes the engine's own copy beats a loop of vectors. */
const longRow: usize = 4096;

// @ts-ignore: decorator
@inline
function copyShort(target: usize, source: usize, bytes: usize): void {
  const end = target + bytes;
  const vectorEnd = target + (bytes & ~15);
  while (target < vectorEnd) {
    v128.store(target, v128.load(source));
    target += 16;
    source += 16;
  }
  if (bytes & 8) {
    store<u64>(target, load<u64>(source));
    target += 8;
    source += 8;
  }
  if (bytes & 4) {
    store<u32>(target, load<u32>(source));
    target += 4;
    source += 4;
  }
  while (target < end) store<u8>(target++, load<u8>(source++));
}

/**
 * target row i = source row indices[i], for `rows` rows of `rowBytes` bytes.
 * Returns -1, or the position of the first index that is not below `sourceRows`.
 */
export function gatherRows(
  target: usize,
  source: usize,
  indices: usize,
  rows: i32,
  rowBytes: usize,
  sourceRows: u32,
): i32 {
  for (let i = 0; i < rows; ++i) {
    const row = load<u32>(indices + ((<usize>i) << 2));
    if (row >= sourceRows) return i;
    const from = source + (<usize>row) * rowBytes;
    if (rowBytes < longRow) copyShort(target, from, rowBytes);
    else memory.copy(target, from, rowBytes);
    target += rowBytes;
  }
  return -1;
}
