// A file or other rows as what is compressed: byte for byte where that can be, else as values.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { ElboError } from "../../base/errors.ts";
import { fileError } from "../../base/file-errors.ts";
import { sizeOf } from "../../codec/columns.ts";
import type { CodedBlock, CodedContent } from "../../codec/contents/content.ts";
import { fileContent } from "../../codec/contents/file.ts";
import { linesBlock } from "../../codec/contents/lines.ts";
import { cellsType, checkedValues, denseRows, rowsBlock } from "../../codec/contents/rows.ts";
import { openUnpacked } from "../../data/file-bytes.ts";
import { recognize } from "../../data/recognize.ts";
import type { DataSource } from "../../data/source.ts";
import { readCsvHead } from "../../data/tables/csv-head.ts";
import { isGlob } from "../../data/tables/glob.ts";
import { isQuery } from "../../data/tables/query.ts";
import type { ColumnValues } from "../../fields/columns.ts";
import { isModelled } from "../../fields/field.ts";
import { joined } from "../rows.ts";
import { type Run, sourceFor } from "../run.ts";
import { keepsValues } from "./exact-values.ts";

export interface CompressSource extends CodedContent {
  name: string;
  /** Of what comes back, where it is a file; else of its values. */
  bytes: number;
  /** The file's bytes, by which other compressors are measured; null of rows. */
  file: Uint8Array | null;
  /** Said to the person: what comes back is less than was given. */
  notes: { code: string; message: string }[];
  /** Pixels, where there are any: what image formats are measured by. */
  pixels: { data: Uint8Array; height: number; width: number; channels: number } | null;
  close(): Promise<void>;
}

/** The largest file that is held in memory. */
const LARGEST_FILE = 2 ** 31 - 1;

async function fileOf(path: string): Promise<{ bytes: Uint8Array; packed: boolean }> {
  try {
    const raw = await readFile(path);
    const packed = raw[0] === 0x1f && raw[1] === 0x8b;
    return { bytes: packed ? gunzipSync(raw, { maxOutputLength: LARGEST_FILE }) : raw, packed };
  } catch (cause) {
    throw fileError(cause, path);
  }
}

const nothing = async () => {};

function bytesSource(
  path: string,
  bytes: Uint8Array,
  notes: CompressSource["notes"],
): CompressSource {
  return {
    ...fileContent(bytes, { kind: "bytes" }),
    name: basename(path),
    bytes: bytes.length,
    file: bytes,
    notes,
    pixels: null,
    close: nothing,
  };
}

/** Lines by the model's one text field; null where it has none, or they are not UTF-8. */
function linesSource(run: Run, path: string, bytes: Uint8Array): CompressSource | null {
  const fields = run.config.schema.fields.filter(
    (field) => isModelled(field) && field.kind === "text",
  );
  const [field, second] = fields;
  if (!field || second || bytes.length === 0 || !linesBlock(bytes)) return null;
  return {
    ...fileContent(bytes, { kind: "lines", name: field.name }),
    name: basename(path),
    bytes: bytes.length,
    file: bytes,
    notes: [],
    pixels: null,
    close: nothing,
  };
}

async function delimitedSource(path: string, bytes: Uint8Array, source: DataSource) {
  const { delimiter, hasHeader } = await readCsvHead(await openUnpacked(path));
  const columns = source.columns.map((info) => ({
    name: info.name,
    type: info.type === "number" && !info.boolean ? ("number" as const) : ("text" as const),
  }));
  return fileContent(bytes, { kind: "delimited", delimiter, header: hasHeader, columns });
}

/** A file of one array of bytes or float32, in the order of C; null: another one. */
async function arrayFile(bytes: Uint8Array, source: DataSource) {
  const [info, second] = source.columns;
  if (second || (info?.type !== "image" && info?.type !== "vector")) return null;
  const size = info.type === "vector" ? info.size : info.height * info.width * info.channels;
  const { rows } = source;
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 256));
  const isNpy = start.startsWith("\x93NUMPY");
  if (isNpy && !/'fortran_order': False/.test(start)) return null;
  const element = isNpy ? /'descr': '[<|]?(u1|f4)'/.exec(start)?.[1] : bytes[2] === 8 ? "u1" : "";
  if (element !== "u1" && element !== "f4") return null;
  const width = element === "u1" ? size : 4 * size;
  if (info.type === "image" ? element !== "u1" : element !== "f4") return null;
  return { head: bytes.length - rows * width, element, size } as const;
}

