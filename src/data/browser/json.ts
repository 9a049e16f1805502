// Tables from JSON where there is no DuckDB. All records are looked at for the columns and their
// types; each reading walks over the text again.
import type { Chunk, ColumnInfo } from "../../fields/columns.ts";
import type { DataSource } from "../source.ts";
import { wantedColumns } from "../tables/columns-wanted.ts";
import { changedError, infiniteError, leftOutNotes, unequalLists } from "../tables/faults.ts";
import { noRecords } from "../tables/json-faults.ts";
import { precisionNote } from "../tables/parquet-faults.ts";
import { orderByName } from "../tables/same-columns.ts";
import { infiniteRow } from "../tables/vectors.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { isOdd, JsonSurvey, jsonValues } from "./json-columns.ts";
import { jsonRecords } from "./json-records.ts";

interface Surveyed {
  rows: number[];
  columns: Map<string, JsonSurvey>;
}

async function survey(files: readonly UnpackedFile[]): Promise<Surveyed> {
  const columns = new Map<string, JsonSurvey>();
  const rows: number[] = [];
  let row = 0;
  let first: string[] | undefined;
  for (const file of files) {
    const names = new Set<string>();
    const before = row;
    for await (const records of jsonRecords(file)) {
      for (const record of records) {
        row++;
        for (const name of Object.keys(record)) {
          names.add(name);
          const column = columns.get(name) ?? new JsonSurvey();
          columns.set(name, column);
          column.add(record[name], row);
        }
      }
    }
    if (row === before) throw noRecords(file.source);
    rows.push(row - before);
    first ??= [...names];
    orderByName(first, files[0]!.source, [...names], file.source);
  }
  return { rows, columns };
}

async function* readFile(
  file: UnpackedFile,
  expected: number,
  wanted: readonly ColumnInfo[],
): AsyncGenerator<Chunk> {
  const { source: path } = file;
  let seen = 0;
  for await (const records of jsonRecords(file)) {
    const columns = wanted.map((info) => {
      const values = jsonValues(info, records);
      if (isOdd(values)) {
        const where = { file: path, row: seen + values.row + 1, column: info.name };
        if (info.type !== "vector" || !Array.isArray(values.cell)) {
          throw changedError(path, where.row);
        }
        throw unequalLists(where, info.size, `${values.cell.length}`);
      }
      const infinite = infiniteRow(values, records.length);
      if (infinite < 0) return values;
      throw infiniteError(path, seen + infinite + 1, info.name, "Infinity");
    });
    seen += records.length;
    if (seen > expected) throw changedError(path);
    yield { rows: records.length, columns };
  }
  if (seen !== expected) throw changedError(path);
}

/**
 * JSON files of records (an array of objects, or one object a line; also gzip) as one table, as
 * `openJson` of Node reads them.
 * @param files of the same columns, by name.
 * @throws ElboError `json-damaged` with file and row, `data-empty`, `columns-differ`, `gzip-damaged`;
 * while reading `value-infinite` and `vector-length`.
 */
export async function jsonSource(
  files: readonly UnpackedFile[],
  source: string = files.map((file) => file.source).join(", "),
): Promise<DataSource> {
  const { rows, columns: surveys } = await survey(files);
  const columns: ColumnInfo[] = [];
  const left: { name: string; type: string }[] = [];
  const inexact: string[] = [];
  for (const [name, surveyed] of surveys) {
    const column = surveyed.column(name);
    if (typeof column === "string") left.push({ name, type: column });
    else columns.push(column);
    if (surveyed.inexact) inexact.push(name);
  }
  return {
    source,
    rows: rows.reduce((sum, count) => sum + count, 0),
    columns,
    notes: [...leftOutNotes(source, columns.length, left), ...precisionNote(inexact)],
    async *chunks(names) {
      const wanted = wantedColumns(source, columns, names).map((place) => columns[place]!);
      for (const [i, file] of files.entries()) yield* readFile(file, rows[i]!, wanted);
    },
  };
}
