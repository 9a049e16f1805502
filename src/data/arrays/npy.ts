// NumPy's .npy files as sources of data.
import type { ByteSource } from "../bytes.ts";
import { fileBytes } from "../file-bytes.ts";
import type { DataSource } from "../source.ts";
import { arraySource } from "./array-source.ts";
import { badNpy, headerPlace, parseNpyHeader, preambleBytes, wrongSize } from "./npy-header.ts";
import type { StoredArray } from "./stored-array.ts";

/** The array of a .npy file's bytes. Its size is checked; its data is not read yet. */
export async function npyArray(bytes: ByteSource, name: string): Promise<StoredArray> {
  const { source, size } = bytes;
  const { start, length } = headerPlace(await bytes.read(0, Math.min(preambleBytes, size)), source);
  if (start + length > size) throw badNpy(source, "it ends within its header");
  const layout = parseNpyHeader(await bytes.read(start, length), source);
  const data = start + length;
  if (layout.dataBytes !== size - data) throw wrongSize(layout, size - data, source);
  return {
    ...layout,
    name,
    blocks: () => bytes.blocks(data, size),
    wrongLength: (received) => wrongSize(layout, received, source),
  };
}

/** The last part of a path, without what follows its first dot. */
const stem = (path: string) => path.replace(/^.*[/\\]/, "").replace(/\.npy$/i, "") || "array";

/**
 * Opens a .npy file as one column named as the file: a number for each row (one dimension), a
 * vector (two), or images of (rows, height, width) or (rows, height, width, channels). Row-major
 * files are streamed; Fortran order is held as a whole while it is read. Throws `npy-invalid`, for
 * objects `npy-pickled`, for other types `npy-dtype`, and `value-infinite`.
 */
export async function openNpy(path: string): Promise<DataSource> {
  return arraySource(path, [await npyArray(await fileBytes(path), stem(path))], []);
}
