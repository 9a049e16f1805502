// A file's bytes in blocks, unpacked where the file is gzip, whatever its name says.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ElboError } from "../base/errors.ts";
import { fileError, systemCode } from "../base/file-errors.ts";

/** The first `length` bytes of a file as it lies on the disk, fewer where it is shorter. */
export async function firstBytes(path: string, length: number): Promise<Uint8Array> {
  try {
    const handle = await open(path, "r");
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
}

export async function isGzip(path: string): Promise<boolean> {
  const [first, second] = await firstBytes(path, 2);
  return first === 0x1f && second === 0x8b;
}

/** Reads a file in blocks. A damaged gzip file is `gzip-damaged`. */
export async function* readBlocks(path: string): AsyncGenerator<Uint8Array> {
  const packed = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const stream = packed
    ? // The iteration below meets the error, whichever of the two raised it.
      pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => undefined)
    : file;
  try {
    for await (const block of stream) yield block as Uint8Array;
  } catch (cause) {
    if (systemCode(cause)?.startsWith("Z_")) {
      throw new ElboError({
        code: "gzip-damaged",
        message: `${path} is a damaged gzip file: ${(cause as Error).message}`,
        hint: "fetch the file again; it was probably cut short",
        where: { file: path },
        cause,
      });
    }
    throw fileError(cause, path);
  } finally {
    stream.destroy();
    file.destroy();
  }
}

/** Unpacks a gzip file to nowhere, so that one that is damaged is known before it is read. */
export async function checkGzip(path: string): Promise<void> {
  const blocks = readBlocks(path);
  while (!(await blocks.next()).done);
}
