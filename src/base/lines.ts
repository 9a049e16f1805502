// Append-only files of lines (metrics.jsonl): each line is written whole and in order.
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "./file-errors.ts";

export interface LineFile {
  /** Adds one line; `line` itself holds no line break. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

export interface LineFileOptions {
  /** Flush every line to the disk. Default false: a metric lost in a power cut is no loss. */
  flush?: boolean;
}

/** The length of the file up to and with its last line break. */
async function wholeLines(handle: FileHandle): Promise<number> {
  const block = Buffer.alloc(1 << 16);
  let end = (await handle.stat()).size;
  while (end > 0) {
    const start = Math.max(0, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const last = block.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/**
 * Opens `path` to append lines, creating it if need be. A last line without its line break is
 * what a killed process left of a write: it is cut off, so that every line is whole.
 */
export async function openLines(path: string, options: LineFileOptions = {}): Promise<LineFile> {
  let handle: FileHandle;
  try {
    // "a+" alone may not truncate by position on every system; it only makes the file.
    await (await open(path, "a")).close();
    handle = await open(path, "r+");
  } catch (cause) {
    throw fileError(cause, path);
  }
  const guarded = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (cause) {
      throw fileError(cause, path);
    }
  };
  let position = await guarded(async () => {
    const whole = await wholeLines(handle);
    await handle.truncate(whole);
    return whole;
  });
  let last: Promise<void> = Promise.resolve();
  const write = (line: string) =>
    guarded(async () => {
      const bytes = Buffer.from(`${line}\n`);
      let written = 0;
      try {
        while (written < bytes.length) {
          const { bytesWritten } = await handle.write(
            bytes,
            written,
            bytes.length - written,
            position + written,
          );
          written += bytesWritten;
        }
      } catch (cause) {
        // A full disk may have taken half the line.
        await handle.truncate(position).catch(() => undefined);
        throw cause;
      }
      position += bytes.length;
      if (options.flush) await handle.datasync();
    });
  return {
    append(line) {
      // In order, even where the caller does not wait; a failed line does not bar the next.
      const next = last.catch(() => undefined).then(() => write(line));
      last = next;
      return next;
    },
    async close() {
      await last.catch(() => undefined);
      await guarded(() => handle.close());
    },
  };
}
