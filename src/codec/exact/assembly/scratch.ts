// The first bytes of the memory: the compiler's static data, then room for a tile of a product.

/** Where scratch starts: above the static data, whose end is `heapBase()`. */
export const scratch: usize = 4096;

/** Tensors start here or later: beyond 4 · 8 float32 and three vectors. */
export const reservedBytes: i32 = 8192;

/** The end of the static data; a test holds that it is at most `scratch`. */
export function heapBase(): usize {
  return __heap_base;
}

/** The tile's place, and those of three operands that are one value for a whole row. */
export const tile: usize = scratch;
export const single: usize = scratch + 256;
/** Four float32 that are worked on one by one. */
export const lanes: usize = scratch + 512;
