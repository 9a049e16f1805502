// IDX files, as MNIST comes in: big-endian, a magic number, the sizes, the values. Also gzip.
// Format: http://yann.lecun.com/exdb/mnist/
import { ElboError } from "../../base/errors.ts";
import { skipBytes } from "../bytes.ts";
import type { DataSource } from "../source.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { arraySource } from "./array-source.ts";
import { elementBytes } from "./elements.ts";
import type { ArrayLayout, StoredArray } from "./stored-array.ts";

/** By the third byte of the magic number. */
const elementTypes: Record<number, string> = {
  8: "u1",
  9: "i1",
  11: "i2",
  12: "i4",
  13: "f4",
  14: "f8",
};

/** The magic number and four sizes. */
const longestHeader = 20;

/** Whether a file's first bytes are an IDX magic number. */
export const isIdx = (first: Uint8Array) =>
  first.length >= 4 &&
  first[0] === 0 &&
  first[1] === 0 &&
  Object.hasOwn(elementTypes, first[2]!) &&
  first[3]! >= 1 &&
  first[3]! <= 4;

export function badIdx(source: string, code: string, message: string): ElboError {
  return new ElboError({
    code,
    message: `${source} is not a whole IDX file: ${message}`,
    hint: "fetch the file again; it may have been cut short or be of another format",
    where: { file: source },
  });
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What the head of an IDX file says, and how many bytes it has. */
export function idxLayout(
  first: Uint8Array,
  source: string,
): ArrayLayout & { headerBytes: number } {
  if (first.length < 4) throw badIdx(source, "idx-truncated", "it ends within its header");
  if (!isIdx(first)) {
    throw badIdx(
      source,
      "idx-magic",
      `its magic number is 0x${hex(first.subarray(0, 4))}, not 0x0000 with a known type and 1 to 4 dimensions`,
    );
  }
  const headerBytes = 4 + 4 * first[3]!;
  if (first.length < headerBytes) {
    throw badIdx(source, "idx-truncated", "it ends within its header");
  }
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const shape = Array.from({ length: first[3]! }, (_, i) => view.getUint32(4 + 4 * i));
  const element = elementTypes[first[2]!]!;
  const dataBytes = shape.reduce((product, size) => product * size, elementBytes(element));
  return { element, bigEndian: true, columnMajor: false, shape, dataBytes, headerBytes };
}

async function firstOf(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array(0);
  for await (const block of blocks) {
    const longer = new Uint8Array(first.length + Math.min(block.length, longestHeader));
    longer.set(first);
    longer.set(block.subarray(0, longer.length - first.length), first.length);
    first = longer;
    if (first.length >= longestHeader) break;
  }
  return first;
}

/** The array of an IDX file. Its size is checked; its data is not read yet. */
export async function idxArray(file: UnpackedFile, name: string): Promise<StoredArray> {
  const { source } = file;
  const { headerBytes, ...layout } = idxLayout(await firstOf(file.blocks()), source);
  const claim = `its header says ${layout.shape.join(" × ")} values, ${layout.dataBytes} bytes`;
  const wrongLength = (received: number) =>
    received > layout.dataBytes
      ? badIdx(source, "idx-trailing", `${claim}, and more follow`)
      : badIdx(source, "idx-truncated", `${claim}, and ${received} are there`);
  if (!(await file.holds(headerBytes + layout.dataBytes))) {
    let held = -headerBytes;
    for await (const block of file.blocks()) held += block.length;
    throw wrongLength(held);
  }
  return { ...layout, name, wrongLength, blocks: () => skipBytes(file.blocks(), headerBytes) };
}

/** An IDX file of whole numbers in one dimension, one for each row of the data beside it. */
async function labelArray(file: UnpackedFile): Promise<StoredArray> {
  const { source: path } = file;
  const array = await idxArray(file, "label");
  if (array.shape.length === 1 && !array.element.startsWith("f")) return array;
  throw new ElboError({
    code: "labels-shape",
    message: `${path}: labels are whole numbers of one dimension, received shape [${array.shape.join(", ")}]`,
    hint: "name the file of labels, for example train-labels-idx1-ubyte.gz",
    where: { file: path },
  });
}

/** The name of an IDX file's column: what its dimensions make of it. */
const columnName = ({ shape }: ArrayLayout) =>
  shape.length > 2 ? "image" : shape.length === 2 ? "x" : "value";

/**
 * Opens an IDX file (also gzip) as one column: `image` (three dimensions, or four with channels
 * last; bytes stay bytes), a vector `x` (two) or a number `value` (one). The file is streamed.
 * @param labelFile an IDX file of classes, one for each row: the number column `label`, carried along.
 * Throws `idx-...`, `labels-shape`, `labels-count`, `gzip-damaged` and `value-infinite`.
 */
export async function idxSource(file: UnpackedFile, labelFile?: UnpackedFile): Promise<DataSource> {
  const { source: path } = file;
  const data = await idxArray(file, "");
  const array = { ...data, name: columnName(data) };
  if (labelFile === undefined) return arraySource(path, [array], []);
  const labels = await labelArray(labelFile);
  if (labels.shape[0] !== array.shape[0]) {
    throw new ElboError({
      code: "labels-count",
      message: `${labelFile.source} has ${labels.shape[0]} labels, and ${path} ${array.shape[0]} rows`,
      hint: "labels and data must be of the same set (train and test are two)",
      where: { file: labelFile.source },
    });
  }
  const source = await arraySource(path, [array, labels], []);
  const columns = source.columns.map((column) =>
    column.name === "label" ? { ...column, role: "id" as const } : column,
  );
  return { ...source, columns };
}
