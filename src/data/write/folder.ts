// A folder of files that is there when all of them are.
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { flushFolder, temporaryBeside } from "../../base/files.ts";

export interface NewFolder {
  /** Where its files are written. */
  temporary: string;
  /** Gives it its name; a folder that exists keeps its other files. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function moveInto(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [own, other] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && (await isFolder(other))) await moveInto(own, other);
    else await rename(own, other);
  }
  await flushFolder(to);
}

export async function beginFolder(path: string): Promise<NewFolder> {
  const temporary = temporaryBeside(path);
  await mkdir(temporary);
  const discard = () => rm(temporary, { recursive: true, force: true });
  return {
    temporary,
    async commit() {
      if (await isFolder(path)) {
        await moveInto(temporary, path);
        await discard();
        return;
      }
      await flushFolder(temporary);
      await rename(temporary, path);
      await flushFolder(dirname(path));
    },
    discard,
  };
}
