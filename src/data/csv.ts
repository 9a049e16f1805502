// Tables from delimited text. DuckDB reads the cells as text, by settings that are all explicit;
// which columns are numeric is decided over the whole file, not over a sample of it.
import type { DuckDBConnection, DuckDBVector } from "@duckdb/node-api";
import { ElboError } from "../base/errors.ts";
import { checkGzip, isGzip, readBlocks } from "./blocks.ts";
import type { DataNote, DataSet } from "./dataset.ts";
import { countRows, sqlPath, sqlText, visitChunks, withDuckDB } from "./duckdb.ts";
import { collectRows } from "./rows.ts";
import {
  type CsvHead,
  encodingError,
  nulError,
  openQuoteError,
  readCsvHead,
} from "./tables/csv-head.ts";
import { scanText } from "./text-scan.ts";
import { counted } from "./words.ts";

/** Cells that mean "missing", compared without case and surrounding space. */
const missingWords = new Set(["", "na", "n/a", "nan", "-nan", "null", "none", "?"]);

/** The table function with the file's cells as text columns c0, c1, ... */
function source(path: string, head: CsvHead, packed: boolean): string {
  const columns = head.columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  return `read_csv(${sqlPath(path)}, auto_detect = false, columns = {${columns}},
    skip = ${head.blankLines}, header = ${head.hasHeader}, delim = ${sqlText(head.delimiter)}, quote = '"', escape = '"',
    comment = '', nullstr = '', encoding = 'utf-8', compression = '${packed ? "gzip" : "none"}',
    null_padding = false, ignore_errors = false, strict_mode = true, hive_partitioning = false)`;
}

interface ColumnCounts {
  numbers: number;
  /** Cells that are neither numbers nor missing. */
  texts: number;
  /** The first of them, and its row in the file. */
  example?: { text: string; row: number };
}

/**
 * A cell as a number; NaN where it is none. `1_000` is a number to DuckDB, not to people. One
 * mention of the column: planning takes time quadratic in the mentions.
 */
const asNumber = (i: number) =>
  `coalesce(TRY_CAST(replace(c${i}, '_', 'x') AS DOUBLE), 'nan'::DOUBLE)`;

/** Counts what a chunk's cells are; `before` is the file's rows before it. */
function countCells(
  count: ColumnCounts,
  numbers: DuckDBVector,
  texts: DuckDBVector,
  size: number,
  before: number,
): void {
  for (let row = 0; row < size; row++) {
    if (!Number.isNaN(numbers.getItem(row))) {
      count.numbers++;
      continue;
    }
    const text = texts.getItem(row) as string | null;
    if (text === null || missingWords.has(text.trim().toLowerCase())) continue;
    // A walk over the bytes finds where it is.
    if (text.includes("\0")) throw new Error("the file holds a NUL byte");
    count.texts++;
    count.example ??= { text: text.slice(0, 40), row: before + row + 1 };
  }
}

async function countColumns(connection: DuckDBConnection, from: string, head: CsvHead) {
  const counts = head.columns.map((): ColumnCounts => ({ numbers: 0, texts: 0 }));
  const rows = await countRows(connection, from);
  const cells = head.columns.flatMap((_, i) => [asNumber(i), `c${i}`]);
  let before = head.hasHeader ? 1 : 0;
  await visitChunks(connection, cells, from, rows, (vectors, size) => {
    counts.forEach((count, i) => {
      countCells(count, vectors[2 * i]!, vectors[2 * i + 1]!, size, before);
    });
    before += size;
  });
  return { counts, rows };
}

