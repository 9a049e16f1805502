// Reads a data file by what it is: its extension says, and where that says nothing, its first bytes.
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { isIdx } from "./arrays/idx.ts";
import { isNpy } from "./arrays/npy-header.ts";
import { firstBytes, readBlocks } from "./blocks.ts";
import { readCsv } from "./csv.ts";
import type { DataSet } from "./dataset.ts";
import { readIdx, readLabels } from "./idx.ts";
import { readNpy } from "./npy.ts";

export interface ReadOptions {
  /** An IDX file of classes, one for each row. */
  labels?: string;
}

const supported = ".csv and .tsv (also .gz), .npy, and IDX (also .gz)";

async function missing(path: string, cause: ElboError): Promise<ElboError> {
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
    code: cause.code,
    message: cause.message,
    hint,
    where: { file: path },
    cause,
  });
}

/** The first bytes of a file, unpacked. */
async function unpackedStart(path: string): Promise<Uint8Array> {
  for await (const block of readBlocks(path)) return block.subarray(0, 8);
  return new Uint8Array(0);
}

async function readAny(path: string): Promise<DataSet> {
  // Also tells a missing file or a folder before anything else is made of the name.
  await firstBytes(path, 1);
  const extension = extname(path.replace(/\.gz$/i, "")).toLowerCase();
  if ([".csv", ".tsv", ".tab"].includes(extension)) return readCsv(path);
  if (extension === ".npy") return readNpy(path);
  if (extension === ".idx" || /[.-]idx\d-ubyte$/i.test(path.replace(/\.gz$/i, "")))
    return readIdx(path);
  const start = await unpackedStart(path);
  if (isIdx(start)) return readIdx(path);
  if (isNpy(start)) return readNpy(path);
  throw new ElboError({
    code: "format-unknown",
    kind: "usage",
    message: `${path}: ${extension === "" ? "a file without an extension" : `files of type ${extension}`} cannot be read; supported are ${supported}`,
    hint: "convert the file to one of them, or give it the extension of what it is",
    where: { file: path },
  });
}

/** `labels` of the rows that were kept. */
function keptLabels(data: DataSet, labels: Int32Array, path: string): Int32Array {
  const { rowNumbers } = data;
  const enough =
    rowNumbers === undefined ? labels.length === data.rows : labels.length >= rowNumbers.at(-1)!;
  if (!enough) {
    throw new ElboError({
      code: "labels-count",
      message: `${path} has ${labels.length} labels, and ${data.source} ${rowNumbers?.at(-1) ?? data.rows} rows`,
      hint: "labels and data must be of the same set (train and test are two)",
      where: { file: path },
    });
  }
  return rowNumbers === undefined ? labels : rowNumbers.map((row) => labels[row - 1]!);
}

/**
 * Reads a file as rows to train on: a table of its numeric columns, or images. The same file
 * always gives the same values. Errors are `ElboError`s that name the file, and row and column
 * where there are any.
 */
export async function readData(path: string, options: ReadOptions = {}): Promise<DataSet> {
  const named = async <Result>(file: string, read: () => Promise<Result>): Promise<Result> => {
    try {
      return await read();
    } catch (cause) {
      const gone = cause instanceof ElboError && cause.code === "file-missing";
      throw gone ? await missing(file, cause) : cause;
    }
  };
  const data = await named(path, () => readAny(path));
  const file = options.labels;
  if (file === undefined) return data;
  const labels = await named(file, () => readLabels(file));
  return { ...data, labels: keptLabels(data, labels, file) };
}
