// One process at a time trains in a run folder. A holder is an empty file with its name in it, so
// it is there whole or not at all, and what a killed process left is never a living one's.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError, systemCode } from "../base/file-errors.ts";

interface Holder {
  pid: number;
  /** When it started, as the system counts; 0 where that cannot be known. */
  started: number;
  host: string;
}

const host = () => hostname().replace(/[^\w.-]/g, "_");
const fileOf = ({ pid, started, host }: Holder) => `.training-${pid}-${started}-${host}`;

function holderOf(file: string): Holder | null {
  const [, pid, started, name] = /^\.training-(\d+)-(\d+)-(.+)$/.exec(file) ?? [];
  return name === undefined ? null : { pid: Number(pid), started: Number(started), host: name };
}

/** Clock ticks from the system's start to the process's, on Linux; null of one that has ended. */
async function startOf(pid: number): Promise<number | null> {
  if (process.platform === "linux") {
    try {
      const text = await readFile(`/proc/${pid}/stat`, "utf8");
      // The command stands in brackets and may hold spaces; the state follows, the start is 22nd.
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? null : Number(fields[19]);
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
    return 0;
  } catch (cause) {
    return systemCode(cause) === "EPERM" ? 0 : null;
  }
}

/** Another machine's process cannot be asked for: it counts as living. */
async function lives(holder: Holder): Promise<boolean> {
  return holder.host !== host() || (await startOf(holder.pid)) === holder.started;
}

function refused(folder: string, holder: Holder): ElboError {
  const { pid, host: where } = holder;
  const far = where === host() ? "" : ` on ${where}`;
  return new ElboError({
    code: "run-in-use",
    kind: "usage",
    message: `one process at a time trains in a run folder, and process ${pid}${far} trains in ${folder}`,
    hint: `Wait until it ends or stop it${far === "" ? "" : `; if it has ended, remove ${join(folder, fileOf(holder))}`}.`,
    where: { file: folder },
  });
}

/**
 * Makes this process the one that trains in `folder`, until the function that it returns is called.
 * Two that come at the very same time may both be refused.
 * @throws ElboError `run-in-use` where another is.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const own: Holder = {
    pid: process.pid,
    started: (await startOf(process.pid)) ?? 0,
    host: host(),
  };
  const path = join(folder, fileOf(own));
  try {
    await writeFile(path, "", { flag: "wx" });
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") throw refused(folder, own);
    throw fileError(cause, folder);
  }
  const unlock = () => rm(path, { force: true });
  try {
    for (const file of await readdir(folder)) {
      const holder = holderOf(file);
      if (holder === null || file === fileOf(own)) continue;
      if (await lives(holder)) throw refused(folder, holder);
      await rm(join(folder, file), { force: true });
    }
  } catch (cause) {
    await unlock();
    throw fileError(cause, folder);
  }
  return unlock;
}
