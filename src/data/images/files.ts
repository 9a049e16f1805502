// The image files of a set, and the labels that their folders give.
import { ElboError } from "../../base/errors.ts";
import type { ByteSource } from "../bytes.ts";
import type { Inflater } from "../inflater.ts";
import { readZipDirectory } from "../zip/directory.ts";
import { readEntry } from "../zip/entry.ts";
import { isImageName } from "./decode.ts";

export interface ImageFile {
  /** Below the folder or in the archive, with `/` on every system. */
  name: string;
  /** The folders above it that not all images share; null where there is none. */
  label: string | null;
  /** Rejects with an ElboError where the file cannot be read: of an entry of a zip, `zip-invalid`. */
  read(): Promise<Uint8Array>;
}

export type Unlabelled = Omit<ImageFile, "label">;

/** The images of a folder or archive, and the names of what else is in it. */
export interface FoundImages {
  files: ImageFile[];
  beside: string[];
}

/** The images in an archive. */
export async function zippedImages(bytes: ByteSource, inflater: Inflater): Promise<FoundImages> {
  const hidden = (name: string) =>
    name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
  const entries = (await readZipDirectory(bytes)).filter(
    ({ name }) => !hidden(name) && !name.endsWith("/"),
  );
  const files = entries
    .filter(({ name }) => isImageName(name))
    .map((entry) => ({ name: entry.name, read: () => readEntry(bytes, entry, inflater) }));
  const beside = entries.map(({ name }) => name).filter((name) => !isImageName(name));
  return { files: labelled(files, bytes.source), beside };
}

/** How many leading folders all names share. */
function sharedFolders(folders: readonly string[][]): number {
  const [first = []] = folders;
  const differs = first.findIndex((part, i) => folders.some((other) => other[i] !== part));
  return differs < 0 ? first.length : differs;
}

/**
 * The files in the plain order of their names' code units, labelled by their folders.
 * @throws ElboError `data-empty` where there are none.
 */
export function labelled(files: readonly Unlabelled[], source: string): ImageFile[] {
  if (files.length === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${source} holds no image`,
      hint: "name a folder or zip with .png, .jpg, .webp, .gif, .tiff or .avif files",
      where: { file: source },
    });
  }
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const folders = sorted.map(({ name }) => name.split("/").slice(0, -1));
  const shared = sharedFolders(folders);
  return sorted.map((file, i) => ({
    ...file,
    label: folders[i]!.slice(shared).join("/") || null,
  }));
}
