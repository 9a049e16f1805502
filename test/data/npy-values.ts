// What .npy bytes that we wrote hold, for tests of writing.
import { numberArray } from "#elbo/data/arrays/elements.js";
import { npyArray } from "#elbo/data/arrays/npy-array.js";
import { arrayRows } from "#elbo/data/arrays/stored-array.js";
import { memoryBytes } from "#elbo/data/bytes.js";

/** The shape and all values of an array, row-major. */
export async function npyValues(bytes: Uint8Array) {
  const array = await npyArray(memoryBytes(bytes, "memory"), "array");
  for await (const values of arrayRows(array, Math.max(1, array.shape[0] ?? 1), numberArray)) {
    return { shape: array.shape, values };
  }
  throw new Error("the array is empty");
}
