// A completed .npy file: the data's own file with numbers in the place of NaN, and all else as it stands,
// digits that float32 does not hold among them.
import { fileError } from "../base/file-errors.ts";
import { npyArray } from "../data/arrays/npy-array.ts";
import type { StoredArray } from "../data/arrays/stored-array.ts";
import type { ByteSource } from "../data/bytes.ts";
import { fileBytes } from "../data/file-bytes.ts";
import { extensionOf } from "../data/write/output.ts";
import { openSink, type Sink } from "../data/write/sink.ts";
import type { Completed } from "./completion.ts";

export interface NpyCopy {
  bytes: ByteSource;
  array: StoredArray;
  /** Where the elements begin. */
  start: number;
}

/** The file that a path of data names, where its bytes can be the output's: floats, a row or more each. */
export async function npyTarget(data: string, output: string): Promise<NpyCopy | null> {
  if (extensionOf(data) !== ".npy" || extensionOf(output) !== ".npy") return null;
  const bytes = await fileBytes(data);
  const array = await npyArray(bytes, "");
  const fits = (array.element === "f4" || array.element === "f8") && array.shape.length <= 2;
  return fits ? { bytes, array, start: bytes.size - array.dataBytes } : null;
}

/** The bytes of a number as the array has them. */
function encoder({ element, bigEndian }: StoredArray): (value: number) => Uint8Array {
  return (value) => {
    const view = new DataView(new ArrayBuffer(element === "f4" ? 4 : 8));
    if (element === "f4") view.setFloat32(0, value, !bigEndian);
    else view.setFloat64(0, value, !bigEndian);
    return new Uint8Array(view.buffer);
  };
}

/** Calls `put` with each number that is filled in: its row in the chunk, its column and its value. */
function eachFilled(
  { columns, fills }: Completed,
  table: number,
  width: number,
  put: (row: number, column: number, value: number) => void,
): void {
  for (const { rows, tables } of fills) {
    const [before] = columns as [(typeof columns)[number]];
    for (const [i, row] of rows.entries()) {
      for (let j = 0; j < width; j++) {
        if (!Number.isNaN(before.values[row * width + j])) continue;
        put(row, j, tables[table]!.values[i * width + j] as number);
      }
    }
  }
}

/** Writes the data's file, once for each path, with its gaps filled. */
export async function imputeNpy(
  paths: readonly string[],
  { bytes, array, start }: NpyCopy,
  chunks: AsyncIterable<Completed>,
): Promise<void> {
  const [rows = 0, width = 1] = array.shape;
  const size = array.element === "f4" ? 4 : 8;
  const encode = encoder(array);
  const sinks: Sink[] = [];
  let path = paths[0]!;
  try {
    for (path of paths) sinks.push(await openSink(path));
    // Column by column no row lies together: the whole is copied, and single numbers changed.
    const copied = array.columnMajor ? bytes.size : start;
    for await (const block of bytes.blocks(0, copied)) {
      for (const sink of sinks) await sink.write(block);
    }
    let first = 0;
    for await (const chunk of chunks) {
      for (const [t, sink] of sinks.entries()) {
        if (array.columnMajor) {
          const changes: [Uint8Array, number][] = [];
          eachFilled(chunk, t, width, (row, column, value) => {
            changes.push([encode(value), start + (column * rows + first + row) * size]);
          });
          for (const [own, position] of changes) await sink.patch(own, position);
          continue;
        }
        const rowBytes = width * size;
        const piece = await bytes.read(start + first * rowBytes, chunk.rows * rowBytes);
        eachFilled(chunk, t, width, (row, column, value) => {
          piece.set(encode(value), (row * width + column) * size);
        });
        await sink.write(piece);
      }
      first += chunk.rows;
    }
    for (const sink of sinks) await sink.close();
  } catch (cause) {
    for (const sink of sinks) await sink.abort();
    throw fileError(cause, path);
  }
}
