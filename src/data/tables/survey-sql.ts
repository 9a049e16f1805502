// What DuckDB must look through a stored table for: columns without any cell, and large numbers.
import { type Database, rowsOf, sqlName, withConnection } from "../duckdb.ts";
import type { NamedType } from "./relation.ts";
import { listType, type SqlColumn } from "./sql-types.ts";

/** Of many columns, so many at a time: planning takes time quadratic in their number. */
const columnsAtOnce = 50;

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let i = 0; i < items.length; i += columnsAtOnce) yield items.slice(i, i + columnsAtOnce);
}

/** The names of the text columns without any cell. */
export async function emptyTexts(
  database: Database,
  from: string,
  columns: readonly SqlColumn[],
): Promise<Set<string>> {
  const empty = new Set<string>();
  const texts = columns.filter(({ info }) => info.type === "text");
  for (const batch of batches(texts)) {
    const counts = batch.map(({ expression }, i) => `count(${expression}) = 0 AS c${i}`);
    const sql = `SELECT ${counts.join(", ")} FROM ${from}`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    for (const [i, { info }] of batch.entries()) if (row![`c${i}`] === true) empty.add(info.name);
  }
  return empty;
}

/** Which of the columns, of numbers or lists of them, hold values beyond the integers that float64 holds. */
export async function largeColumns(
  database: Database,
  from: string,
  columns: readonly NamedType[],
): Promise<string[]> {
  const large: string[] = [];
  for (const batch of batches(columns)) {
    const tests = batch.map(({ name, type }, i) => {
      const own = sqlName(name);
      const most = listType(type)
        ? `list_max(list_transform(${own}, lambda x: abs(x::DOUBLE)))`
        : `abs(${own}::DOUBLE)`;
      return `max(${most}) > ${Number.MAX_SAFE_INTEGER} AS c${i}`;
    });
    const sql = `SELECT ${tests.join(", ")} FROM ${from}`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    large.push(...batch.filter((_, i) => row![`c${i}`] === true).map(({ name }) => name));
  }
  return large;
}
