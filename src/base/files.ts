// Writing files so that nobody ever meets half of one: a temporary name in the same folder,
// flushed, then renamed. Reading formats is not its job.
import { existsSync, lstatSync } from "node:fs";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ElboError } from "./errors.ts";
import { fileError, systemCode, writeError } from "./file-errors.ts";

/** A piece of a file: text is written as UTF-8. */
export type Chunk = string | Uint8Array;

/** Refuses an output that exists, unless `force`: a usage error (`output-exists`). */
export function refuseExisting(path: string, force = false): void {
  if (force) return;
  let found: ReturnType<typeof lstatSync>;
  try {
    found = lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(cause, path);
  }
  // /dev/stdout and the like hold nothing that could be lost.
  if (found === undefined || found.isCharacterDevice() || found.isFIFO()) return;
  if (found.isSymbolicLink() && path.startsWith("/dev/")) return;
  throw new ElboError({
    code: "output-exists",
    kind: "usage",
    message: `${path} exists already`,
    hint: "give --force to replace it, or choose another name",
    where: { file: path },
  });
}

/** Refuses an output whose folder is not there: a usage error (`file-missing`). */
export function requireFolder(path: string): void {
  const folder = dirname(path);
  if (existsSync(folder)) return;
  throw new ElboError({
    code: "file-missing",
    kind: "usage",
    message: `${path} cannot be written: the folder ${folder} does not exist`,
    hint: "make the folder first, or name another",
    where: { file: path },
  });
}

/** The file that a write to `path` reaches: links are followed, so that they stay links. */
async function target(path: string): Promise<{ file: string; special: boolean; mode?: number }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    if (!found.isFile()) return { file: path, special: true };
    return { file: await realpath(path), special: false, mode: found.mode };
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return { file: path, special: false };
    throw cause;
  }
}

let temporaries = 0;

/** A name beside `path` that nothing has yet; the process number keeps two writers apart. */
export function temporaryBeside(path: string): string {
  for (;;) {
    temporaries++;
    const name = join(dirname(path), `.${basename(path)}.${process.pid}-${temporaries}.tmp`);
    // A killed process of the same number may have left one.
    if (lstatSync(name, { throwIfNoEntry: false }) === undefined) return name;
  }
}

/** Flushes a folder's list of names, so that a rename in it survives a power cut. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows does not open folders and needs no flush of them.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (cause) {
    // Some file systems (network, FUSE) refuse to flush a folder.
    if (!["EINVAL", "ENOTSUP", "EPERM"].includes(systemCode(cause) ?? "")) throw cause;
  } finally {
    await handle.close();
  }
}

/** A file in the making beside the one that it will replace. */
export interface Replacement {
  /** Where to write; the path itself where that is a device or a pipe. */
  temporary: string;
  /** Flushes what was written and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written; what was at the path is as it was. */
  discard(): Promise<void>;
}

/** Begins to replace `path`, by a caller that ends in `commit` or `discard`. */
export async function beginReplacement(path: string): Promise<Replacement> {
  try {
    const { file, special, mode } = await target(path);
    if (special) return { temporary: path, commit: async () => {}, discard: async () => {} };
    const temporary = temporaryBeside(file);
    return {
      temporary,
      async commit() {
        const handle = await open(temporary, "r+");
        try {
          if (mode !== undefined) await handle.chmod(mode & 0o7777);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
        await flushFolder(dirname(file));
      },
      discard: () => rm(temporary, { force: true }).catch(() => undefined),
    };
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/**
 * Replaces `path` by what `write` puts at the temporary name it is given: flushed, then renamed.
 * When anything fails, what was at `path` stays as it was and the temporary file goes.
 */
export async function replaceFile(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const { temporary, commit, discard } = await beginReplacement(path);
  try {
    await write(temporary);
    await commit();
  } catch (cause) {
    await discard();
    throw writeError(cause, path);
  }
}

/** How much text is gathered before it is written: large enough that calls cost nothing. */
const gatherLength = 1 << 18;

async function writeChunks(handle: FileHandle, chunks: Iterable<Chunk> | AsyncIterable<Chunk>) {
  let text = "";
  for await (const chunk of chunks) {
    if (typeof chunk === "string") {
      text += chunk;
      if (text.length < gatherLength) continue;
    }
    if (text !== "") await handle.writeFile(text);
    text = "";
    if (typeof chunk !== "string" && chunk.length > 0) await handle.writeFile(chunk);
  }
  if (text !== "") await handle.writeFile(text);
}

/**
 * Writes a file whole or not at all. `content` may be a stream of pieces, so that a large file
 * is never held in memory. Replaces an existing file: call `refuseExisting` first where a person
 * named the output.
 */
export async function writeFileAtomic(
  path: string,
  content: Chunk | Iterable<Chunk> | AsyncIterable<Chunk>,
): Promise<void> {
  const chunks = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  await replaceFile(path, async (temporary) => {
    const handle = await open(temporary, temporary === path ? "w" : "wx");
    try {
      await writeChunks(handle, chunks);
    } finally {
      await handle.close();
    }
  });
}
