// Room that is taken once and kept, but for tables, which leave theirs to others as they grow.

let top: usize = 0;

/** Bytes at a multiple of 8, of 0. */
export function allocate(bytes: usize): usize {
  if (top == 0) top = (__heap_base + 7) & ~7;
  const at = top;
  top += (bytes + 7) & ~7;
  const pages = memory.size();
  const missing = <i32>((top + 0xffff) >> 16) - pages;
  // By a quarter at least: to grow costs more than to have what is not touched.
  if (missing > 0 && memory.grow(max(missing, pages >> 2)) < 0 && memory.grow(missing) < 0) unreachable();
  return at;
}

/** The first free block of each power of two; a free block holds the next one. */
const free = memory.data(32 * 4, 4);

/** A block that a table of 2ᵏ numbers has, with whatever is there. */
export function takeBlock(k: u32, bytes: usize): usize {
  const first = free + (<usize>k << 2);
  const block = <usize>load<u32>(first);
  if (block == 0) return allocate(bytes);
  store<u32>(first, load<u32>(block));
  return block;
}

export function leaveBlock(k: u32, block: usize): void {
  const first = free + (<usize>k << 2);
  store<u32>(block, load<u32>(first));
  store<u32>(first, <u32>block);
}
