// Tables from delimited text: csv and tsv, also gzip. A first walk over all cells decides what the
// columns are; each reading walks over the text again, so that memory does not grow with the file. Of a
// short text the cells, and then the rows, are kept.
import type { Chunk, ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import type { DataNote, DataSource } from "../source.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { CellTables } from "./cells/tables.ts";
import { wantedColumns } from "./columns-wanted.ts";
import { columnReader, type ScannedRows } from "./csv-columns.ts";
import { type CsvHead, readCsvHead } from "./csv-head.ts";
import { scanCsv } from "./csv-scan.ts";
import { type ColumnSurvey, emptySurvey, surveyColumn, surveyedType } from "./csv-survey.ts";
import { changedError, infiniteError, noRowsError } from "./faults.ts";
import { orderByName } from "./same-columns.ts";

interface CsvPart {
  file: UnpackedFile;
  head: CsvHead;
  /** Where the file has each of the source's columns. */
  order: number[];
  rows: number;
  /** Of a short text the cells that were found, until its rows are kept. */
  scanned?: ScannedRows[];
}

async function openParts(files: readonly UnpackedFile[]): Promise<CsvPart[]> {
  const parts: CsvPart[] = [];
  for (const file of files) {
    const head = await readCsvHead(file);
    const first = parts[0] ?? { file, head };
    const order = orderByName(first.head.columns, first.file.source, head.columns, file.source);
    parts.push({ file, head, order, rows: 0 });
  }
  return parts;
}

/** What a walk stands at, kept: its places are used again. */
function copyOf({ places, ...rest }: ScannedRows, width: number): ScannedRows {
  const count = places.rows * width;
  const [starts, ends] = [places.starts.slice(0, count), places.ends.slice(0, count)];
  return { ...rest, places: { ...places, starts, ends, doubled: places.doubled.slice(0, count) } };
}

/** Walks over all cells, and counts the rows of the parts on the way. */
async function survey(
  parts: readonly CsvPart[],
  tables: CellTables,
  columns: number,
  short: boolean,
): Promise<ColumnSurvey[]> {
  const all = Array.from({ length: columns }, (_, i) => i);
  const surveys = Array.from({ length: columns }, emptySurvey);
  for (const [index, part] of parts.entries()) {
    if (short) part.scanned = [];
    for await (const rows of scanCsv(part.file, part.head, index)) {
      part.rows += rows.places.rows - rows.first;
      tables.code(rows, part.order, all);
      surveys.forEach((survey, i) => {
        surveyColumn(survey, rows, part.order[i]!, columns);
      });
      part.scanned?.push(copyOf(rows, columns));
    }
  }
  return surveys;
}

function precisionNotes(
  columns: readonly ColumnInfo[],
  surveys: readonly ColumnSurvey[],
): DataNote[] {
  return surveys.flatMap(({ firstInexact }, i) => {
    if (columns[i]!.type !== "number" || firstInexact === undefined) return [];
    const { text, row } = firstInexact;
    return [
      {
        code: "precision-lost",
        message: `column ${JSON.stringify(columns[i]!.name)} holds integers too large for float64 (row ${row}: ${text} becomes ${BigInt(Number(text))})`,
      },
    ];
  });
}

/** Moments that milliseconds, of which microseconds are told apart, do not hold. */
const betweenMicros = (columns: readonly ColumnInfo[], surveys: readonly ColumnSurvey[]) =>
  columns.flatMap(({ name, type }, i) => {
    const { firstBetween } = surveys[i]!;
    if (type !== "time" || firstBetween === undefined) return [];
    const { row, text } = firstBetween;
    return [
      `column ${JSON.stringify(name)} holds times between microseconds (row ${row}: ${text})`,
    ];
  });

async function* readParts(
  parts: readonly CsvPart[],
  columns: readonly ColumnInfo[],
  tables: CellTables,
  wanted: readonly number[],
): AsyncGenerator<Chunk> {
  for (const [index, part] of parts.entries()) {
    const width = part.head.columns.length;
    const { order } = part;
    const readers = wanted.map((table) =>
      columnReader(columns[table]!, { tables, table, column: order[table]!, width }),
    );
    let seen = 0;
    for await (const scanned of part.scanned ?? scanCsv(part.file, part.head, index)) {
      if (part.scanned === undefined) tables.code(scanned, order, wanted);
      const values = readers.map((read): ColumnValues => {
        const column = read(scanned);
        if ("changedRow" in column) throw changedError(part.file.source, column.changedRow);
        return column;
      });
      const rows = scanned.places.rows - scanned.first;
      seen += rows;
      if (seen > part.rows) throw changedError(part.file.source);
      yield { rows, columns: values };
    }
    if (seen !== part.rows) throw changedError(part.file.source);
  }
}

/** Texts of so many bytes are walked over once. */
const keptBytes = 1 << 23;

/** Reads columns of a table, by their places. */
type ReadColumns = (wanted: readonly number[]) => AsyncIterable<Chunk>;

/** The same rows, of which those of all `width` columns are read once and kept. `then` it is told. */
function keeping(width: number, read: ReadColumns, then: () => void): ReadColumns {
  let kept: Chunk[] | undefined;
  const all = Array.from({ length: width }, (_, i) => i);
  async function* readAll(): AsyncGenerator<Chunk> {
    const chunks: Chunk[] = [];
    for await (const chunk of read(all)) {
      chunks.push(chunk);
      yield chunk;
    }
    kept = chunks;
    then();
  }
  return async function* some(wanted) {
    if (kept === undefined && new Set(wanted).size < width) {
      yield* read(wanted);
      return;
    }
    for await (const { rows, columns } of kept ?? readAll()) {
      yield { rows, columns: wanted.map((i) => columns[i]!) };
    }
  };
}

/** The file of a row of the source, and its row there: blank lines are not counted. */
function locate(parts: readonly CsvPart[], row: number): { file: string; row: number } {
  let before = 0;
  for (const { file, head, rows } of parts) {
    const within = row - before;
    if (within <= rows) return { file: file.source, row: within + (head.hasHeader ? 1 : 0) };
    before += rows;
  }
  throw new Error(`row ${row} of ${before}`);
}

/**
 * Opens csv or tsv files (also gzip) as one table, the rows of one file after the other's.
 * Whether a column is numbers, times or texts, all of its cells decide; whole numbers of which some have
 * zeros in front, as codes have, are texts. A cell is missing where it
 * is empty or says NA, N/A, NaN, null, none or `?`.
 * @param files of the same columns, by name.
 * @throws ElboError that names file and row: text that is no table of UTF-8 (`csv-...`), damaged
 * gzip, an infinite number (`value-infinite`), no rows (`data-empty`), other columns
 * (`columns-differ`).
 */
export async function csvSource(
  files: readonly UnpackedFile[],
  source: string = files.map((file) => file.source).join(", "),
): Promise<DataSource> {
  const parts = await openParts(files);
  const names = parts[0]!.head.columns;
  const short = parts.reduce((sum, { file }) => sum + file.bound, 0) <= keptBytes;
  const tables = new CellTables(names.length);
  const surveys = await survey(parts, tables, names.length, short);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0) throw noRowsError(source);
  const columns = names.map((name, i) => ({ name, ...surveyedType(surveys[i]!) }));
  surveys.forEach(({ firstInfinite }, i) => {
    if (firstInfinite === undefined || columns[i]!.type !== "number") return;
    const { part, row, text } = firstInfinite;
    throw infiniteError(parts[part]!.file.source, row, names[i]!, text);
  });
  const notes = precisionNotes(columns, surveys);
  const all = columns.map((_, i) => i);
  const forget = () => {
    for (const part of parts) delete part.scanned;
  };
  const reading = (infos: ColumnInfo[]): DataSource => {
    const walk: ReadColumns = (wanted) => readParts(parts, infos, tables, wanted);
    const read = short ? keeping(infos.length, walk, forget) : walk;
    return {
      source,
      rows,
      columns: infos,
      notes,
      locate: (row) => locate(parts, row),
      chunks: (wanted) => read(wantedColumns(source, infos, wanted)),
      exact: () => ({
        columns: infos,
        chunks: () => read(all),
        lost: async () => [
          ...notes.map(({ message }) => message),
          ...betweenMicros(infos, surveys),
        ],
      }),
      asTexts: (texts) =>
        reading(
          infos.map((info) =>
            texts.includes(info.name) ? { name: info.name, type: "text" } : info,
          ),
        ),
    };
  };
  return reading(columns);
}
