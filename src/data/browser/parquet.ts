// Tables from Parquet where there is no DuckDB, by hyparquet: one row group of the columns wanted is
// in memory at a time.
import type { AsyncBuffer, Compressors, FileMetaData, ParquetScan, SchemaTree } from "hyparquet";
import { ElboError } from "../../base/errors.ts";
import type { Chunk, ColumnInfo } from "../../fields/columns.ts";
import type { ByteSource } from "../bytes.ts";
import { chunkRows } from "../chunking.ts";
import type { DataNote, DataSource } from "../source.ts";
import { wantedColumns } from "../tables/columns-wanted.ts";
import { infiniteError, leftOutNotes, noRowsError, unequalLists } from "../tables/faults.ts";
import {
  checkParquetEnds,
  endedEarly,
  noFooter,
  precisionNote,
  sortsDiffer,
} from "../tables/parquet-faults.ts";
import { orderByName } from "../tables/same-columns.ts";
import { infiniteRow } from "../tables/vectors.ts";
import {
  type Cells,
  columnValues,
  type ParquetColumn,
  parquetColumns,
  parsers,
  timeReader,
} from "./parquet-columns.ts";
import { checkPages, mostValues } from "./parquet-pages.ts";

interface ParquetPart {
  bytes: ByteSource;
  path: string;
  rows: number;
  root: SchemaTree;
  columns: ParquetColumn[];
  metadata: FileMetaData;
  compressors: Compressors;
  /** What `checkPages` has found sound: rows where groups begin, and columns. */
  sound: Set<string>;
  /** Opens it anew, so that what one reading has decoded goes with it. */
  scan(): Promise<ParquetScan>;
}

/** hyparquet unpacks Snappy itself; the other codecs are fetched where a file has them. */
async function compressorsFor(metadata: FileMetaData): Promise<Compressors> {
  const codecs = metadata.row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data }) => meta_data?.codec),
  );
  if (codecs.every((codec) => codec === "UNCOMPRESSED" || codec === "SNAPPY")) return {};
  const { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } =
    await import("hyparquet-compressors");
  return {
    BROTLI: decompressBrotli,
    GZIP: decompressGzip,
    LZ4: decompressLz4,
    LZ4_RAW: decompressLz4Raw,
    ZSTD: (input) => decompressZstd(input),
  };
}

function asyncBuffer(bytes: ByteSource): AsyncBuffer {
  return {
    byteLength: bytes.size,
    slice: async (start, end = bytes.size) => (await bytes.read(start, end - start)).buffer,
  };
}

async function openPart(bytes: ByteSource): Promise<ParquetPart> {
  const { source: path } = bytes;
  await checkParquetEnds(bytes);
  const { parquetMetadataAsync, parquetScan, parquetSchema } = await import("hyparquet");
  const file = asyncBuffer(bytes);
  try {
    const metadata = await parquetMetadataAsync(file, { parsers, geoparquet: false });
    const root = parquetSchema(metadata);
    const groupRows = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    const rows = groupRows.reduce((sum, count) => sum + count, 0);
    if (
      rows !== Number(metadata.num_rows) ||
      !groupRows.every((count) => count >= 0 && count <= mostValues)
    ) {
      throw new RangeError(`${metadata.num_rows} rows, and ${rows} in its row groups`);
    }
    const compressors = await compressorsFor(metadata);
    const scan = () => parquetScan({ file, metadata, parsers, compressors, geoparquet: false });
    const columns = parquetColumns(root);
    return { bytes, path, rows, root, columns, metadata, compressors, sound: new Set(), scan };
  } catch (cause) {
    throw cause instanceof ElboError ? cause : noFooter(path, cause);
  }
}

/** The path to a leaf of the schema, the root first. */
function leafPath(root: SchemaTree, names: readonly string[]): SchemaTree[] {
  const path = [root];
  for (const name of names) {
    const child = path.at(-1)!.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new RangeError(`${names.join(".")} is not in its schema`);
    path.push(child);
  }
  return path;
}

