// Reads a known stretch of a file into memory that is taken only then.
import type { FileHandle } from "node:fs/promises";
import { ElboError } from "./errors.ts";

/** `length` bytes, all zero; `memory-short` where this machine cannot give them. */
export function allocate(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new ElboError({
      code: "memory-short",
      message: `${path} needs ${length} bytes at once, more than can be had`,
      hint: "use a machine with more memory, or a part of the data",
      where: { file: path },
      cause,
    });
  }
}

/** The `length` bytes from `position` on. A file that ends before is `file-shortened`. */
export async function readPart(
  handle: FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const part = allocate(length, path);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(part, done, length - done, position + done);
    if (bytesRead === 0) {
      throw new ElboError({
        code: "file-shortened",
        message: `${path} became shorter while it was read`,
        hint: "wait until no other program writes it",
        where: { file: path },
      });
    }
    done += bytesRead;
  }
  return part;
}
