// Unpacking by Node's zlib.
import { pipeline, Readable } from "node:stream";
import { crc32, createGunzip, createInflateRaw, inflateRawSync } from "node:zlib";
import { systemCode } from "../base/file-errors.ts";
import type { Inflater } from "./inflater.ts";

const chunkSize = 1 << 18;
/** Eight blocks are unpacked ahead, in a thread of the pool, of who takes them. */
const options = { chunkSize, highWaterMark: 8 * chunkSize };

export const nodeInflater: Inflater = {
  async *unpack(packed, format, damaged) {
    const source = Readable.from(packed);
    const gunzip = format === "gzip" ? createGunzip(options) : createInflateRaw(options);
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