/** The cells of a column in a row group, after a look at its pages at the first time. */
async function readCells(
  part: ParquetPart,
  scan: ParquetScan,
  column: string,
  group: number,
): Promise<Cells> {
  const { bytes, metadata, root, compressors, sound } = part;
  const { rowStart, rowEnd } = scan.ranges[group]!;
  const key = `${rowStart} ${column}`;
  try {
    if (!sound.has(key)) {
      for (const { meta_data: meta } of filledGroups(metadata)[group]!.columns) {
        if (meta === undefined || meta.path_in_schema[0] !== column) continue;
        const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
        const length = Number(meta.total_compressed_size);
        if (!(start >= 0 && length >= 0 && start + length <= bytes.size)) {
          throw new RangeError("its pages lie outside the file");
        }
        const path = leafPath(root, meta.path_in_schema);
        await checkPages({ bytes: await bytes.read(start, length), meta, path, compressors });
      }
      sound.add(key);
    }
    const cells = await scan.readColumn({ column, rowStart, rowEnd });
    if (cells.length === rowEnd - rowStart) return cells;
    throw new RangeError(`${cells.length} of the group's ${rowEnd - rowStart} values are there`);
  } catch (cause) {
    throw cause instanceof ElboError ? cause : endedEarly(part.path, rowStart + 1, cause);
  }
}

/** The row groups of a scan's ranges. */
const filledGroups = (metadata: FileMetaData) =>
  metadata.row_groups.filter(({ num_rows }) => num_rows > 0);

/** Rows by whose lists it is decided whether a column of lists is one of vectors. */
const probedRows = 2048;

/** The length of a list column's rows, where the first rows have one length. */
async function listSize(part: ParquetPart, name: string): Promise<number | undefined> {
  const scan = await part.scan();
  const lengths = new Set<number>();
  for (const [group, { rowStart }] of scan.ranges.entries()) {
    if (rowStart >= probedRows) break;
    const cells = await readCells(part, scan, name, group);
    for (let row = 0; row < Math.min(cells.length, probedRows - rowStart); row++) {
      const list = cells[row] as ArrayLike<unknown> | null | undefined;
      if (list !== null && list !== undefined) lengths.add(list.length);
    }
  }
  const [size] = lengths;
  return lengths.size === 1 && size! > 0 ? size : undefined;
}

/** All files have the same columns, of the same sort. */
function checkSame(first: ParquetPart, other: ParquetPart): void {
  const names = (part: ParquetPart) => part.columns.map(({ name }) => name);
  const order = orderByName(names(first), first.path, names(other), other.path);
  first.columns.forEach(({ name, type, info, list }, i) => {
    const received = other.columns[order[i]!]!;
    if (info?.type === received.info?.type && list === received.list) return;
    throw sortsDiffer(name, { path: first.path, type }, { path: other.path, type: received.type });
  });
}

/** Integers beyond what float64 holds, by the statistics that the files keep. */
function precisionNotes(parts: readonly ParquetPart[]): DataNote[] {
  const wide = parts[0]!.columns.filter((column) => column.wide).map(({ name }) => name);
  const large = new Set<string>();
  for (const { columns } of parts.flatMap(({ metadata }) => metadata.row_groups)) {
    for (const { meta_data } of columns) {
      const { min_value, max_value, min, max } = meta_data?.statistics ?? {};
      const bounds = [min_value ?? min, max_value ?? max].map((bound) => Math.abs(Number(bound)));
      if (bounds.some((bound) => bound > Number.MAX_SAFE_INTEGER)) {
        large.add(meta_data!.path_in_schema[0]!);
      }
    }
  }
  return precisionNote(wide.filter((name) => large.has(name)));
}

/**
 * DuckDB packs differences of unsigned integers beyond what hyparquet 1.33 takes for 32 bits, and
 * then half of their range is lost: the statistics of the row group tell.
 */
