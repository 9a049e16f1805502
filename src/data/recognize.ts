// What a file is: by its extension, and where that says nothing, by its first bytes.
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { nearest } from "../base/suggest.ts";
import { isIdx } from "./arrays/idx.ts";
import { isNpy } from "./arrays/npy-header.ts";
import { firstBytes, isGzip, readBlocks } from "./blocks.ts";
import { fileBytes } from "./file-bytes.ts";
import { isImageName } from "./images/decode.ts";
import { tableFormat } from "./tables/open.ts";
import { readZipDirectory } from "./zip/directory.ts";

export type Format =
  | "csv"
  | "json"
  | "parquet"
  | "npy"
  | "npz"
  | "idx"
  | "mtx"
  | "h5ad"
  | "images"
  | "txt";

const supported =
  ".csv and .tsv, .json and .ndjson, .txt, .mtx, IDX (all also .gz), .parquet, .npy, .npz, .h5ad, and folders or .zip of images";

/** Formats that are read from any place of the file, or are packed within. */
const neverPacked: readonly string[] = ["parquet", "npy", "npz", "h5ad", "zip"];

const extensions: Record<string, Format> = {
  ".npy": "npy",
  ".npz": "npz",
  ".idx": "idx",
  ".mtx": "mtx",
  ".h5ad": "h5ad",
  ".txt": "txt",
  ".text": "txt",
};

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
    await firstBytes(path, 1);
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

/** The first bytes of a file, unpacked. */
async function unpackedStart(path: string): Promise<Uint8Array> {
  for await (const block of readBlocks(path)) return block.subarray(0, 16);
  return new Uint8Array(0);
}

function byName(path: string): Format | undefined {
  const plain = path.replace(/\.gz$/i, "");
  if (/[.-]idx\d-ubyte$/i.test(plain)) return "idx";
  const extension = extname(plain).toLowerCase();
  const found = Object.hasOwn(extensions, extension) ? extensions[extension] : undefined;
  return found ?? tableFormat(plain);
}

const startsWith = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .subarray(0, text.length)
    .equals(Buffer.from(text, "latin1"));

function bySignature(start: Uint8Array): Format | "zip" | undefined {
  if (isIdx(start)) return "idx";
  if (isNpy(start)) return "npy";
  if (startsWith(start, "PAR1")) return "parquet";
  if (startsWith(start, "\x89HDF\r\n\x1a\n")) return "h5ad";
  if (startsWith(start, "%%MatrixMarket")) return "mtx";
  return startsWith(start, "PK\x03\x04") ? "zip" : undefined;
}

/** What a zip holds: arrays or images, and by its first bytes alone only where nothing else is in it. */
async function zipFormat(path: string): Promise<Format | undefined> {
  const entries = await readZipDirectory(await fileBytes(path));
  const names = entries.map(({ name }) => name).filter((name) => !name.endsWith("/"));
  const isArray = (name: string) => /\.npy$/i.test(name);
  if (/\.zip$/i.test(path)) return names.some(isArray) ? "npz" : "images";
  if (names.length > 0 && names.every(isArray)) return "npz";
  return names.length > 0 && names.every(isImageName) ? "images" : undefined;
}

function unknown(path: string): ElboError {
  const extension = extname(path.replace(/\.gz$/i, "")).toLowerCase();
  const what =
    extension === "" ? "a file without an extension" : `files of type ${extension.slice(0, 20)}`;
  return new ElboError({
    code: "format-unknown",
    kind: "usage",
    message: `${path}: ${what} cannot be read; supported are ${supported}`,
    hint: "convert the file to one of them, or give it the extension of what it is",
    where: { file: path },
  });
}

/** @throws ElboError `file-missing`, `format-unknown`, `format-packed`. */
export async function recognize(path: string): Promise<Format> {
  if ((await checkPath(path)) === "folder") return "images";
  const named = /\.zip$/i.test(path) ? "zip" : byName(path);
  const found = named ?? bySignature(await unpackedStart(path));
  if (found !== undefined && neverPacked.includes(found) && (await isGzip(path))) {
    throw new ElboError({
      code: "format-packed",
      kind: "usage",
      message: `${path} is packed with gzip, and files of its format are read unpacked`,
      hint: `unpack it first: gunzip ${path}`,
      where: { file: path },
    });
  }
  const format = found === "zip" ? await zipFormat(path) : found;
  if (format === undefined) throw unknown(path);
  return format;
}
