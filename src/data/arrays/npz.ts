// NumPy's .npz files, archives of .npy files, as sources of data: one column for each array.

import { ElboError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import { counted } from "../../base/words.ts";
import { type ByteSource, skipBytes } from "../bytes.ts";
import type { Inflater } from "../inflater.ts";
import type { DataNote, DataSource } from "../source.ts";
import { readZipDirectory, type ZipEntry } from "../zip/directory.ts";
import { entryBlocks } from "../zip/entry.ts";
import { arraySource } from "./array-source.ts";
import { badNpy, headerPlace, parseNpyHeader, preambleBytes, wrongSize } from "./npy-header.ts";
import type { StoredArray } from "./stored-array.ts";

const arrayName = (entry: ZipEntry) => entry.name.replace(/\.npy$/i, "");

/** The first bytes of an entry, until `enough` says how many are. */
async function firstOf(
  bytes: ByteSource,
  entry: ZipEntry,
  inflater: Inflater,
  enough: (first: Uint8Array) => number,
): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array(0);
  for await (const block of entryBlocks(bytes, entry, inflater)) {
    const longer = new Uint8Array(first.length + block.length);
    longer.set(first);
    longer.set(block, first.length);
    first = longer;
    if (first.length >= preambleBytes && first.length >= enough(first)) break;
  }
  return first;
}

async function npzArray(
  bytes: ByteSource,
  entry: ZipEntry,
  inflater: Inflater,
): Promise<StoredArray> {
  const source = `${bytes.source}#${arrayName(entry)}`;
  const end = (first: Uint8Array) => {
    const { start, length } = headerPlace(first, source);
    return start + length;
  };
  const first = await firstOf(bytes, entry, inflater, end);
  const { start, length } = headerPlace(first, source);
  const data = start + length;
  if (first.length < data) throw badNpy(source, "it ends within its header");
  const layout = parseNpyHeader(first.subarray(start, data), source);
  if (layout.dataBytes !== entry.size - data) throw wrongSize(layout, entry.size - data, source);
  return {
    ...layout,
    name: arrayName(entry),
    blocks: () => skipBytes(entryBlocks(bytes, entry, inflater), data),
    wrongLength: (received) => wrongSize(layout, received, source),
  };
}

function unknownArray(source: string, member: string, names: readonly string[]): ElboError {
  const guess = nearest(member, names);
  return new ElboError({
    code: "npz-array",
    kind: "usage",
    message: `${source} has no array ${JSON.stringify(member)}; it has ${names.join(", ") || "none"}`,
    hint:
      guess === undefined
        ? `name one of them: ${source}#${names[0] ?? "NAME"}`
        : `did you mean ${source}#${guess}?`,
    where: { file: source },
  });
}

/** The arrays that can stand side by side: those of the first size that most values have. */
function sideBySide(source: string, arrays: readonly StoredArray[], left: Map<string, string>) {
  const values = new Map<number, number>();
  for (const { name, shape, dataBytes } of arrays) {
    const [rows] = shape;
    if (rows === undefined || shape.length > 4) {
      left.set(name, `it has ${counted(shape.length, "dimension")}`);
    } else values.set(rows, (values.get(rows) ?? 0) + dataBytes);
  }
  const [rows] = [...values].sort((a, b) => b[1] - a[1])[0] ?? [];
  const taken = arrays.filter(({ name, shape }) => {
    if (left.has(name)) return false;
    if (shape[0] !== rows) left.set(name, `its first size is ${shape[0]}, not ${rows}`);
    return shape[0] === rows;
  });
  if (taken.length > 0) return taken;
  throw new ElboError({
    code: "data-empty",
    message: `${source} holds no array of numbers with rows`,
    hint: "write arrays of 1 to 4 dimensions: numpy.savez(path, X=X)",
    where: { file: source },
  });
}

/** The arrays of the archive that become columns. Pickled objects are refused wherever they are. */
export async function npzArrays(
  bytes: ByteSource,
  inflater: Inflater,
  member?: string,
): Promise<{ arrays: StoredArray[]; notes: DataNote[] }> {
  const { source } = bytes;
  const entries = (await readZipDirectory(bytes)).filter(({ name }) => /\.npy$/i.test(name));
  if (member !== undefined || entries.length === 1) {
    const entry = entries.find((one) => member === undefined || arrayName(one) === member);
    if (entry === undefined) throw unknownArray(source, member!, entries.map(arrayName));
    return { arrays: [await npzArray(bytes, entry, inflater)], notes: [] };
  }
  const arrays: StoredArray[] = [];
  const left = new Map<string, string>();
  for (const entry of entries) {
    try {
      arrays.push(await npzArray(bytes, entry, inflater));
    } catch (cause) {
      if (!(cause instanceof ElboError) || cause.code !== "npy-dtype") throw cause;
      left.set(arrayName(entry), "it holds no numbers");
    }
  }
  const taken = sideBySide(source, arrays, left);
  const notes = [...left].map(([name, reason]) => ({
    code: "arrays-left-out",
    message: `array ${JSON.stringify(name)} left out: ${reason}`,
  }));
  return { arrays: taken, notes };
}

/**
 * Opens a .npz file, stored or deflated: all arrays with the same number of rows are columns (as
 * in `npySource`), others are left out with a note; `member` picks one. Deflated arrays are unpacked
 * anew at each iteration. Throws `npz-array`, `zip-...` for archives that are damaged or mean harm,
 * and what `npySource` throws.
 */
export async function npzSource(
  bytes: ByteSource,
  inflater: Inflater,
  member?: string,
): Promise<DataSource> {
  const { arrays, notes } = await npzArrays(bytes, inflater, member);
  return arraySource(bytes.source, arrays, notes);
}
