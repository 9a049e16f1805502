// A relation of DuckDB, files or tables that SQL can name, as a source of rows.
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { ElboError } from "../../base/errors.ts";
import type { Chunk, ColumnValues } from "../../fields/columns.ts";
import { type Database, rowsOf, sqlName, withConnection } from "../duckdb.ts";
import type { DataNote, DataSource } from "../source.ts";
import { wantedColumns } from "./columns-wanted.ts";
import { infiniteError, leftOutNotes, noRowsError, unequalLists } from "./faults.ts";
import { lostOf } from "./lost.ts";
import {
  type ExactColumn,
  exactColumn,
  isNumberType,
  listType,
  type SqlColumn,
  sqlColumn,
} from "./sql-types.ts";
import { hashExpression, textsReader } from "./text-vectors.ts";
import { infiniteRow, numericValues, wideNumbers } from "./vectors.ts";

export interface NamedType {
  name: string;
  type: string;
}

/** The columns of a table expression; no rows are read. */
export async function describe(database: Database, from: string): Promise<NamedType[]> {
  const sql = `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`;
  const rows = await withConnection(database, (connection) => rowsOf(connection, sql));
  return rows.map((row) => ({
    name: String(row["column_name"]),
    type: String(row["column_type"]),
  }));
}

/** Rows by whose lists it is decided whether a column of lists is one of vectors. */
const probedRows = 2048;

/** The length of each list column's rows, where the first rows have one length. */
async function listSizes(database: Database, from: string, types: readonly NamedType[]) {
  const sizes = new Map<string, number>();
  for (const { name, type } of types) {
    const list = listType(type);
    if (list === undefined || !isNumberType(list.element)) continue;
    if (list.size !== undefined) sizes.set(name, list.size);
    else {
      const column = sqlName(name);
      const sql = `SELECT min(len(${column}))::INTEGER AS least, max(len(${column}))::INTEGER AS most
        FROM (SELECT ${column} FROM ${from} LIMIT ${probedRows})`;
      const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
      const size = Number(row!["least"]);
      if (size > 0 && size === Number(row!["most"])) sizes.set(name, size);
    }
  }
  return sizes;
}

/** The relation's columns; those that no field could take are named in a note. */
export async function relationColumns(
  database: Database,
  from: string,
  types: readonly NamedType[],
  source: string,
): Promise<{ columns: SqlColumn[]; notes: DataNote[] }> {
  const sizes = await listSizes(database, from, types);
  const found = types.map(({ name, type }) => sqlColumn(name, type, sizes.get(name)));
  const columns = found.filter((column) => column !== undefined);
  const left = types.filter((_, i) => found[i] === undefined);
  return { columns, notes: leftOutNotes(source, columns.length, left) };
}

export interface Relation {
  database: Database;
  /** The table expression. */
  from: string;
  source: string;
  rows: number;
  columns: readonly SqlColumn[];
  notes: DataNote[];
  /** What was lost before its rows came into it, in words. */
  lost?: () => Promise<string[]>;
  /** The file of a row (from 0) and the row as that file counts, from 1. */
  locate(row: number): { file: string; row: number };
  /** Why reading ended after so many rows. */
  broken(rows: number, cause?: unknown): ElboError;
  /** Removes what was made on the way. */
  remove?(): Promise<void>;
}

/** A row whose list has another length than those that opening looked at. */
async function unequalList(
  relation: Relation,
  columns: readonly SqlColumn[],
): Promise<ElboError | undefined> {
  for (const { info } of columns) {
    if (info.type !== "vector") continue;
    const sql = `SELECT row, length FROM (
        SELECT row_number() OVER () AS row, len(${sqlName(info.name)}) AS length FROM ${relation.from}
      ) WHERE length <> ${info.size} LIMIT 1`;
    const [found] = await withConnection(relation.database, (connection) =>
      rowsOf(connection, sql),
    ).catch(() => []);
    if (found === undefined) continue;
    const { file, row } = relation.locate(Number(found["row"]) - 1);
    return unequalLists({ file, row, column: info.name }, info.size, `${found["length"]}`);
  }
  return undefined;
}

