// .npy files made for tests, whole in memory.
import { arrayOf, bytesOf, descriptions, type NpyValues, npyHeader } from "#elbo/data/write/npy.js";

/** A row-major array as the pieces of a .npy file. */
export function encodeNpy(shape: readonly number[], values: NpyValues): Uint8Array[] {
  const type = (["float32", "float64", "int32", "uint8"] as const).find(
    (one) => arrayOf(one, 0).constructor === values.constructor,
  );
  return [npyHeader(descriptions[type!], shape), bytesOf(values)];
}
