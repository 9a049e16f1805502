// What a file is: by its name, and where that says nothing, by its first bytes.
import { ElboError } from "../base/errors.ts";
import { isIdx } from "./arrays/idx.ts";
import { isNpy } from "./arrays/npy-header.ts";
import type { ByteSource } from "./bytes.ts";
import { isImageName } from "./images/decode.ts";
import { isGzip, type UnpackedFile } from "./unpacked.ts";
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

export type TableFormat = "csv" | "json" | "parquet";

const supported =
  ".csv and .tsv, .json and .ndjson, .txt, .mtx, IDX (all also .gz), .parquet, .npy, .npz, .h5ad, and folders or .zip of images";

/** Formats that are read from any place of the file, or are packed within. */
const neverPacked: readonly string[] = ["parquet", "npy", "npz", "h5ad", "zip"];

const tables: Record<string, TableFormat> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".tab": "csv",
  ".parquet": "parquet",
  ".json": "json",
  ".ndjson": "json",
  ".jsonl": "json",
};

const others: Record<string, Format> = {
  ".npy": "npy",
  ".npz": "npz",
  ".idx": "idx",
  ".mtx": "mtx",
  ".h5ad": "h5ad",
  ".txt": "txt",
  ".text": "txt",
};

/** A file's extension in lower case: nothing of `.csv`, which is a name. */
const extensionOf = (path: string) => /[^/\\](\.[^./\\]*)$/.exec(path)?.[1]?.toLowerCase() ?? "";

const found = <Value>(among: Record<string, Value>, key: string): Value | undefined =>
  Object.hasOwn(among, key) ? among[key] : undefined;

/** What kind of table a file is by its extension (`.gz` aside), if it is one. */
export function tableFormat(path: string): TableFormat | undefined {
  const plain = path.replace(/\.gz$/i, "");
  const format = found(tables, extensionOf(plain));
  // Parquet is packed within.
  return format === "parquet" && plain !== path ? undefined : format;
}

/**
 * The format that files have which are read as one table; `named` is what they were called.
 * @throws ElboError `format-unknown` for files that are no tables, `format-mixed`.
 */
export function commonTableFormat(paths: readonly string[], named: string): TableFormat {
  const formatOf = (path: string): TableFormat => {
    const format = tableFormat(path);
    if (format !== undefined) return format;
    throw new ElboError({
      code: "format-unknown",
      kind: "usage",
      message: `${path} is no table by its extension; tables are .csv, .tsv, .json, .ndjson (also .gz) and .parquet`,
      hint: "give the file the extension of what it is, or name other files",
      where: { file: path },
    });
  };
  const format = formatOf(paths[0]!);
  const other = paths.find((path) => formatOf(path) !== format);
  if (other === undefined) return format;
  throw new ElboError({
    code: "format-mixed",
    kind: "usage",
    message: `files read as one table are of one format: ${named} finds ${paths[0]} and ${other}`,
    hint: "end the pattern in the extension: folder/*.csv",
    where: { file: named },
  });
}

function byName(path: string): Format | "zip" | undefined {
  const plain = path.replace(/\.gz$/i, "");
  if (/\.zip$/i.test(path)) return "zip";
  if (/[.-]idx\d-ubyte$/i.test(plain)) return "idx";
  return found(others, extensionOf(plain)) ?? tableFormat(plain);
}

const startsWith = (bytes: Uint8Array, text: string) =>
  bytes.length >= text.length && Array.from(text).every((c, i) => c.charCodeAt(0) === bytes[i]);

function bySignature(start: Uint8Array): Format | "zip" | undefined {
  if (isIdx(start)) return "idx";
  if (isNpy(start)) return "npy";
  if (startsWith(start, "PAR1")) return "parquet";
  if (startsWith(start, "\x89HDF\r\n\x1a\n")) return "h5ad";
  if (startsWith(start, "%%MatrixMarket")) return "mtx";
  return startsWith(start, "PK\x03\x04") ? "zip" : undefined;
}

/** The first bytes of a file, unpacked. */
async function startOf(file: UnpackedFile): Promise<Uint8Array> {
  for await (const block of file.blocks()) return block.subarray(0, 16);
  return new Uint8Array(0);
}

/** What a zip holds: arrays or images, and by its first bytes alone only where nothing else is in it. */
async function zipFormat(bytes: ByteSource): Promise<Format | undefined> {
  const entries = await readZipDirectory(bytes);
  const names = entries.map(({ name }) => name).filter((name) => !name.endsWith("/"));
  const isArray = (name: string) => /\.npy$/i.test(name);
  if (/\.zip$/i.test(bytes.source)) return names.some(isArray) ? "npz" : "images";
  if (names.length > 0 && names.every(isArray)) return "npz";
  return names.length > 0 && names.every(isImageName) ? "images" : undefined;
}

function unknown(path: string): ElboError {
  const extension = extensionOf(path.replace(/\.gz$/i, ""));
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

/**
 * What a file is.
 * @param unpack opens the same file as its unpacked bytes.
 * @throws ElboError `format-unknown`, `format-packed`.
 */
export async function formatOf(
  bytes: ByteSource,
  unpack: () => Promise<UnpackedFile>,
): Promise<Format> {
  const { source } = bytes;
  const format = byName(source) ?? bySignature(await startOf(await unpack()));
  if (format !== undefined && neverPacked.includes(format) && (await isGzip(bytes))) {
    throw new ElboError({
      code: "format-packed",
      kind: "usage",
      message: `${source} is packed with gzip, and files of its format are read unpacked`,
      hint: `unpack it first: gunzip ${source}`,
      where: { file: source },
    });
  }
  const known = format === "zip" ? await zipFormat(bytes) : format;
  if (known === undefined) throw unknown(source);
  return known;
}