/** Reads a column out of a chunk of the query's result. */
type ChunkColumn = (chunk: DuckDBDataChunk) => ColumnValues;

/** The columns' expressions, and how they are read; a text is two of the expressions. */
function reading(columns: readonly (SqlColumn | ExactColumn)[]): {
  list: string[];
  readers: ChunkColumn[];
} {
  const list: string[] = [];
  const readers = columns.map((column): ChunkColumn => {
    const { info, expression } = column;
    const at = list.push(expression) - 1;
    if ("wide" in column && column.wide !== null) {
      list.push(column.wide);
      return (chunk) => {
        const wide = wideNumbers(info, chunk.getColumnVector(at + 1), chunk.rowCount);
        const values = numericValues(info, chunk.getColumnVector(at), chunk.rowCount);
        return Object.assign(values, { wide });
      };
    }
    if (info.type !== "text") {
      return (chunk) => numericValues(info, chunk.getColumnVector(at), chunk.rowCount);
    }
    list.push(hashExpression(expression));
    const read = textsReader();
    return (chunk) => {
      const [texts, hashes] = [chunk.getColumnVector(at), chunk.getColumnVector(at + 1)];
      return { type: "text", values: read(texts, hashes, chunk.rowCount) };
    };
  });
  // With no column wanted, rows are still counted.
  return { list: list.length > 0 ? list : ["NULL"], readers };
}

/** @param exact whether infinite numbers are given as well. */
async function* readChunks(
  relation: Relation,
  columns: readonly SqlColumn[],
  exact: boolean,
): AsyncGenerator<Chunk> {
  const { list, readers } = reading(columns);
  const connection = await relation.database.connect();
  let seen = 0;
  let cause: unknown;
  let next: Promise<DuckDBDataChunk | null> | undefined;
  try {
    const result = await connection.stream(`SELECT ${list.join(", ")} FROM ${relation.from}`);
    for (next = result.fetchChunk(); ; ) {
      const chunk = await next;
      const rows = chunk?.rowCount ?? 0;
      if (chunk === null || rows === 0) break;
      // Read while the caller computes; a failure is met when its turn has come.
      next = result.fetchChunk();
      next.catch(() => undefined);
      const values = readers.map((read, i) => {
        const column = read(chunk);
        const infinite = exact ? -1 : infiniteRow(column, rows);
        if (infinite < 0) return column;
        const at = relation.locate(seen + infinite);
        throw infiniteError(at.file, at.row, columns[i]!.info.name, "Infinity");
      });
      seen += rows;
      yield { rows, columns: values };
    }
  } catch (error) {
    if (error instanceof ElboError) throw error;
    cause = error;
  } finally {
    await next?.catch(() => undefined);
    connection.closeSync();
  }
  // An error in the middle of a stream only ends it (node-api 1.5): the count tells.
  if (cause !== undefined || seen !== relation.rows) {
    throw (await unequalList(relation, columns)) ?? relation.broken(seen, cause);
  }
}

export function relationSource(relation: Relation): DataSource {
  const { source, rows, notes } = relation;
  if (rows === 0) throw noRowsError(source);
  const columns = relation.columns.map(({ info }) => info);
  return {
    source,
    rows,
    columns,
    notes,
    chunks(names) {
      const wanted = wantedColumns(source, columns, names);
      return readChunks(
        relation,
        wanted.map((i) => relation.columns[i]!),
        false,
      );
    },
    exact() {
      const exact = relation.columns.map(exactColumn);
      return {
        columns: exact.map(({ info }) => info),
        chunks: () => readChunks(relation, exact, true),
        lost: () => lostOf(relation),
      };
    },
    async close() {
      relation.database.close();
      await relation.remove?.();
    },
  };
}
