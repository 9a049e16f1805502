// A file that is written piece by piece under a temporary name and gets its own at the end.
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { beginReplacement, type Chunk } from "../../base/files.ts";

export interface Sink {
  write(piece: Chunk): Promise<void>;
  /** Overwrites bytes that were written before. */
  patch(bytes: Uint8Array, position: number): Promise<void>;
  /** Flushes and renames. */
  close(): Promise<void>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** How much text is gathered before it is written: large enough that calls cost nothing. */
const gatherLength = 1 << 18;

const pack = promisify(gzip);

/** @param gzipped pack what is written; a member for each piece, as gzip files may have. */
export async function openSink(path: string, gzipped = false): Promise<Sink> {
  const { temporary, commit, discard } = await beginReplacement(path);
  const handle = await open(temporary, temporary === path ? "w" : "wx");
  let text = "";
  const put = async (piece: Chunk) => {
    if (piece.length > 0) await handle.writeFile(gzipped ? await pack(piece) : piece);
  };
  const flush = async () => {
    const gathered = text;
    text = "";
    await put(gathered);
  };
  return {
    async write(piece) {
      if (typeof piece === "string") {
        text += piece;
        if (text.length >= gatherLength) await flush();
        return;
      }
      await flush();
      await put(piece);
    },
    patch: (bytes, position) => writeAt(handle, bytes, position),
    async close() {
      await flush();
      await handle.close();
      await commit();
    },
    async abort() {
      await handle.close().catch(() => undefined);
      await discard();
    },
  };
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
