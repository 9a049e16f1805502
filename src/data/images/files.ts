// The image files below a folder or in a zip, and the labels that their folders give.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../../base/errors.ts";
import { fileError } from "../../base/file-errors.ts";
import { fileBytes } from "../file-bytes.ts";
import { readZipDirectory } from "../zip/directory.ts";
import { readEntry } from "../zip/entry.ts";
import { isImageName } from "./decode.ts";

export interface ImageFile {
  /** Below the folder or in the archive, with `/` on every system. */
  name: string;
  /** The folders above it that not all images share; null where there is none. */
  label: string | null;
  read(): Promise<Uint8Array>;
}

type Unlabelled = Omit<ImageFile, "label">;

async function namesBelow(folder: string, below: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    // A link to a folder may lead in a circle; a link to an image is as good as the image.
    if (entry.isDirectory()) names.push(...(await namesBelow(folder, name)));
    else if (entry.isFile() || entry.isSymbolicLink()) names.push(name);
  }
  return names;
}

async function folderFiles(folder: string): Promise<Unlabelled[]> {
  const names = (await namesBelow(folder, "")).filter(isImageName);
  return names.map((name) => ({ name, read: () => readFile(join(folder, name)) }));
}

async function zipFiles(path: string): Promise<Unlabelled[]> {
  const bytes = await fileBytes(path);
  const hidden = (name: string) =>
    name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
  return (await readZipDirectory(bytes))
    .filter(({ name }) => isImageName(name) && !hidden(name))
    .map((entry) => ({ name: entry.name, read: () => readEntry(bytes, entry) }));
}

/** How many leading folders all names share. */
function sharedFolders(folders: readonly string[][]): number {
  const [first = []] = folders;
  const differs = first.findIndex((part, i) => folders.some((other) => other[i] !== part));
  return differs < 0 ? first.length : differs;
}

/** All images below `path`, a folder or a zip, in the plain order of their names' code units. */
export async function imageFiles(path: string): Promise<ImageFile[]> {
  let files: Unlabelled[];
  try {
    files = (await stat(path)).isDirectory() ? await folderFiles(path) : await zipFiles(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
  if (files.length === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${path} holds no image`,
      hint: "name a folder or zip with .png, .jpg, .webp, .gif, .tiff or .avif files",
      where: { file: path },
    });
  }
  files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const folders = files.map(({ name }) => name.split("/").slice(0, -1));
  const shared = sharedFolders(folders);
  return files.map((file, i) => ({
    ...file,
    label: folders[i]!.slice(shared).join("/") || null,
  }));
}
