// What results can be written as, by the extension of the output's name, and where.
import { basename, dirname, extname, join } from "node:path";
import { ElboError } from "../../base/errors.ts";
import { refuseExisting, requireFolder } from "../../base/files.ts";

export interface WriteOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
  /** Images in each row of a grid. Default: as many as make it near-square. */
  across?: number;
}

const textExtensions = [".csv", ".tsv", ".json", ".ndjson", ".txt"];

/** What each kind of result can be written as; "" is a folder. */
const tableExtensions = [
  ...textExtensions,
  ...textExtensions.map((extension) => `${extension}.gz`),
  ".npy",
  ".npz",
  ".parquet",
];
const imageExtensions = ["", ".png", ".npy", ".npz"];

/** In lower case, `.gz` with what stands before it; "" for a folder's name. */
export function extensionOf(path: string): string {
  if (/[/\\]$/.test(path)) return "";
  const [last, plain] = [extname(path), path.replace(/\.gz$/i, "")];
  return (plain === path ? last : `${extname(plain)}${last}`).toLowerCase();
}

/** The path without separators at its end. */
export const plainPath = (path: string) => join(dirname(path), basename(path));

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
  if (kind === "table" && !tableExtensions.includes(extension)) {
    throw unknownFormat(
      path,
      "a table",
      ".csv, .tsv, .json, .ndjson, .txt of texts alone (these also .gz), .npy, .npz or .parquet",
    );
  }
  if (kind === "images" && !imageExtensions.includes(extension)) {
    throw unknownFormat(path, "images", ".png (one grid), .npy, .npz, or a folder's name");
  }
  const file = plainPath(path);
  requireFolder(file);
  refuseExisting(file, force);
}

function unknownFormat(path: string, what: string, formats: string): ElboError {
  const extension = extensionOf(path);
  return new ElboError({
    code: "format-unknown",
    kind: "usage",
    message: `${path}: ${extension === "" ? "a file without an extension" : `a ${extension} file`} cannot hold ${what}`,
    hint: `write ${formats}`,
  });
}
