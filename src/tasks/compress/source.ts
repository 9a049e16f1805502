// A file or other rows as what is compressed: byte for byte where that can be, else as values.
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { ElboError } from "../../base/errors.ts";
import { fileError } from "../../base/file-errors.ts";
import type { CodedContent } from "../../codec/contents/content.ts";
import { fileContent } from "../../codec/contents/file.ts";
import { linesBlock } from "../../codec/contents/lines.ts";
import { openUnpacked } from "../../data/file-bytes.ts";
import { recognize } from "../../data/recognize.ts";
import type { DataSource, ExactRows } from "../../data/source.ts";
import { readCsvHead } from "../../data/tables/csv-head.ts";
import { isGlob } from "../../data/tables/glob.ts";
import { isQuery } from "../../data/tables/query.ts";
import { listed } from "../../data/words.ts";
import type { ColumnInfo } from "../../fields/columns.ts";
import { isModelled } from "../../fields/field.ts";
import { type Run, sourceFor } from "../run.ts";
import { arraySource } from "./array-file.ts";
import { type RowsPiece, rowsSource } from "./rows-source.ts";

export interface CompressSource extends CodedContent {
  name: string;
  /** Of what comes back, where it is a file; else of its values. */
  bytes: number;
  /** The file's bytes, by which other compressors are measured; null of rows. */
  file: Uint8Array | null;
  /** Rows and their columns, where no file comes back; null of files. */
  rows: { info: ColumnInfo[]; pieces(rows: number): AsyncIterable<RowsPiece> } | null;
  /** Said to the person: how what comes back differs from what was given. */
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
    rows: null,
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
    rows: null,
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

/** What tells that a file cannot be taken apart, and is coded as bytes instead. */
const unreadable = (error: unknown): error is ElboError =>
  error instanceof ElboError &&
  /^(csv-|npy-|npz-|zip-|idx-|mtx-|h5ad-|json-|parquet-|array-|image-|images-|columns-|data-empty|value-infinite|data-no-rows)/.test(
    error.code,
  );

const withoutModel = (why: string) => ({
  code: "compress-bytes",
  message: `the file is coded as bytes, without the model: ${why}`,
});

const hints = {
  file: "Leave --rows and the part's name out: the file's bytes come back then.",
  windows: "Compress by a run that was trained without --window, or a file: its bytes come back.",
  rows: "Choose by SQL what is to come back, or compress a file (a folder as a zip): its bytes come back.",
} as const;

/** What rows do not say of the data, and therefore cannot give back. */
function lostError(data: string, what: string, remedy: keyof typeof hints): ElboError {
  return new ElboError({
    code: "compress-lost",
    message: `an archive gives back what it was made of, and the rows of ${data} do not say all of it: ${what}`,
    hint: hints[remedy],
    kind: "usage",
  });
}

/** The rows of a source as they stand. */
const exactOf = (source: DataSource): ExactRows =>
  source.exact?.() ?? {
    columns: source.columns,
    chunks: () => source.chunks(),
    lost: async () =>
      source.windows ? ["the run takes them as windows of a series, which overlap"] : [],
  };

/** Parts of the data that are none of its rows, in words; null where there are none. */
const partsBeside = ({ beside = [] }: ExactRows) =>
  beside.length === 0 ? null : listed(beside, 6);

export interface SourceOptions {
  /** Values instead of the file's bytes. */
  rows?: boolean;
  /** Whether what the rows do not say is left out. */
  lossy?: boolean;
}

/** @throws ElboError as opening data does; `compress-lost` where rows would not come back as they are. */
export async function compressSource(
  run: Run,
  data: string,
  { rows: asRows = false, lossy = false }: SourceOptions = {},
): Promise<CompressSource> {
  const isPath = !isQuery(data) && !isGlob(data);
  const isFile = isPath && !data.includes("#");
  const format = isFile ? await recognizeFile(data) : null;
  const isWhole = isFile && !asRows && !(await isFolder(data));
  if (isWhole && (format === "txt" || format === "empty")) {
    const { bytes } = await fileOf(data);
    return linesSource(run, data, bytes) ?? bytesSource(data, bytes, []);
  }
  const asBytes = async (why: string) => {
    const { bytes, packed } = await fileOf(data);
    return bytesSource(data, bytes, [withoutModel(why), ...(packed ? [unpacked] : [])]);
  };
  let source: DataSource;
  try {
    source = await sourceFor(run, data);
  } catch (error) {
    if (isWhole && unreadable(error)) return asBytes(error.message);
    const isBeyond = error instanceof ElboError && error.code === "value-infinite";
    throw isBeyond && isFile && !lossy ? lostError(data, error.message, "file") : error;
  }
  const close = async () => source.close?.();
  // What is rounded for the model comes back as it stands.
  const notes = source.notes.filter(({ code }) => code !== "precision-lost");
  const common = { name: basename(data), notes, pixels: null, close };
  const inBytes = isWhole && (format === "csv" || format === "npy" || format === "idx");
  try {
    if (inBytes && source.windows === undefined) {
      const { bytes, packed } = await fileOf(data);
      const parts =
        format === "csv"
          ? await delimitedSource(data, bytes, source)
          : arraySource(bytes, data, source.columns);
      const told = packed ? [unpacked] : [];
      if (typeof parts === "string")
        return bytesSource(data, bytes, [withoutModel(parts), ...told]);
      notes.push(...told);
      return { ...common, bytes: bytes.length, file: bytes, rows: null, ...parts };
    }
    const exact = exactOf(source);
    const beside = partsBeside(exact);
    const lost = lossy ? [] : await exact.lost();
    if (isWhole && !lossy && beside !== null) {
      lost.push(`beside its rows stand ${beside} (--rows archives the rows alone)`);
    }
    if (lost.length > 0) {
      await close();
      const what = lost.join("; ");
      if (isWhole) return await asBytes(what);
      const inFile = isPath && !(await isFolder(data.replace(/#.*$/, "")));
      throw lostError(data, what, inFile ? "file" : source.windows ? "windows" : "rows");
    }
    if (beside !== null) {
      const message = `the rows alone are archived, and not what stands beside them: ${beside}`;
      notes.push({ code: "compress-beside", message });
    }
    if (!asRows) {
      notes.push({
        code: "compress-values",
        message:
          "the values of the rows come back, and not the bytes of the file that they stood in",
      });
    }
    return { ...common, bytes: 0, file: null, ...(await rowsSource(exact, source.rows)) };
  } catch (error) {
    await close();
    throw error;
  }
}

const unpacked = {
  code: "compress-unpacked",
  message: "the file is gzip: what it holds comes back, unpacked",
};

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function recognizeFile(path: string) {
  try {
    return await recognize(path);
  } catch (error) {
    if (error instanceof ElboError && error.code === "data-empty") return "empty";
    throw error;
  }
}
