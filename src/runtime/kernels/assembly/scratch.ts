// The first bytes of the memory, which no tensor occupies: the compiler's static data, then room
// for groups of elements that are made here and copied on.

/** Where scratch starts: above the static data, whose end is `heapBase()`. */
export const scratch: usize = 2048;

/** The greatest number of elements that a group in scratch holds. */
export const groupLength: usize = 128;

/** Tensors start here or later; src/runtime/memory.ts reserves as much. */
export const reservedBytes: i32 = 4096;

/** The end of the static data; a test holds that it is at most `scratch`. */
export function heapBase(): usize {
  return __heap_base;
}
