// Files as a web page gets them, with the names by which people know them.
import { ElboError } from "../../base/errors.ts";

/** A file with a name of its own: that of a Blob, or the path in a folder that was dropped. */
export interface NamedFile {
  /** With `/`, as in `shapes/circle/1.png`. */
  path: string;
  file: Blob;
}

/** One file, or several: a FileList, an array, what `droppedFiles` gives. */
export type FileData = Blob | NamedFile | Iterable<Blob | NamedFile>;

const unnamed = "data";

function named(one: Blob | NamedFile): NamedFile {
  if (!(one instanceof Blob)) return one;
  const { name, webkitRelativePath } = one as Partial<File>;
  return { path: webkitRelativePath || name || unnamed, file: one };
}

/** The files of what was given, but for hidden ones in folders. */
export function namedFiles(data: FileData): NamedFile[] {
  const one = data instanceof Blob || "path" in data;
  const files = (one ? [data] : [...data]).map(named);
  const hidden = (path: string) => path.split("/").some((part) => part.startsWith("."));
  const seen = files.filter(({ path }) => files.length === 1 || !hidden(path));
  if (seen.length > 0) return seen;
  throw new ElboError({
    code: "data-empty",
    kind: "usage",
    message: "there is no file to read",
    hint: "choose a file, several of one format, or a folder of images",
  });
}

/** All entries of a folder; `readEntries` gives a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}

async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const files: NamedFile[] = [];
  for (const below of await entriesOf(entry as FileSystemDirectoryEntry)) {
    files.push(...(await filesBelow(below)));
  }
  return files;
}

/**
 * The files of a drop, those in folders too, with their paths: files of a drop, unlike those of
 * `<input webkitdirectory>`, do not know their own. To be called in the drop's handler, before it
 * awaits anything.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry());
  const files: NamedFile[] = [];
  for (const entry of entries) if (entry !== null) files.push(...(await filesBelow(entry)));
  return files;
}
