// The array in a .npy file's bytes, on any machine: Node and browsers alike.
import type { ByteSource } from "../bytes.ts";
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