async function arraySource(bytes: Uint8Array, source: DataSource) {
  const file = await arrayFile(bytes, source);
  const [info] = source.columns;
  if (!file || !info) return null;
  const content = fileContent(bytes, { kind: "array", name: info.name, ...file });
  const pixels = info.type === "image" ? { data: bytes.subarray(file.head), ...info } : null;
  return { ...content, pixels };
}

/** Sparse rows with their zeros, so that they can be put one behind the other. */
const dense = (source: DataSource, values: ColumnValues, place: number): ColumnValues =>
  values.type === "sparse"
    ? { type: "vector", values: denseRows(source.columns[place]!, values) }
    : values;

/** Rows of any source, some at a time. */
async function* rowBlocks(source: DataSource, rows: number): AsyncGenerator<CodedBlock> {
  let held: { rows: number; columns: ColumnValues[] }[] = [];
  let count = 0;
  function flushed(): CodedBlock {
    const values = source.columns.map((_, i) => joined(held.map(({ columns }) => columns[i]!)));
    const block = rowsBlock(source.columns, values, count);
    held = [];
    count = 0;
    return { block, original: checkedValues(values) };
  }
  for await (const chunk of source.chunks()) {
    held.push({
      rows: chunk.rows,
      columns: chunk.columns.map((each, i) => dense(source, each, i)),
    });
    count += chunk.rows;
    if (count >= rows) yield flushed();
  }
  if (count > 0) yield flushed();
}

async function rowsSource(source: DataSource) {
  const floats = new Set<number>();
  for await (const { columns } of source.chunks()) {
    columns.forEach((each, i) => {
      if (each.type === "image" && each.values instanceof Float32Array) floats.add(i);
    });
    break;
  }
  return {
    content: { kind: "rows", info: source.columns } as const,
    columns: source.columns.map((info, i) => ({
      name: info.name,
      type: cellsType(info, floats.has(i)),
      ...sizeOf(info),
    })),
    blocks: (rows: number) => rowBlocks(source, rows),
  };
}

/** What tells that a file is no table or array that can be taken apart, and is coded as bytes instead. */
const unreadable = (error: unknown): error is ElboError =>
  error instanceof ElboError &&
  /^(csv-|npy-|idx-|array-|image-|data-empty|value-infinite|data-no-rows)/.test(error.code);

const withoutModel = (why: string) => ({
  code: "compress-bytes",
  message: `the file is coded as bytes, without the model: ${why}`,
});

/**
 * @param asRows values instead of the file's bytes.
 * @throws ElboError as opening data does.
 */
export async function compressSource(
  run: Run,
  data: string,
  asRows: boolean,
): Promise<CompressSource> {
  const isFile = !isQuery(data) && !isGlob(data) && !data.includes("#");
  const format = isFile ? await recognizeFile(data) : null;
  if (!asRows && (format === "txt" || format === "empty")) {
    const { bytes } = await fileOf(data);
    return linesSource(run, data, bytes) ?? bytesSource(data, bytes, []);
  }
  const inBytes = !asRows && (format === "csv" || format === "npy" || format === "idx");
  let source: DataSource;
  try {
    source = await sourceFor(run, data);
  } catch (error) {
    if (!inBytes || !unreadable(error)) throw error;
    const { bytes } = await fileOf(data);
    return bytesSource(data, bytes, [withoutModel(error.message)]);
  }
  const common = { name: basename(data), notes: [...source.notes], pixels: null };
  const close = async () => source.close?.();
  if (inBytes && source.windows === undefined) {
    const { bytes, packed } = await fileOf(data);
    const parts =
      format === "csv"
        ? await delimitedSource(data, bytes, source)
        : await arraySource(bytes, source);
    if (parts) {
      if (packed) {
        common.notes.push({
          code: "compress-unpacked",
          message: "the file is gzip: what it holds comes back, unpacked",
        });
      }
      return { ...common, bytes: bytes.length, file: bytes, ...parts, close };
    }
    if (format !== "csv" && !keepsValues(bytes, data, source.columns[0]!)) {
      await close();
      return bytesSource(data, bytes, [withoutModel("it holds numbers that float32 rounds")]);
    }
  }
  if (!asRows) {
    const singles = source.columns.some(({ type }) => type === "vector" || type === "image");
    common.notes.push({
      code: "compress-values",
      message: `the values of the rows come back${singles ? ", of arrays as float32 or bytes," : ""} and not the bytes of the file that they stood in`,
    });
  }
  return { ...common, bytes: 0, file: null, ...(await rowsSource(source)), close };
}

async function recognizeFile(path: string) {
  try {
    return await recognize(path);
  } catch (error) {
    if (error instanceof ElboError && error.code === "data-empty") return "empty";
    throw error;
  }
}