function columnNotes(head: CsvHead, counts: readonly ColumnCounts[]): DataNote[] {
  const described: string[] = [];
  head.columns.forEach((name, i) => {
    const { numbers, texts, example } = counts[i]!;
    const shown = JSON.stringify(name);
    if (texts > 0 && numbers > 0) {
      const first = `${JSON.stringify(example?.text)} in row ${example?.row}`;
      described.push(`${shown} (${counted(texts, "cell")} not numeric, the first ${first})`);
    } else if (texts > 0) described.push(shown);
    else if (numbers === 0) described.push(`${shown} (empty)`);
  });
  if (described.length === 0) return [];
  return [
    {
      code: "columns-left-out",
      message: `${counted(described.length, "column")} left out as not numeric: ${described.join(", ")}`,
    },
  ];
}

function noNumericColumn(path: string, head: CsvHead): ElboError {
  const names = head.columns.slice(0, 20).map((name) => JSON.stringify(name));
  const more = head.columns.length > 20 ? `, ... (${head.columns.length} in all)` : "";
  return new ElboError({
    code: "csv-no-numeric",
    message: `${path} has no numeric column; its columns are ${names.join(", ")}${more}`,
    hint: "a numeric column holds numbers or nothing in every row; check the delimiter and the decimal sign (a point)",
    where: { file: path },
  });
}

/** Why DuckDB could not read the file, found by a walk over its bytes. */
async function explain(cause: unknown, path: string, head: CsvHead): Promise<ElboError> {
  const expected = head.columns.length;
  const fault = await scanText(readBlocks(path), head.delimiter.charCodeAt(0), expected);
  if (fault?.kind === "nul") return nulError(path, fault.row);
  if (fault?.kind === "encoding") {
    return encodingError(path, fault.row, "ISO-8859-1 or Windows-1252");
  }
  if (fault?.kind === "quote-open") return openQuoteError(path, fault.row);
  if (fault?.kind === "quote-inside") {
    return new ElboError({
      code: "csv-quote",
      message: `${path}, row ${fault.row}: text follows the closing quote of a cell`,
      hint: 'double a " that belongs to the text',
      where: { file: path, row: fault.row },
    });
  }
  if (fault?.kind === "ragged") {
    return new ElboError({
      code: "csv-ragged",
      message: `${path}, row ${fault.row}: expected ${counted(expected, "column")} as in the first row, received ${fault.received}`,
      hint: "correct that row; a cell that holds the delimiter must stand in quotes",
      where: { file: path, row: fault.row },
    });
  }
  const [first] = String(cause instanceof Error ? cause.message : cause).split("\n");
  return new ElboError({
    code: "csv-unreadable",
    message: `${path} could not be read as delimited text: ${first}`,
    hint: "check the file around that line",
    where: { file: path },
    cause,
  });
}

/**
 * Reads a CSV or TSV file (also gzip) as a table of its numeric columns, float32, rows in order.
 * Rows with a missing cell among them are left out, other columns too; notes say which.
 */
export async function readCsv(path: string): Promise<DataSet> {
  const head = await readCsvHead(path);
  const packed = await isGzip(path);
  // DuckDB takes the start of a gzip file that was cut short for the whole of it.
  if (packed) await checkGzip(path);
  const from = source(path, head, packed);
  return withDuckDB(path, async (connection) => {
    try {
      const { counts, rows } = await countColumns(connection, from, head);
      const isNumeric = ({ numbers, texts }: ColumnCounts) => numbers > 0 && texts === 0;
      const numeric = head.columns.map((_, i) => i).filter((i) => isNumeric(counts[i]!));
      if (rows > 0 && numeric.length === 0) throw noNumericColumn(path, head);
      const names = numeric.map((i) => head.columns[i]!);
      const collector = collectRows(path, names, head.hasHeader ? 1 : 0, rows);
      if (rows > 0) {
        await visitChunks(connection, numeric.map(asNumber), from, rows, (vectors, size) => {
          for (let row = 0; row < size; row++) {
            collector.add((column) => vectors[column]!.getItem(row) as number);
          }
        });
      }
      return collector.finish(columnNotes(head, counts));
    } catch (cause) {
      throw cause instanceof ElboError ? cause : await explain(cause, path, head);
    }
  });
}
