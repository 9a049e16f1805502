// What a path leads to: a folder, a file of some format (./formats.ts), or nothing.
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { nearest } from "../base/suggest.ts";
import { fileBytes, openUnpacked } from "./file-bytes.ts";
import { type Format, formatOf } from "./formats.ts";

/** `file.npz#X` as its path and its member; a file that is called so as a whole has none. */
export function splitMember(data: string): { path: string; member?: string } {
  if (existsSync(data)) return { path: data };
  for (let at = data.indexOf("#"); at > 0; at = data.indexOf("#", at + 1)) {
    const path = data.slice(0, at);
    if (!existsSync(path) && !/\.(npz|h5ad)$/i.test(path)) continue;
    return { path, member: data.slice(at + 1) };
  }
  return { path: data };
}

async function missing(path: string): Promise<ElboError> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  const guess = names === undefined ? undefined : nearest(basename(path), names);
  const hint =
    names === undefined
      ? `the folder ${folder} does not exist either; check the path`
      : guess === undefined
        ? "check the name; it is taken from the folder you are in"
        : `did you mean ${join(folder, guess)}?`;
  return new ElboError({
    code: "file-missing",
    message: `${path} does not exist`,
    hint,
    where: { file: path },
  });
}

/**
 * Whether `path` is a file or a folder; throws for what is neither, or is not the one `wanted`. A
 * missing one is told with the nearest name that exists.
 */
export async function checkPath(path: string, wanted?: "file"): Promise<"file" | "folder"> {
  const found = await stat(path).catch((cause: unknown) => {
    const error = fileError(cause, path);
    if (error instanceof ElboError && error.code === "file-missing") return undefined;
    throw error;
  });
  if (found === undefined) throw await missing(path);
  if (found.isDirectory() && wanted === undefined) return "folder";
  if (found.isFile() || found.isDirectory()) {
    // Tells a folder, and a file that may not be read.
    await fileBytes(path);
    return "file";
  }
  throw new ElboError({
    code: "file-special",
    kind: "usage",
    message: `${path} is a pipe or a device; data is read several times`,
    hint: "save it as a file first",
    where: { file: path },
  });
}

/** @throws ElboError `file-missing`, `format-unknown`, `format-packed`. */
export async function recognize(path: string): Promise<Format> {
  if ((await checkPath(path)) === "folder") return "images";
  return formatOf(await fileBytes(path), () => openUnpacked(path));
}
