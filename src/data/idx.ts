// IDX files, as MNIST comes in: big-endian, a magic number, the sizes, the values. Also gzip.
// Format: http://yann.lecun.com/exdb/mnist/
import { stat } from "node:fs/promises";
import { endianness } from "node:os";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { allocateShared } from "../base/read-part.ts";
import { arrayDataSet, type NumberArray, type NumericArray } from "./array.ts";
import { numberArray, swapBytes } from "./arrays/elements.ts";
import { badIdx, elementTypes, isIdx } from "./arrays/idx.ts";
import { isGzip, readBlocks } from "./blocks.ts";
import type { DataSet } from "./dataset.ts";

/** No deflate stream unpacks to more than 1,032 times its size. */
const largestRatio = 1032;

interface IdxHeader {
  element: string;
  shape: number[];
  headerBytes: number;
  dataBytes: number;
}

/** The header at the start of `bytes`, or undefined while there are too few of them. */
function parseHeader(bytes: Uint8Array, source: string, bound: number): IdxHeader | undefined {
  if (bytes.length < 4) return undefined;
  if (!isIdx(bytes)) {
    const magic = Buffer.from(bytes.subarray(0, 4)).toString("hex");
    throw badIdx(
      source,
      "idx-magic",
      `its magic number is 0x${magic}, not 0x0000 with a known type and 1 to 4 dimensions`,
    );
  }
  const headerBytes = 4 + 4 * bytes[3]!;
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: bytes[3]! }, (_, i) => view.getUint32(4 + 4 * i));
  const element = elementTypes[bytes[2]!]!;
  const dataBytes = shape.reduce((product, size) => product * size, Number(element[1]));
  if (dataBytes + headerBytes > bound) {
    throw badIdx(
      source,
      "idx-truncated",
      `its header says ${shape.join(" × ")} values, more than the file can hold`,
    );
  }
  return { element, shape, headerBytes, dataBytes };
}

/**
 * Decodes IDX from its bytes in blocks. `bound` is the most bytes that they can be: what a header
 * claims beyond it is refused before memory is taken.
 */
export async function decodeIdx(
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bound: number,
  source: string,
): Promise<NumericArray> {
  let head: Uint8Array = new Uint8Array(0);
  let header: IdxHeader | undefined;
  let data: Uint8Array = new Uint8Array(0);
  let filled = 0;
  for await (const block of blocks) {
    let part = block;
    if (header === undefined) {
      head = Buffer.concat([head, block]);
      header = parseHeader(head, source, bound);
      if (header === undefined) continue;
      data = allocateShared(header.dataBytes, source);
      part = head.subarray(header.headerBytes);
    }
    if (filled + part.length > data.length) {
      throw badIdx(
        source,
        "idx-trailing",
        `more bytes follow the ${header.shape.join(" × ")} values of its header`,
      );
    }
    data.set(part, filled);
    filled += part.length;
  }
  if (header === undefined) throw badIdx(source, "idx-truncated", "it ends within its header");
  if (filled < data.length) {
    throw badIdx(
      source,
      "idx-truncated",
      `its header says ${header.shape.join(" × ")} values, ${data.length} bytes, and ${filled} are there`,
    );
  }
  if (endianness() === "LE") swapBytes(data, Number(header.element[1]));
  return { shape: header.shape, values: numberArray(header.element, data)! };
}

async function readArray(path: string): Promise<NumericArray> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (cause) {
    throw fileError(cause, path);
  }
  const bound = (await isGzip(path)) ? size * largestRatio : size;
  return decodeIdx(readBlocks(path), bound, path);
}

/** Reads an IDX file (also gzip): images of bytes stay bytes, other values become float32. */
export async function readIdx(path: string): Promise<DataSet> {
  return arrayDataSet(path, await readArray(path));
}

/** Reads the classes of an IDX file of one dimension, one for each row of the data beside it. */
export async function readLabels(path: string): Promise<Int32Array> {
  const { shape, values } = await readArray(path);
  const whole = (labels: NumberArray) => labels.every((label) => Number.isInteger(label));
  if (shape.length === 1 && whole(values)) return Int32Array.from(values);
  throw new ElboError({
    code: "labels-shape",
    message: `${path}: labels are whole numbers of one dimension, received shape [${shape.join(", ")}]`,
    hint: "name the file of labels, for example train-labels-idx1-ubyte.gz",
    where: { file: path },
  });
}
