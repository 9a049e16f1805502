// Elements of four bytes from one order to another: what moves values and computes nothing.

/** `count` elements, `from` moving on by `step` bytes and `to` by `stride`. */
function copyRow(to: usize, stride: usize, from: usize, step: usize, count: usize): void {
  if (stride == 4 && step == 4) {
    for (; count >= 4; count -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  }
  for (; count > 0; count--, to += stride, from += step) store<u32>(to, load<u32>(from));
}

/**
 * Copies the nest at `table`: the number of outer axes, the length of a row and the bytes between its
 * elements at `to` and `from`, then of each outer axis, the innermost first, its size and the bytes
 * that both move on at its next index, all inner ones back at 0.
 */
export function copy(to: usize, from: usize, table: usize): void {
  const axes = load<u32>(table);
  const count = load<u32>(table, 4);
  const stride = load<u32>(table, 8);
  const step = load<u32>(table, 12);
  while (true) {
    copyRow(to, stride, from, step, count);
    let axis = table + 16;
    let left = axes;
    for (; left > 0; left--, axis += 16) {
      const index = load<u32>(axis, 4) + 1;
      if (index < load<u32>(axis)) {
        store<u32>(axis, index, 4);
        to += load<u32>(axis, 8);
        from += load<u32>(axis, 12);
        break;
      }
      store<u32>(axis, 0, 4);
    }
    if (left == 0) return;
  }
}

/** `count` elements of the given bits. */
export function fill(to: usize, count: usize, bits: u32): void {
  for (const end = to + (count << 2); to < end; to += 4) store<u32>(to, bits);
}
