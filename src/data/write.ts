// Writes results: a table or images, in the format that the file's extension names, whole or not
// at all.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import {
  flushFolder,
  refuseExisting,
  replaceFile,
  temporaryBeside,
  writeFileAtomic,
} from "../base/files.ts";
import { type OutputColumn, typedColumns } from "./write/columns.ts";
import { type ImageRows, imageGrid, imageSizes, type Picture } from "./write/grid.ts";
import { encodeNpy, npyMatrix, npzColumns } from "./write/npy.ts";
import { writeParquet } from "./write/parquet.ts";
import { csvPieces, jsonPieces, ndjsonPieces } from "./write/text.ts";
import { storedZip } from "./write/zip.ts";

export type { ColumnValues, OutputColumn } from "./write/columns.ts";
export type { ImageRows } from "./write/grid.ts";

export interface WriteOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
}

/** What each kind of result can be written as; "" is a folder. */
const tableFormats = [".csv", ".json", ".ndjson", ".npy", ".npz", ".parquet"];
const imageFormats = ["", ".png", ".npy", ".npz"];

function extensionOf(path: string): string {
  return /[/\\]$/.test(path) ? "" : extname(path).toLowerCase();
}

/**
 * Refuses, before anything is computed, what could not be written: a format that does not hold
 * the result, a folder that is not there, an output that exists (unless `force`).
 */
export function refuseOutput(
  path: string,
  kind: "table" | "images",
  { force }: WriteOptions = {},
): void {
  const extension = extensionOf(path);
  if (kind === "table" && !tableFormats.includes(extension)) {
    throw unknownFormat(path, "a table", ".csv, .json, .ndjson, .npy, .npz or .parquet");
  }
  if (kind === "images" && !imageFormats.includes(extension)) {
    throw unknownFormat(path, "images", ".png (one grid), .npy, .npz, or a folder's name");
  }
  const file = join(dirname(path), basename(path));
  if (!existsSync(dirname(file))) {
    throw new ElboError({
      code: "file-missing",
      kind: "usage",
      message: `${path} cannot be written: the folder ${dirname(file)} does not exist`,
      hint: "make the folder first, or name another",
      where: { file: path },
    });
  }
  refuseExisting(file, force);
}

function unknownFormat(path: string, what: string, formats: string): ElboError {
  const extension = extname(path);
  return new ElboError({
    code: "format-unknown",
    kind: "usage",
    message: `${path}: ${extension === "" ? "a file without an extension" : `a ${extension} file`} cannot hold ${what}`,
    hint: `write ${formats}`,
  });
}

/**
 * Writes columns of equal length as a table: .csv (RFC 4180, the shortest decimals that read back
 * the same), .json (an array of objects), .ndjson, .npy (one matrix; numbers only), .npz (one array
 * for each column, under its name) or .parquet. NaN and null are written as missing.
 */
export async function writeTable(
  path: string,
  columns: readonly OutputColumn[],
  options: WriteOptions = {},
): Promise<void> {
  refuseOutput(path, "table", options);
  const typed = typedColumns(columns);
  const formats: Record<string, () => Promise<void>> = {
    ".csv": () => writeFileAtomic(path, csvPieces(typed)),
    ".json": () => writeFileAtomic(path, jsonPieces(typed)),
    ".ndjson": () => writeFileAtomic(path, ndjsonPieces(typed)),
    ".npy": () => writeFileAtomic(path, npyMatrix(typed, path)),
    ".npz": () => writeFileAtomic(path, npzColumns(typed, path)),
    ".parquet": () => replaceFile(path, (temporary) => writeParquet(temporary, typed, path)),
  };
  await formats[extensionOf(path)]!();
}

async function pngBytes(picture: Picture): Promise<Uint8Array> {
  const { encode } = await import("fast-png");
  return encode(picture);
}

/** One PNG for each image, 0000.png and on; an existing folder keeps its other files. */
async function writeFolder(path: string, images: ImageRows): Promise<void> {
  const [height, width, channels] = imageSizes(images);
  const size = height * width * channels;
  const digits = Math.max(4, String(images.rows - 1).length);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const folder = exists ? path : temporaryBeside(path);
  try {
    if (!exists) await mkdir(folder);
    for (let image = 0; image < images.rows; image++) {
      const data = images.values.subarray(image * size, (image + 1) * size);
      const name = `${String(image).padStart(digits, "0")}.png`;
      await writeFileAtomic(join(folder, name), await pngBytes({ width, height, channels, data }));
    }
    if (!exists) {
      await rename(folder, path);
      await flushFolder(dirname(path));
    }
  } catch (cause) {
    if (!exists) await rm(folder, { recursive: true, force: true });
    throw fileError(cause, path);
  }
}

/**
 * Writes images of bytes: .png is one grid of all of them, .npy and .npz (array `images`) hold
 * (rows, height, width, channels), and a path without an extension becomes a folder of PNG files.
 */
export async function writeImages(
  path: string,
  images: ImageRows,
  options: WriteOptions = {},
): Promise<void> {
  refuseOutput(path, "images", options);
  const sizes = imageSizes(images);
  const folder = join(dirname(path), basename(path));
  const array = () => encodeNpy([images.rows, ...sizes], images.values);
  const formats: Record<string, () => Promise<void>> = {
    "": () => writeFolder(folder, images),
    ".png": async () => writeFileAtomic(path, await pngBytes(imageGrid(images))),
    ".npy": () => writeFileAtomic(path, array()),
    ".npz": () => writeFileAtomic(path, storedZip([{ name: "images.npy", pieces: array() }], path)),
  };
  await formats[extensionOf(path)]!();
}
