// NumPy's .npy files as sources of data.
import type { ByteSource } from "../bytes.ts";
import type { DataSource } from "../source.ts";
import { arraySource } from "./array-source.ts";
import { npyArray } from "./npy-array.ts";

/** The last part of a path, without what follows its first dot. */
const stem = (path: string) => path.replace(/^.*[/\\]/, "").replace(/\.npy$/i, "") || "array";

/**
 * Opens a .npy file as one column named as the file: a number for each row (one dimension), a
 * vector (two), or images of (rows, height, width) or (rows, height, width, channels). Row-major
 * files are streamed; Fortran order is held as a whole while it is read. Throws `npy-invalid`, for
 * objects `npy-pickled`, for other types `npy-dtype`, and `value-infinite`.
 */
export async function npySource(bytes: ByteSource): Promise<DataSource> {
  const { source } = bytes;
  return arraySource(source, [await npyArray(bytes, stem(source))], []);
}
