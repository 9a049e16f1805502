// Arrays as NumPy's .npz, one after the other. Rows come for all arrays at once, so that beyond a few
// MiB they wait in a file of parts beside the output.
import { type FileHandle, open, rm } from "node:fs/promises";
import { temporaryBeside } from "../../base/files.ts";
import { readPart } from "../../base/read-part.ts";
import { type Cell, isMissing, type TableColumn, type TableValues } from "./columns.ts";
import {
  arrayOf,
  byteOrder,
  bytesOf,
  descriptions,
  npyHeader,
  numberBytes,
  numberType,
  placeNumbers,
} from "./npy.ts";
import { openSink } from "./sink.ts";
import { daysOf, microsOf } from "./times.ts";
import type { Output } from "./writer.ts";
import { checkEntryNames, checkZipSize, zipTo } from "./zip.ts";

/** An array `(rows, ...inner)`. */
export interface NpzArray {
  name: string;
  /** NumPy's name of the type; "text" for strings, which come as UTF-8 of a JSON array. */
  description: string;
  inner: readonly number[];
}

/** A part of an array: in memory, or a place in the file of parts. */
type Part = Uint8Array | { position: number; length: number };

/** What is held before it goes to the file of parts. */
const heldLimit = 8 << 20;

/** The parts of several arrays, in order. */
function partsBeside(path: string, arrays: number) {
  const parts: Part[][] = Array.from({ length: arrays }, () => []);
  let held = 0;
  let file: { name: string; handle: FileHandle; size: number } | undefined;

  async function spill(): Promise<void> {
    if (file === undefined) {
      const name = temporaryBeside(path);
      file = { name, handle: await open(name, "wx+"), size: 0 };
    }
    for (const [i, own] of parts.entries()) {
      const fresh = own.filter((part) => part instanceof Uint8Array);
      if (fresh.length === 0) continue;
      const bytes = Buffer.concat(fresh);
      parts[i] = own.filter((part) => !(part instanceof Uint8Array));
      parts[i].push({ position: file.size, length: bytes.length });
      await file.handle.writeFile(bytes);
      file.size += bytes.length;
    }
    held = 0;
  }

  return {
    /** Keeps `bytes`. */
    async add(array: number, bytes: Uint8Array): Promise<void> {
      parts[array]!.push(bytes);
      held += bytes.length;
      if (held > heldLimit) await spill();
    },
    async *of(array: number): AsyncGenerator<Uint8Array> {
      for (const part of parts[array]!) {
        yield part instanceof Uint8Array
          ? part
          : await readPart(file!.handle, part.position, part.length, file!.name);
      }
    },
    async remove(): Promise<void> {
      await file?.handle.close().catch(() => undefined);
      if (file !== undefined) await rm(file.name, { force: true }).catch(() => undefined);
    },
  };
}

/** The texts of parts, as NumPy's strings of `width` characters of four bytes. */
async function* characters(parts: AsyncIterable<Uint8Array>, width: number) {
  for await (const part of parts) {
    for (const line of Buffer.from(part).toString("utf8").split("\n")) {
      if (line === "") continue;
      const texts = JSON.parse(line) as string[];
      const codes = new Uint32Array(texts.length * width);
      texts.forEach((text, row) => {
        codes.set(
          Array.from(text, (character) => character.codePointAt(0)!),
          row * width,
        );
      });
      yield bytesOf(codes);
    }
  }
}

async function* withHeader(header: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield header;
  yield* rest;
}

/** An archive of arrays of equal length; a part is the bytes or the texts of each. */
export async function npzFile(
  path: string,
  arrays: readonly NpzArray[],
): Promise<Output<[readonly (Uint8Array | readonly string[])[], number]>> {
  const entries = arrays.map(({ name }) => `${name}.npy`);
  checkEntryNames(entries, path);
  checkZipSize(path, 0, arrays.length);
  const sink = await openSink(path);
  const parts = partsBeside(path, arrays.length);
  /** Code points of the longest text; NumPy has none of no characters. */
  const widths = arrays.map(() => 1);
  const sizes = arrays.map(() => 0);
  let written = 0;

  async function addArray(zip: ReturnType<typeof zipTo>, i: number): Promise<void> {
    const { description, inner } = arrays[i]!;
    const isText = description === "text";
    const width = widths[i]!;
    const header = npyHeader(isText ? `${byteOrder}U${width}` : description, [written, ...inner]);
    const size = header.length + (isText ? written * width * 4 : sizes[i]!);
    const data = isText ? characters(parts.of(i), width) : parts.of(i);
    await zip.add(entries[i]!, size, withHeader(header, data));
  }

  return {
    async write(values, rows) {
      for (const [i, value] of values.entries()) {
        if (value instanceof Uint8Array) {
          sizes[i]! += value.length;
          await parts.add(i, value);
          continue;
        }
        for (const text of value) {
          if (text.length > widths[i]!) widths[i] = Math.max(widths[i]!, Array.from(text).length);
        }
        await parts.add(i, Buffer.from(`${JSON.stringify(value)}\n`));
      }
      written += rows;
      checkZipSize(
        path,
        sizes.reduce((sum, size) => sum + size, 0),
        arrays.length,
      );
    },
    async close() {
      const zip = zipTo(sink, path);
      for (let i = 0; i < arrays.length; i++) await addArray(zip, i);
      await zip.finish();
      await parts.remove();
      await sink.close();
    },
    async abort() {
      await parts.remove();
      await sink.abort();
    },
  };
}

/** NumPy's "not a time". */
const missingTime = -(2n ** 63n);

/** NumPy's name of a column's type, or "text". */
export function columnDescription({ type }: TableColumn): string {
  if (type === "text") return "text";
  if (type === "time") return `${byteOrder}M8[us]`;
  if (type === "date") return `${byteOrder}M8[D]`;
  return descriptions[numberType(type)!];
}

/** A column's values as bytes of its array, or its texts. */
export function columnPart(column: TableColumn, values: TableValues): Uint8Array | string[] {
  const cells: ArrayLike<Cell> = values;
  if (column.type === "text") return Array.from(cells, (value) => String(value ?? ""));
  const type = numberType(column.type);
  if (type === undefined) {
    const whole = column.type === "date" ? (ms: number) => BigInt(daysOf(ms)) : microsOf;
    return bytesOf(
      BigInt64Array.from(
        Array.from(cells, (value) => (isMissing(value) ? missingTime : whole(Number(value)))),
      ),
    );
  }
  const numbers = arrayOf(type, values.length);
  placeNumbers(column, values, numbers);
  return numberBytes(type, numbers);
}

/** One array for each column, under its name; times are datetime64. */
export async function npzTable(
  path: string,
  columns: readonly TableColumn[],
): Promise<Output<[readonly TableValues[], number]>> {
  const arrays = columns.map((column) => ({
    name: column.name,
    description: columnDescription(column),
    inner: [],
  }));
  const file = await npzFile(path, arrays);
  return {
    write: (values, rows) =>
      file.write(
        columns.map((column, i) => columnPart(column, values[i]!)),
        rows,
      ),
    close: () => file.close(),
    abort: () => file.abort(),
  };
}
