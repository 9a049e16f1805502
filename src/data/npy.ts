// NumPy's .npy files, read. Pickled objects are programs and are never run.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { open } from "node:fs/promises";
import { endianness } from "node:os";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { readPart } from "../base/read-part.ts";
import { arrayDataSet, type NumberArray, type NumericArray } from "./array.ts";
import { numberArray, swapBytes } from "./arrays/elements.ts";
import { badNpy, headerPlace } from "./arrays/npy-header.ts";
import type { DataSet } from "./dataset.ts";

const elementTypes = new Set([
  "b1",
  "u1",
  "i1",
  "u2",
  "i2",
  "f2",
  "u4",
  "i4",
  "f4",
  "u8",
  "i8",
  "f8",
]);

interface NpyHeader {
  /** `f4` and so on, without the byte order. */
  element: string;
  bigEndian: boolean;
  columnMajor: boolean;
  shape: number[];
  dataBytes: number;
}

function refusedType(source: string, description: string): ElboError {
  const pickled = /O/.test(description);
  return new ElboError({
    code: "npy-dtype",
    message: `${source} holds ${pickled ? "pickled Python objects" : `elements of type ${description.slice(0, 60)}`}; numbers and booleans are read`,
    hint: pickled
      ? "objects are programs and are not run; save numbers: array.astype('float32')"
      : "convert it in NumPy: array.astype('float32')",
    where: { file: source },
  });
}

function parseHeader(text: string, source: string): NpyHeader {
  const structured = /'descr'\s*:\s*\[/.test(text);
  if (structured) throw refusedType(source, "record (several named fields)");
  // Every step consumes a token of its own, so that no header takes long.
  const whole = /^\{\s*((?:'\w+'\s*:\s*(?:'[^']*'|True|False|\([\d,\s]*\))(?:\s*,)?\s*){3})\}\s*$/;
  const body = whole.exec(text)?.[1] ?? "";
  const description = /'descr'\s*:\s*('[^']*')/.exec(body)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(body)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(body)?.[1];
  if (description === undefined || order === undefined || sizes === undefined) {
    throw badNpy(source, "its header does not give descr, fortran_order and shape");
  }
  const match = /^'([<>|=])([a-z]\d)'$/.exec(description);
  if (match === null || !elementTypes.has(match[2]!)) throw refusedType(source, description);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  const element = match[2]!;
  const dataBytes = shape.reduce((product, size) => product * size, Number(element[1]));
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(dataBytes)) {
    throw badNpy(source, `its shape [${shape.slice(0, 8).join(", ")}] is absurd`);
  }
  const bigEndian = match[1] === ">" || (match[1] === "=" && endianness() === "BE");
  return { element, bigEndian, columnMajor: order === "True", shape, dataBytes };
}

/** Checked before the data is allocated or read. */
function checkSize({ shape, dataBytes }: NpyHeader, present: number, source: string): void {
  if (dataBytes === present) return;
  throw badNpy(
    source,
    `its shape [${shape.slice(0, 8).join(", ")}] takes ${dataBytes} bytes, and ${present} follow the header`,
  );
}

/** Fortran order (first index fastest) to row-major. */
function toRowMajor(values: NumberArray, shape: readonly number[]): NumberArray {
  const result = values.slice();
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** `data` is this function's own: its bytes are swapped in place where need be. */
function toArray(header: NpyHeader, data: Uint8Array): NumericArray {
  if (header.bigEndian !== (endianness() === "BE")) swapBytes(data, Number(header.element[1]));
  const values = numberArray(header.element, data)!;
  const { shape, columnMajor } = header;
  return { shape, values: columnMajor && shape.length > 1 ? toRowMajor(values, shape) : values };
}

const decodeText = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** Decodes a .npy file's bytes, row-major. `source` names them in errors. */
export function decodeNpy(bytes: Uint8Array, source: string): NumericArray {
  const { start, length } = headerPlace(bytes, source);
  if (bytes.length < start + length) throw badNpy(source, "it ends within its header");
  const header = parseHeader(decodeText(bytes.subarray(start, start + length)), source);
  checkSize(header, bytes.length - start - length, source);
  return toArray(header, new Uint8Array(bytes.subarray(start + length)));
}

async function readArray(path: string): Promise<NumericArray> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const { start, length } = headerPlace(
      await readPart(handle, 0, Math.min(12, size), path),
      path,
    );
    if (start + length > size) throw badNpy(path, "it ends within its header");
    const header = parseHeader(decodeText(await readPart(handle, start, length, path)), path);
    checkSize(header, size - start - length, path);
    return toArray(header, await readPart(handle, start + length, header.dataBytes, path));
  } finally {
    await handle.close();
  }
}

/**
 * Reads a .npy file: two dimensions are a table, three (bytes or floats) grey images and four
 * images with channels last. Throws `npy-invalid` and, for objects and other types, `npy-dtype`.
 */
export async function readNpy(path: string): Promise<DataSet> {
  let array: NumericArray;
  try {
    array = await readArray(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
  return arrayDataSet(path, array);
}
