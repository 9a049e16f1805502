// zstd by Node's own zlib, which has it from 22.15 on.
import { promisify } from "node:util";
import zlib from "node:zlib";
import { damagedRival, largeRival, type Way } from "./way.ts";

interface ZstdOptions {
  params?: Record<number, number>;
  pledgedSrcSize?: number;
  maxOutputLength?: number;
}
type Transform = (
  bytes: Uint8Array,
  options: ZstdOptions,
  done: (error: Error | null, result: Uint8Array) => void,
) => void;

/** What the oldest Node that is supported does not have yet. */
const { zstdCompress, zstdDecompress } = zlib as unknown as Partial<
  Record<"zstdCompress" | "zstdDecompress", Transform>
>;

/** Parameters of zstd.h. */
const compressionLevel = 100;
const checksumFlag = 201;

export const nodeZstdWay: Way = {
  async pack(bytes) {
    if (zstdCompress === undefined) return null;
    const options = {
      params: { [compressionLevel]: 19, [checksumFlag]: 1 },
      pledgedSrcSize: bytes.length,
    };
    return await promisify(zstdCompress)(bytes, options);
  },
  async unpack(bytes, limit) {
    if (zstdDecompress === undefined) return null;
    try {
      // Node takes no limit of 0.
      const result = await promisify(zstdDecompress)(bytes, { maxOutputLength: limit || 1 });
      if (result.length <= limit) return result;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code !== "ERR_BUFFER_TOO_LARGE") throw damagedRival("zstd", message);
    }
    throw largeRival("zstd", limit);
  },
};
