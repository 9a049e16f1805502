// What the operating system says about files, as errors that people understand.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { ElboError } from "./errors.ts";

interface Explanation {
  code: string;
  says: (path: string) => string;
  hint: (path: string) => string;
}

const explanations: Record<string, Explanation> = {
  ENOENT: {
    code: "file-missing",
    says: (path) => `${path} does not exist`,
    hint: (path) => `check the name, and that the folder ${dirname(path)} exists`,
  },
  EACCES: {
    code: "file-permission",
    says: (path) => `${path} may not be accessed by this user`,
    hint: () => "change its permissions, or choose another place",
  },
  EPERM: {
    code: "file-permission",
    says: (path) => `${path} may not be changed by this user`,
    hint: () => "change its permissions, or choose another place",
  },
  ENOSPC: {
    code: "disk-full",
    says: (path) => `the disk is full: ${path} could not be written`,
    hint: () => "free some space or choose another disk; what was there before is unharmed",
  },
  EDQUOT: {
    code: "disk-full",
    says: (path) => `this user's disk quota is used up: ${path} could not be written`,
    hint: () => "free some space or choose another disk; what was there before is unharmed",
  },
  EFBIG: {
    code: "file-too-large",
    says: (path) => `${path} would be larger than this system or process may write`,
    hint: () => "raise the limit (`ulimit -f`) or choose another file system",
  },
  EISDIR: {
    code: "file-is-folder",
    says: (path) => `${path} is a folder where a file is needed`,
    hint: () => "name a file",
  },
  ENOTDIR: {
    code: "folder-is-file",
    says: (path) => `a part of the path ${path} is a file where a folder is needed`,
    hint: () => "check the path",
  },
  EROFS: {
    code: "disk-read-only",
    says: (path) => `${path} is on a read-only file system`,
    hint: () => "choose another place",
  },
  ENAMETOOLONG: {
    code: "file-name-long",
    says: (path) => `${path} has a longer name than this file system takes`,
    hint: () => "choose a shorter one",
  },
  EMFILE: {
    code: "too-many-files",
    says: (path) => `${path} could not be opened: too many files are open`,
    hint: () => "raise the limit (`ulimit -n`)",
  },
};

/** Node's code of a system error (`ENOENT`), if `cause` is one. */
export function systemCode(cause: unknown): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/**
 * `cause`, a system error met at `path`, as an error for people. What is an `ElboError` already
 * and what no system raised (a mistake in a program) come back as they are.
 */
export function fileError(cause: unknown, path: string): unknown {
  const code = systemCode(cause);
  if (cause instanceof ElboError || code === undefined) return cause;
  const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
  if (known === undefined && !/^E[A-Z0-9]+$/.test(code)) return cause;
  return new ElboError({
    code: known?.code ?? "file-failed",
    message: known?.says(path) ?? `${path} could not be used: ${(cause as Error).message}`,
    hint: known?.hint(path) ?? "check the file and its disk",
    where: { file: path },
    cause,
  });
}

/** The same of a file that was to be written: one that is not there yet is no fault. */
export function writeError(cause: unknown, path: string): unknown {
  if (systemCode(cause) !== "ENOENT" || !existsSync(dirname(path))) return fileError(cause, path);
  return new ElboError({
    code: "file-permission",
    message: `${path} cannot be written: the folder ${dirname(path)} takes no new files`,
    hint: "choose another place",
    where: { file: path },
    cause,
  });
}
