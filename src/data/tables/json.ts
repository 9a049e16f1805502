// Tables from JSON: an array of objects, or one object a line (ndjson). All records are looked at
// for the columns and their types; the rows are then kept in a file of columns, since to read JSON
// again costs more than the file.
import { ElboError } from "../../base/errors.ts";
import {
  type Database,
  openDatabase,
  readingMemory,
  sqlName,
  sqlPath,
  withDatabase,
} from "../duckdb.ts";
import { fileBytes, openUnpacked } from "../file-bytes.ts";
import type { DataSource } from "../source.ts";
import { checkUnpacks, isGzip, type UnpackedFile } from "../unpacked.ts";
import { damagedJson, noRecords, notObjects, recordLimit } from "./json-faults.ts";
import { roundedIntegers } from "./json-integers.ts";
import { digits, mixedJson } from "./lost.ts";
import { parquetRelation } from "./parquet.ts";
import { precisionNote } from "./parquet-faults.ts";
import { describe, type NamedType, relationSource } from "./relation.ts";
import { orderByName } from "./same-columns.ts";
import { spool } from "./spool.ts";
import { isHuge, sqlColumn } from "./sql-types.ts";
import { emptyTexts, largeColumns } from "./survey-sql.ts";

/** In the place of the formats that DuckDB would try, of which it guesses: texts stay texts. */
const noDates = "'%Y %Y %Y'";

/** @param columns a struct of their types; default those that all records tell. */
function readJson(paths: readonly string[], packed: boolean, columns?: string): string {
  const types = columns === undefined ? "" : `, columns = ${columns}`;
  return `read_json([${paths.map(sqlPath).join(", ")}], sample_size = -1, records = true,
    union_by_name = ${paths.length > 1}, maximum_object_size = ${recordLimit},
    map_inference_threshold = -1, compression = '${packed ? "gzip" : "uncompressed"}',
    dateformat = ${noDates}, timestampformat = ${noDates}, hive_partitioning = false${types})`;
}

function damaged(paths: readonly string[], cause: unknown): ElboError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const path = /in file "([^"]*)"/.exec(message)?.[1] ?? paths.join(", ");
  const [, sort, number] = /in (line|record\/value) (\d+)/.exec(message) ?? [];
  // DuckDB 1.5 has read past the record when it finds it malformed.
  const past = message.includes("Malformed JSON") ? 1 : 0;
  const row = number === undefined ? undefined : Number(number) - past;
  const place = row === undefined ? "" : `, ${sort === "line" ? "line" : "record"} ${row}`;
  const reason = /expected records/.test(message)
    ? notObjects
    : /(?:in (?:line|record\/value) \d+): (.*?)\.?\s*(?:\n|$)/.exec(message)?.[1];
  return damagedJson(path, place, row, reason ?? message.split("\n")[0]!, cause);
}

async function columnTypes(database: Database, paths: readonly string[], packed: boolean) {
  const read = async (some: readonly string[]) => {
    try {
      return await describe(database, readJson(some, packed));
    } catch (cause) {
      throw damaged(some, cause);
    }
  };
  const names = (types: readonly NamedType[]) => types.map(({ name }) => name);
  const first = await read(paths.slice(0, 1));
  for (const path of paths.slice(1)) {
    orderByName(names(first), paths[0]!, names(await read([path])), path);
  }
  return paths.length === 1 ? first : read(paths);
}

/** Whether a file is blank or an empty array. */
async function isEmpty(file: UnpackedFile): Promise<boolean> {
  let start = "";
  for await (const block of file.blocks()) {
    start += Buffer.from(block).toString("latin1");
    if (start.length > 1 << 16) return false;
  }
  return /^(\xef\xbb\xbf)?\s*(\[\s*\])?\s*$/.test(start);
}

async function checkFiles(paths: readonly string[]): Promise<boolean> {
  const packed = await Promise.all(paths.map(async (path) => isGzip(await fileBytes(path))));
  for (const [i, path] of paths.entries()) {
    const file = await openUnpacked(path);
    if (await isEmpty(file)) throw noRecords(path);
    // DuckDB takes the start of a gzip file that was cut short for the whole of it.
    if (packed[i]) await checkUnpacks(file);
  }
  if (new Set(packed).size > 1) {
    throw new ElboError({
      code: "columns-differ",
      message: `files read as one table are all gzip or none: ${paths.join(", ")}`,
      hint: "unpack them, or name fewer files",
      where: { file: paths[0]! },
    });
  }
  return packed[0]!;
}

/** The table expression with JSON of several types as the text that stands there. */
function unquoted(read: string, types: readonly NamedType[]): string {
  const mixed = types.filter(({ type }) => type === "JSON").map(({ name }) => sqlName(name));
  if (mixed.length === 0) return read;
  const replaced = mixed.map((name) => `${name} ->> '$' AS ${name}`);
  return `(SELECT * REPLACE (${replaced.join(", ")}) FROM ${read})`;
}

async function store(database: Database, paths: readonly string[], packed: boolean) {
  const types = await columnTypes(database, paths, packed);
  try {
    const read = unquoted(readJson(paths, packed), types);
    return { stored: await spool(database, read, types.length), types };
  } catch (cause) {
    throw cause instanceof ElboError ? cause : damaged(paths, cause);
  }
}

/**
 * Opens JSON files of records (also gzip) as one table. A column of numbers and words comes as
 * text, and so do times, which JSON does not know: see ../reading. `close` removes the file in which the rows are kept, as does the end of the process.
 * @param paths files of the same columns, by name.
 * @throws ElboError `json-damaged` with file and line, `data-empty`, `columns-differ`, `gzip-damaged`.
 */
export async function openJson(
  paths: readonly string[],
  source: string = paths.join(", "),
): Promise<DataSource> {
  const packed = await checkFiles(paths);
  const { stored, types } = await withDatabase(source, (maker) => store(maker, paths, packed));
  let database: Database | undefined;
  try {
    database = await openDatabase(source, readingMemory);
    const relation = await parquetRelation(database, [stored.path], source);
    const empty = await emptyTexts(database, relation.from, relation.columns);
    const mixed = types.filter(({ type }) => type === "JSON").map(({ name }) => name);
    const huge = types.filter(({ type }) => isHuge(type));
    const large = await largeColumns(database, relation.from, huge);
    const read = (columns: string) => readJson(paths, packed, columns);
    const { from } = relation;
    const opened = database;
    const lost = async () => {
      const rounded = await roundedIntegers(opened, from, types, read);
      return [...digits([...large, ...rounded]), ...mixedJson(mixed)];
    };
    return relationSource({
      ...relation,
      columns: relation.columns.map((column) =>
        empty.has(column.info.name) ? sqlColumn(column.info.name, '"NULL"')! : column,
      ),
      notes: [...relation.notes, ...precisionNote(large)],
      lost,
      locate: (row) => ({ file: source, row: row + 1 }),
      broken: (rows, cause) => damaged([source], cause ?? `its stored rows ended after ${rows}`),
      remove: stored.remove,
    });
  } catch (cause) {
    database?.close();
    await stored.remove();
    throw cause;
  }
}
