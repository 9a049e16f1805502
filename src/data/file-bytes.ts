// A file on the disk as bytes, by position or unpacked. It is opened for each use, so nothing is
// left to close.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { fileError } from "../base/file-errors.ts";
import { readPart } from "../base/read-part.ts";
import type { ByteSource } from "./bytes.ts";
import { nodeInflater } from "./node-inflater.ts";
import { type UnpackedFile, unpacked } from "./unpacked.ts";

const blockBytes = 1 << 20;

/** Throws what `fileError` makes of a path that is no readable file. */
export async function fileBytes(path: string): Promise<ByteSource> {
  let size: number;
  try {
    const handle = await open(path, "r");
    try {
      size = (await handle.stat()).size;
      // A folder opens, and refuses only to be read.
      await handle.read(new Uint8Array(1), 0, 1, 0);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
  return {
    source: path,
    size,
    async read(position, length) {
      try {
        const handle = await open(path, "r");
        try {
          return await readPart(handle, position, length, path);
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw fileError(cause, path);
      }
    },
    async *blocks(start, end) {
      if (end <= start) return;
      const stream = createReadStream(path, { start, end: end - 1, highWaterMark: blockBytes });
      try {
        for await (const block of stream) yield block as Uint8Array;
      } catch (cause) {
        throw fileError(cause, path);
      } finally {
        stream.destroy();
      }
    },
  };
}

/** Opens a file that may be gzip, whatever its name says. */
export async function openUnpacked(path: string): Promise<UnpackedFile> {
  return unpacked(await fileBytes(path), nodeInflater);
}
