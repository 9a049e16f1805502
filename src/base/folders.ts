// Writing a folder of files so that nobody ever meets half of it: under a temporary name beside,
// then renamed.
import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { systemCode, writeError } from "./file-errors.ts";
import { type Chunk, flushFolder, temporaryBeside } from "./files.ts";

async function writeFlushed(path: string, content: Chunk): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder with those above it; returns the first that was not there. */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cause;
    throw Object.assign(new Error("a file is there"), { code: "ENOTDIR" });
  }
}

/**
 * Writes a folder of files, by name, whole or not at all. A folder that is there is replaced with
 * all that it holds: whoever calls has made sure that it may be.
 * @param make gives the files, once it is known that a folder can be made there.
 */
export async function writeFolder(
  path: string,
  make: () => Promise<ReadonlyMap<string, Chunk>>,
): Promise<void> {
  const folder = resolve(path);
  let made: string | undefined;
  let temporary: string | undefined;
  try {
    made = await makeFolder(dirname(folder));
    temporary = temporaryBeside(folder);
    await mkdir(temporary);
    for (const [name, content] of await make()) await writeFlushed(join(temporary, name), content);
    await flushFolder(temporary);
    const old = existsSync(folder) ? temporaryBeside(folder) : undefined;
    if (old !== undefined) await rename(folder, old);
    await rename(temporary, folder).catch(async (cause) => {
      if (old !== undefined) await rename(old, folder);
      throw cause;
    });
    await flushFolder(dirname(folder));
    if (old !== undefined) await rm(old, { recursive: true, force: true });
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw writeError(cause, path);
  }
}
