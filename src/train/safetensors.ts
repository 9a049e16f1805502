// Weights in files: safetensors, read and written for float32, int32 and uint8.
// Format: https://github.com/huggingface/safetensors#format
import { open } from "node:fs/promises";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import { readPart } from "../base/read-part.ts";
import {
  badFile,
  elementBytes,
  headerLimit,
  type ParsedHeader,
  parseHeader,
  type TensorEntry,
  type TensorType,
} from "./safetensors-header.ts";

export type TensorData = Float32Array | Int32Array | Uint8Array;

export interface SavedTensor {
  dtype: TensorType;
  shape: number[];
  /** Row-major, as many elements as the shape holds. */
  data: TensorData;
}

export interface SafetensorsFile {
  tensors: Map<string, SavedTensor>;
  metadata: Map<string, string>;
}

/** The data starts, and so lies in a mapped file, at a multiple of a cache line's bytes. */
const alignment = 64;

const typeOf = (data: TensorData): TensorType =>
  data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";

const bytesOf = (data: TensorData) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * The file's pieces in order. Tensors stand by element size (so that each is aligned), then by
 * name in code-unit order, as the reference implementation orders them; the same tensors always
 * give the same bytes. The pieces are views of the tensors, not copies.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: TensorData }>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array[] {
  const sorted = [...tensors].sort(
    ([a, { data: x }], [b, { data: y }]) =>
      y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  // Written by hand: an object would reorder names like "0" and mistake "__proto__".
  const pairs: string[] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].sort(([a], [b]) => (a < b ? -1 : 1));
    const inner = texts.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    pairs.push(`"__metadata__":{${inner.join(",")}}`);
  }
  let position = 0;
  for (const [name, { shape, data }] of sorted) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length || name === "__metadata__") {
      throw new ElboError({
        code: "safetensors-tensor",
        kind: "usage",
        message: `tensor ${JSON.stringify(name)} of shape [${shape}] cannot be written from ${data.length} elements under that name`,
        hint: "the shape's product is the number of elements; __metadata__ is no tensor's name",
      });
    }
    const end = position + data.byteLength;
    pairs.push(
      `${JSON.stringify(name)}:{"dtype":"${typeOf(data)}","shape":[${shape}],"data_offsets":[${position},${end}]}`,
    );
    position = end;
  }
  const json = new TextEncoder().encode(`{${pairs.join(",")}}`);
  const start = Math.ceil((8 + json.length) / alignment) * alignment;
  const head = new Uint8Array(start).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(json, 8);
  return [head, ...sorted.map(([, { data }]) => bytesOf(data))];
}

/** Writes the file whole or not at all. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: TensorData }>,
  metadata?: ReadonlyMap<string, string>,
): Promise<void> {
  // Copied before anything waits: training may go on in the same memory.
  const pieces = encodeSafetensors(tensors, metadata).map((piece) => piece.slice());
  await writeFileAtomic(path, pieces);
}

function headerLength(prefix: Uint8Array, fileBytes: number, source: string): number {
  if (prefix.length < 8) throw badFile(source, `it has ${fileBytes} bytes, and 8 are its least`);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(headerLimit) || length > BigInt(fileBytes - 8)) {
    throw badFile(source, `its header claims ${length} bytes of a file of ${fileBytes}`);
  }
  return Number(length);
}

function tensorFrom(data: Uint8Array, { dtype, shape, begin, end }: TensorEntry): SavedTensor {
  let bytes = data.subarray(begin, end);
  // Another program's file may hold unaligned tensors.
  if (bytes.byteOffset % elementBytes[dtype] !== 0) bytes = new Uint8Array(bytes);
  const length = bytes.byteLength / elementBytes[dtype];
  const { buffer, byteOffset } = bytes;
  if (dtype === "F32") return { dtype, shape, data: new Float32Array(buffer, byteOffset, length) };
  if (dtype === "I32") return { dtype, shape, data: new Int32Array(buffer, byteOffset, length) };
  return { dtype, shape, data: new Uint8Array(buffer, byteOffset, length) };
}

function assemble({ entries, metadata }: ParsedHeader, data: Uint8Array): SafetensorsFile {
  return {
    tensors: new Map(entries.map((entry) => [entry.name, tensorFrom(data, entry)])),
    metadata,
  };
}

/**
 * The tensors of a safetensors file's bytes, as views of them where they lie aligned.
 * Throws `safetensors-invalid` for anything but a whole file, `safetensors-dtype` for types other
 * than F32, I32 and U8. `source` names the bytes in errors.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const prefix = bytes.subarray(0, 8);
  const start = 8 + headerLength(prefix, bytes.length, source);
  const header = bytes.subarray(8, start);
  const data = bytes.subarray(start);
  return assemble(parseHeader(header, data.length, source), data);
}

/** Reads a safetensors file; a damaged one is refused before its data is allocated. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  try {
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      const prefix = await readPart(handle, 0, Math.min(8, size), path);
      const length = headerLength(prefix, size, path);
      const header = await readPart(handle, 8, length, path);
      // Before the data is allocated: a wrong header must not cost its memory.
      const parsed = parseHeader(header, size - 8 - length, path);
      return assemble(parsed, await readPart(handle, 8 + length, size - 8 - length, path));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
}
