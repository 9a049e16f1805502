// Unpacking by Node's zlib.
import { pipeline, Readable } from "node:stream";
import { crc32, createGunzip, createInflateRaw, inflateRawSync } from "node:zlib";
import { systemCode } from "../base/file-errors.ts";
import type { Inflater } from "./inflater.ts";

/** Blocks are unpacked ahead, in a thread of the pool, of who takes them. */
const options = (chunkSize: number) => ({ chunkSize, highWaterMark: 1 << 22 });
/** Of a file: one block is about what is worked on meanwhile. */
const ofFile = options(1 << 20);
/** Of an entry of a zip, which may hold more than it says: it is found out soon. */
const ofEntry = options(1 << 18);

export const nodeInflater: Inflater = {
  async *unpack(packed, format, damaged) {
    const source = Readable.from(packed);
    const gunzip = format === "gzip" ? createGunzip(ofFile) : createInflateRaw(ofEntry);
    // The iteration below meets the error, whichever of the two raised it.
    const stream = pipeline(source, gunzip, () => undefined);
    try {
      for await (const block of stream) yield block as Uint8Array;
    } catch (cause) {
      throw systemCode(cause)?.startsWith("Z_") ? damaged((cause as Error).message) : cause;
    } finally {
      stream.destroy();
      source.destroy();
    }
  },
  // Without a hand-over to another thread, which costs more than so few bytes.
  unpackSmall: async (packed, size) =>
    inflateRawSync(packed, { maxOutputLength: Math.max(1, size) }),
  crc32,
};
