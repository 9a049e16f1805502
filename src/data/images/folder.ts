// The image files below a folder on the disk.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../../base/file-errors.ts";
import { isImageName } from "./decode.ts";
import { type FoundImages, labelled } from "./files.ts";

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

async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

export async function folderImages(folder: string): Promise<FoundImages> {
  try {
    const names = await namesBelow(folder, "");
    const files = names.filter(isImageName).map((name) => ({
      name,
      read: () => readImage(`${folder}/${name}`),
    }));
    const beside = names.filter((name) => !isImageName(name));
    return { files: labelled(files, folder), beside };
  } catch (cause) {
    throw fileError(cause, folder);
  }
}
