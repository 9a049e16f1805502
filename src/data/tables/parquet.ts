// Tables from Parquet. Opening reads the footers alone: what the cells hold is met while reading.
import { type FileHandle, open } from "node:fs/promises";
import { ElboError } from "../../base/errors.ts";
import { fileError } from "../../base/file-errors.ts";
import {
  type Database,
  openDatabase,
  readingMemory,
  rowsOf,
  sqlPath,
  sqlText,
  withConnection,
} from "../duckdb.ts";
import type { DataNote, DataSource } from "../source.ts";
import { counted, listed } from "../words.ts";
import { describe, type NamedType, relationColumns, relationSource } from "./relation.ts";
import { orderByName } from "./same-columns.ts";
import { isWideInteger, sqlColumn } from "./sql-types.ts";

function damaged(path: string, what: string, cause?: unknown): ElboError {
  return new ElboError({
    code: "parquet-damaged",
    message: `${path} is no whole Parquet file: ${what}`,
    hint: "fetch or write the file again; it was probably cut short",
    where: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}

const shortest = 12;

/** A file cut short lacks the mark at its end, where its table of contents stands. */
async function checkEnds(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const { size } = await handle.stat();
    const marks = Buffer.alloc(8);
    if (size >= shortest) {
      await handle.read(marks, 0, 4, 0);
      await handle.read(marks, 4, 4, size - 4);
    }
    const [first, last] = [marks.toString("latin1", 0, 4), marks.toString("latin1", 4)];
    if (first === "PARE" || last === "PARE") throw damaged(path, "it is encrypted");
    if (first !== "PAR1") throw damaged(path, "it does not begin as one");
    if (last !== "PAR1") throw damaged(path, "its end is missing");
  } catch (cause) {
    throw fileError(cause, path);
  } finally {
    await handle?.close();
  }
}

const firstLine = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!;

async function footerOf(database: Database, path: string) {
  await checkEnds(path);
  try {
    const types = await describe(
      database,
      `read_parquet(${sqlPath(path)}, hive_partitioning = false)`,
    );
    const sql = `SELECT num_rows FROM parquet_file_metadata(${sqlPath(path)})`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    return { path, types, rows: Number(row!["num_rows"]) };
  } catch (cause) {
    throw damaged(path, `its table of contents cannot be read (${firstLine(cause)})`, cause);
  }
}

type Footer = Awaited<ReturnType<typeof footerOf>>;

/** All files have the same columns, of the same sort. */
function checkSame(first: Footer, other: Footer): void {
  const names = (footer: Footer) => footer.types.map(({ name }) => name);
  const order = orderByName(names(first), first.path, names(other), other.path);
  first.types.forEach(({ name, type }, i) => {
    const received = other.types[order[i]!]!.type;
    const sort = (of: string) => sqlColumn(name, of)?.info.type;
    if (sort(type) === sort(received)) return;
    throw new ElboError({
      code: "columns-differ",
      message: `files read as one table have the same columns: ${JSON.stringify(name)} is ${received} in ${other.path} and ${type} in ${first.path}`,
      hint: "name fewer files, or convert the column by SQL",
      where: { file: other.path, column: name },
    });
  });
}

/** Integers beyond what float64 holds, by the statistics that the files keep. */
async function precisionNotes(
  database: Database,
  paths: readonly string[],
  types: readonly NamedType[],
): Promise<DataNote[]> {
  const wide = types.filter(({ type }) => isWideInteger(type)).map(({ name }) => name);
  if (wide.length === 0) return [];
  const list = `[${paths.map(sqlPath).join(", ")}]`;
  const largest =
    "greatest(abs(TRY_CAST(stats_min_value AS DOUBLE)), abs(TRY_CAST(stats_max_value AS DOUBLE)))";
  const sql = `SELECT path_in_schema AS name, max(${largest}) AS largest FROM parquet_metadata(${list})
    WHERE path_in_schema IN (${wide.map(sqlText).join(", ")}) GROUP BY ALL`;
  const rows = await withConnection(database, (connection) => rowsOf(connection, sql));
  const inexact = rows
    .filter(({ largest }) => Number(largest) > Number.MAX_SAFE_INTEGER)
    .map(({ name }) => String(name));
  return precisionNote(wide.filter((name) => inexact.includes(name)));
}

/** The note that columns of these names are rounded. */
export function precisionNote(names: readonly string[]): DataNote[] {
  if (names.length === 0) return [];
  const message = `${counted(names.length, "column")} of integers too large for float64, which are rounded: ${listed(names)}`;
  return [{ code: "precision-lost", message }];
}

/**
 * Opens Parquet files as one table, the rows of one file after the other's.
 * @param paths files of the same columns, by name.
 * @throws ElboError that names the file: cut short or damaged (`parquet-damaged`), other columns
 * (`columns-differ`), no rows (`data-empty`). Infinite numbers (`value-infinite`, with their row)
 * are met while reading.
 */
export async function openParquet(
  paths: readonly string[],
  source: string = paths.join(", "),
): Promise<DataSource> {
  const database = await openDatabase(source, readingMemory);
  try {
    return relationSource(await parquetRelation(database, paths, source));
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Parquet files as a relation of a database. */
export async function parquetRelation(
  database: Database,
  paths: readonly string[],
  source: string,
) {
  const footers: Footer[] = [];
  for (const path of paths) {
    const footer = await footerOf(database, path);
    if (footers.length > 0) checkSame(footers[0]!, footer);
    footers.push(footer);
  }
  const list = `[${paths.map(sqlPath).join(", ")}]`;
  const from = `read_parquet(${list}, union_by_name = ${paths.length > 1}, hive_partitioning = false)`;
  const types = paths.length === 1 ? footers[0]!.types : await describe(database, from);
  const { columns, notes } = await relationColumns(database, from, types, source);
  const locate = (row: number) => {
    let rest = row;
    for (const { path, rows } of footers) {
      if (rest < rows) return { file: path, row: rest + 1 };
      rest -= rows;
    }
    return { file: paths.at(-1)!, row: rest + 1 };
  };
  return {
    database,
    from,
    source,
    rows: footers.reduce((sum, { rows }) => sum + rows, 0),
    columns,
    notes: [...notes, ...(await precisionNotes(database, paths, types))],
    locate,
    broken(rows: number, cause?: unknown) {
      const { file, row } = locate(rows);
      return damaged(file, `reading ended near its row ${row.toLocaleString("en")}`, cause);
    },
  };
}