function checkUnsigned(part: ParquetPart, name: string, group: number, cells: Cells): void {
  if (!part.columns.some((column) => column.name === name && column.unsigned)) return;
  const { columns } = filledGroups(part.metadata)[group]!;
  const meta = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
  if (!meta?.encodings.includes("DELTA_BINARY_PACKED")) return;
  let largest = 0;
  for (let row = 0; row < cells.length; row++) largest = Math.max(largest, Number(cells[row] ?? 0));
  const { max_value, max } = meta.statistics ?? {};
  // Statistics of 32 bits come with a sign.
  if (Number(max_value ?? max) >>> 0 === largest) return;
  throw new ElboError({
    code: "parquet-unsupported",
    message: `${part.path}, column ${JSON.stringify(name)}: its unsigned integers are packed in a way that is not read in a web page`,
    hint: "write the file as Parquet of version 1, or the column as BIGINT",
    where: { file: part.path, column: name },
  });
}

async function* readPart(part: ParquetPart, wanted: readonly ColumnInfo[]): AsyncGenerator<Chunk> {
  const { path, root } = part;
  const texts = wanted.map(({ name }) => timeReader(root, name));
  const rowBytes = wanted.reduce((sum, of) => sum + (of.type === "vector" ? 4 * of.size : 8), 0);
  const step = chunkRows(rowBytes);
  const scan = await part.scan();
  for (const [group, { rowStart, rowEnd }] of scan.ranges.entries()) {
    const columns: Cells[] = [];
    for (const { name } of wanted) {
      const cells = await readCells(part, scan, name, group);
      checkUnsigned(part, name, group, cells);
      columns.push(cells);
    }
    for (let from = 0; from < rowEnd - rowStart; from += step) {
      const to = Math.min(rowEnd - rowStart, from + step);
      const values = wanted.map((info, i) => {
        const where = (row: number) => ({ file: path, row: rowStart + row + 1, column: info.name });
        const column = columnValues(info, columns[i]!, from, to, texts[i]!);
        if (typeof column === "number") {
          const { length } = columns[i]![column] as ArrayLike<unknown>;
          throw unequalLists(where(column), (info as { size: number }).size, `${length}`);
        }
        const infinite = infiniteRow(column, to - from);
        if (infinite < 0) return column;
        throw infiniteError(path, where(from + infinite).row, info.name, "Infinity");
      });
      yield { rows: to - from, columns: values };
    }
  }
}

/**
 * Parquet files as one table, the rows of one file after the other's; what `openParquet` of Node
 * gives, but for columns of intervals, which are left out.
 * @throws ElboError `parquet-damaged`, `columns-differ`, `data-empty`, `columns-none`; while reading
 * `value-infinite` and `vector-length` with their rows.
 */
export async function parquetSource(
  files: readonly ByteSource[],
  source: string = files.map((file) => file.source).join(", "),
): Promise<DataSource> {
  const parts: ParquetPart[] = [];
  for (const file of files) {
    const part = await openPart(file);
    if (parts.length > 0) checkSame(parts[0]!, part);
    parts.push(part);
  }
  const [first] = parts as [ParquetPart];
  const columns: ColumnInfo[] = [];
  const left: ParquetColumn[] = [];
  for (const column of first.columns) {
    const size = column.list ? await listSize(first, column.name) : undefined;
    const vector = size === undefined ? null : ({ type: "vector", size, sparse: false } as const);
    const info = column.info ?? vector;
    if (info === null) left.push(column);
    else columns.push({ name: column.name, ...info });
  }
  const notes = [...leftOutNotes(source, columns.length, left), ...precisionNotes(parts)];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0) throw noRowsError(source);
  return {
    source,
    rows,
    columns,
    notes,
    async *chunks(names) {
      const wanted = wantedColumns(source, columns, names).map((place) => columns[place]!);
      for (const part of parts) yield* readPart(part, wanted);
    },
  };
}
