// A file that may be gzip, whatever its name says, as its unpacked bytes; and how many they are, so
// that what a header claims can be checked beforehand.
import { ElboError } from "../base/errors.ts";
import { type ByteSource, memoryBytes } from "./bytes.ts";
import type { Inflater } from "./inflater.ts";

/** A gzip stream's last four bytes give its unpacked size modulo 2³² (RFC 1952). */
const trailerBytes = 4;

/** No deflate stream unpacks to more than 1,032 times its size. */
const largestRatio = 1032;

/** A file as its unpacked bytes, to be read from the start to the end. */
export interface UnpackedFile {
  source: string;
  /** The most bytes that it can hold. */
  bound: number;
  /** Throws `gzip-damaged` for a damaged gzip file. */
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

export async function isGzip(bytes: ByteSource): Promise<boolean> {
  const [first, second] = await bytes.read(0, Math.min(2, bytes.size));
  return first === 0x1f && second === 0x8b;
}

/** The file as it is, packed or not. */
const plain = (bytes: ByteSource): UnpackedFile => ({
  source: bytes.source,
  bound: bytes.size,
  // To its end, where that lies now: what was added meanwhile is met as such.
  blocks: () => bytes.blocks(0, Number.POSITIVE_INFINITY),
  holds: async (length) => length === bytes.size,
});

export async function unpacked(bytes: ByteSource, inflater: Inflater): Promise<UnpackedFile> {
  const file = plain(bytes);
  if (!(await isGzip(bytes))) return file;
  const { source } = bytes;
  const damaged = (reason: string) =>
    new ElboError({
      code: "gzip-damaged",
      message: `${source} is a damaged gzip file: ${reason}`,
      hint: "fetch the file again; it was probably cut short",
      where: { file: source },
    });
  const blocks = () => inflater.unpack(file.blocks(), "gzip", damaged);
  return {
    source,
    bound: bytes.size * largestRatio,
    blocks,
    // Several streams in a row, or a cut one, end in other bytes: then only counting tells.
    holds: async (length) =>
      (bytes.size >= trailerBytes && (await trailer(bytes)) === length % 2 ** 32) ||
      (await count(blocks())) === length,
  };
}

/** The same of bytes in memory, which are not packed. */
export const unpackedMemory = (bytes: Uint8Array, source: string): UnpackedFile =>
  plain(memoryBytes(bytes, source));

/** Unpacks a file to nowhere, so that one that is damaged is known before it is read. */
export async function checkUnpacks(file: UnpackedFile): Promise<void> {
  await count(file.blocks());
}
