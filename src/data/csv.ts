// Tables from delimited text. DuckDB reads the cells as text, by settings that are all explicit;
// which columns are numeric is decided over the whole file, not over a sample of it.
import type { DuckDBConnection } from "@duckdb/node-api";
import { ElboError } from "../base/errors.ts";
import { checkGzip, isGzip, readBlocks } from "./blocks.ts";
import { type CsvHead, encodingError, nulError, openQuoteError, readCsvHead } from "./csv-head.ts";
import type { DataNote, DataSet } from "./dataset.ts";
import { sqlPath, sqlText, withDuckDB } from "./duckdb.ts";
import { collectRows, counted } from "./rows.ts";
import { scanText } from "./text-scan.ts";

/** Cells that mean "missing", compared without case and surrounding space. */
const missingWords = ["", "na", "n/a", "nan", "-nan", "null", "none", "?"];

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
  texts: number;
  /** One of its cells that are no numbers. */
  example: string | null;
}

/** What DuckDB takes for a number and people do not: `1_000` and `+-1`. */
const notNumeral = (i: number) => `contains(c${i}, '_') OR contains(c${i}, '+-')`;

async function countColumns(connection: DuckDBConnection, from: string, head: CsvHead) {
  const words = missingWords.map(sqlText).join(", ");
  const isText = (i: number) =>
    `CASE WHEN c${i} IS NULL THEN false WHEN d${i} IS NOT NULL THEN ${notNumeral(i)}
      ELSE lower(trim(c${i})) NOT IN (${words}) END`;
  const cells = head.columns.map((_, i) => `c${i}, TRY_CAST(c${i} AS DOUBLE) AS d${i}`);
  const counts = head.columns.map(
    (_, i) => `count(*) FILTER (WHERE d${i} IS NOT NULL AND NOT isnan(d${i})),
      count(*) FILTER (WHERE ${isText(i)}), min(left(c${i}, 40)) FILTER (WHERE ${isText(i)}),
      count(*) FILTER (WHERE ${isText(i)} AND contains(c${i}, chr(0)))`,
  );
  const sql = `SELECT count(*), ${counts.join(", ")} FROM (SELECT ${cells.join(", ")} FROM ${from})`;
  const [row] = (await connection.runAndReadAll(sql)).getRows();
  const columns = head.columns.map((_, i): ColumnCounts & { nuls: number } => ({
    numbers: Number(row![1 + 4 * i]),
    texts: Number(row![2 + 4 * i]),
    example: row![3 + 4 * i] as string | null,
    nuls: Number(row![4 + 4 * i]),
  }));
  return { rows: Number(row![0]), columns };
}

function columnNotes(head: CsvHead, counts: readonly ColumnCounts[]): DataNote[] {
  const described: string[] = [];
  head.columns.forEach((name, i) => {
    const { numbers, texts, example } = counts[i]!;
    const shown = JSON.stringify(name);
    if (texts > 0 && numbers > 0) {
      const cells = counted(texts, "cell");
      described.push(`${shown} (${cells} not numeric, such as ${JSON.stringify(example)})`);
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
  return withDuckDB(async (connection) => {
    try {
      const { columns: counts, rows } = await countColumns(connection, from, head);
      // A walk over the bytes finds where the NUL is.
      if (counts.some(({ nuls }) => nuls > 0)) throw new Error("the file holds a NUL byte");
      const isNumeric = ({ numbers, texts }: ColumnCounts) => numbers > 0 && texts === 0;
      const numeric = head.columns.map((_, i) => i).filter((i) => isNumeric(counts[i]!));
      if (rows > 0 && numeric.length === 0) throw noNumericColumn(path, head);
      const names = numeric.map((i) => head.columns[i]!);
      const collector = collectRows(path, names, head.hasHeader ? 1 : 0);
      if (rows > 0) {
        // No nulls: the reader of a chunk is much faster without them.
        const cells = numeric.map((i) => `coalesce(TRY_CAST(c${i} AS DOUBLE), 'nan'::DOUBLE)`);
        const result = await connection.stream(`SELECT ${cells.join(", ")} FROM ${from}`);
        for await (const chunk of result) {
          const vectors = numeric.map((_, column) => chunk.getColumnVector(column));
          for (let row = 0; row < chunk.rowCount; row++) {
            collector.add((column) => vectors[column]!.getItem(row) as number);
          }
        }
      }
      return collector.finish(columnNotes(head, counts));
    } catch (cause) {
      throw cause instanceof ElboError ? cause : await explain(cause, path, head);
    }
  });
}
