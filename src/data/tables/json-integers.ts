// Integers of JSON that stand among fractions or beyond 2^63, so that DuckDB reads all of their column as float64.
import { type Database, rowsOf, sqlName, sqlText, withConnection } from "../duckdb.ts";
import type { NamedType } from "./relation.ts";
import { listType } from "./sql-types.ts";
import { largeColumns } from "./survey-sql.ts";

/** SQL that is true of a number's text which is an integer that float64 does not hold. */
const isRounded = (text: string) =>
  `(regexp_full_match(${text}, '-?\\d{16,}') AND printf('%.0f', TRY_CAST(${text} AS DOUBLE)) IS DISTINCT FROM ${text})`;

/**
 * The columns with such integers, by name.
 * @param from the rows as they were read.
 * @param read the table expression that reads the JSON again, with columns as they are described.
 */
export async function roundedIntegers(
  database: Database,
  from: string,
  types: readonly NamedType[],
  read: (columns: string) => string,
): Promise<string[]> {
  const doubles = types.filter(({ type }) => /^DOUBLE(\[\])?$/.test(type));
  const large = new Set(await largeColumns(database, from, doubles));
  const wanted = doubles.filter(({ name }) => large.has(name));
  if (wanted.length === 0) return [];
  const isList = ({ type }: NamedType) => listType(type) !== undefined;
  const texts = wanted.map(
    (column) => `${sqlText(column.name)}: 'VARCHAR${isList(column) ? "[]" : ""}'`,
  );
  const tests = wanted.map((column, i) => {
    const name = sqlName(column.name);
    const test = isList(column)
      ? `len(list_filter(${name}, lambda x: ${isRounded("x")})) > 0`
      : isRounded(name);
    return `count(*) FILTER (${test})::DOUBLE AS c${i}`;
  });
  const sql = `SELECT ${tests.join(", ")} FROM ${read(`{${texts.join(", ")}}`)}`;
  const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
  return wanted.filter((_, i) => Number(row![`c${i}`]) > 0).map(({ name }) => name);
}
