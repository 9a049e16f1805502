// Values by index and back. An index outside its axis is told by its place, one more than which is
// returned; 0 is returned where all are inside.

/** x (outer, size, inner) at `count` indices: (outer, count, inner). */
export function gather(
  d: usize,
  x: usize,
  indices: usize,
  outer: usize,
  size: u32,
  inner: usize,
  count: usize,
): usize {
  const bytes = inner << 2;
  for (let i: usize = 0; i < count; i++) {
    if (load<u32>(indices + (i << 2)) >= size) return i + 1;
  }
  for (let o: usize = 0; o < outer; o++, x += size * <u32>bytes) {
    for (let i: usize = 0; i < count; i++, d += bytes) {
      const from = x + load<u32>(indices + (i << 2)) * <u32>bytes;
      for (let at: usize = 0; at < bytes; at += 4) store<u32>(d + at, load<u32>(from + at));
    }
  }
  return 0;
}

/** Adds row i of x (rows, inner) to row indices[i] of d (size, inner), in the order of i. */
export function scatterAdd(d: usize, x: usize, indices: usize, rows: usize, size: u32, inner: usize): usize {
  const bytes = inner << 2;
  memory.fill(d, 0, size * <u32>bytes);
  for (let i: usize = 0; i < rows; i++, x += bytes) {
    const index = load<u32>(indices + (i << 2));
    if (index >= size) return i + 1;
    const to = d + index * <u32>bytes;
    for (let at: usize = 0; at < bytes; at += 4) {
      store<f32>(to + at, load<f32>(to + at) + load<f32>(x + at));
    }
  }
  return 0;
}

/** Whether `a` at index i stands before `b` at j in descending order: equal ones as they come, NaN last. */
// @ts-ignore: decorator
@inline
function precedes(a: f32, i: usize, b: f32, j: usize): bool {
  if (a > b) return true;
  if (a == b) return i < j;
  if (a < b) return false;
  const aIsNumber = a == a;
  return aIsNumber != (b == b) ? aIsNumber : i < j;
}

/** Where the k largest of each row of `size` stand, the largest first. */
export function topKIndices(d: usize, x: usize, rows: usize, size: usize, k: usize): void {
  for (let row: usize = 0; row < rows; row++, x += size << 2, d += k << 2) {
    for (let i: usize = 0; i < size; i++) {
      const value = load<f32>(x + (i << 2));
      let place = min(i, k);
      for (; place > 0; place--) {
        const other = load<u32>(d + ((place - 1) << 2));
        if (!precedes(value, i, load<f32>(x + (other << 2)), other)) break;
        if (place < k) store<u32>(d + (place << 2), other);
      }
      if (place < k) store<u32>(d + (place << 2), i);
    }
  }
}
