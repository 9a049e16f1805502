// Tables from Parquet. Opening reads the footers alone: what the cells hold is met while reading.
import {
  type Database,
  openDatabase,
  readingMemory,
  rowsOf,
  sqlPath,
  sqlText,
  withConnection,
} from "../duckdb.ts";
import { fileBytes } from "../file-bytes.ts";
import type { DataNote, DataSource } from "../source.ts";
import {
  checkParquetEnds,
  endedEarly,
  noFooter,
  precisionNote,
  sortsDiffer,
} from "./parquet-faults.ts";
import { describe, type NamedType, relationColumns, relationSource } from "./relation.ts";
import { orderByName } from "./same-columns.ts";
import { isWideInteger, sqlColumn } from "./sql-types.ts";

async function footerOf(database: Database, path: string) {
  await checkParquetEnds(await fileBytes(path));
  try {
    const types = await describe(
      database,
      `read_parquet(${sqlPath(path)}, hive_partitioning = false)`,
    );
    const sql = `SELECT num_rows FROM parquet_file_metadata(${sqlPath(path)})`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    return { path, types, rows: Number(row!["num_rows"]) };
  } catch (cause) {
    throw noFooter(path, cause);
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
    throw sortsDiffer(name, { path: first.path, type }, { path: other.path, type: received });
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
      return endedEarly(file, row, cause);
    },
  };
}
