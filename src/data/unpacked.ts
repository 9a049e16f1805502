// A file that may be gzip as its unpacked bytes, and how many they are, so that what a header
// claims can be checked beforehand.

import { isGzip, readBlocks } from "./blocks.ts";
import { type ByteSource, memoryBytes } from "./bytes.ts";
import { fileBytes } from "./file-bytes.ts";

/** A gzip stream's last four bytes give its unpacked size modulo 2³² (RFC 1952). */
const trailerBytes = 4;

/** No deflate stream unpacks to more than 1,032 times its size. */
const largestRatio = 1032;

/** A file as its unpacked bytes, to be read from the start to the end. */
export interface UnpackedFile {
  source: string;
  /** The most bytes that it can hold. */
  bound: number;
  blocks(): AsyncIterable<Uint8Array>;
  /** Whether it holds `length` bytes: known at once as a rule, else by unpacking it all. */
  holds(length: number): Promise<boolean>;
}

async function count(blocks: AsyncIterable<Uint8Array>): Promise<number> {
  let total = 0;
  for await (const block of blocks) total += block.length;
  return total;
}

async function trailer(bytes: ByteSource): Promise<number> {
  const last = await bytes.read(Math.max(0, bytes.size - trailerBytes), trailerBytes);
  return new DataView(last.buffer).getUint32(0, true);
}

/** Opens a file that may be gzip, whatever its name says. */
export async function openUnpacked(path: string): Promise<UnpackedFile> {
  const bytes = await fileBytes(path);
  const blocks = () => readBlocks(path);
  if (!(await isGzip(path))) {
    return {
      source: path,
      bound: bytes.size,
      blocks,
      holds: async (length) => length === bytes.size,
    };
  }
  return {
    source: path,
    bound: bytes.size * largestRatio,
    blocks,
    // Several streams in a row, or a cut one, end in other bytes: then only counting tells.
    holds: async (length) =>
      (bytes.size >= trailerBytes && (await trailer(bytes)) === length % 2 ** 32) ||
      (await count(blocks())) === length,
  };
}

/** The same of bytes in memory, which are not packed. */
export function unpackedMemory(bytes: Uint8Array, source: string): UnpackedFile {
  const memory = memoryBytes(bytes, source);
  return {
    source,
    bound: bytes.length,
    blocks: () => memory.blocks(0, memory.size),
    holds: async (length) => length === bytes.length,
  };
}
