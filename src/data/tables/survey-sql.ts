// What DuckDB must look through a stored table for: numbers in columns of texts, and large ones.
import { type Database, rowsOf, sqlName, withConnection } from "../duckdb.ts";
import { type SqlColumn, sqlColumn } from "./sql-types.ts";

/** Of many columns, so many at a time: planning takes time quadratic in their number. */
const columnsAtOnce = 50;

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let i = 0; i < items.length; i += columnsAtOnce) yield items.slice(i, i + columnsAtOnce);
}

const numeral = String.raw`[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`;

/**
 * Counts the numerals and other texts of text columns, and finds the first of the rarer sort. A
 * column without any cell comes back as one of numbers.
 */
export async function surveyTexts(
  database: Database,
  from: string,
  columns: readonly SqlColumn[],
): Promise<SqlColumn[]> {
  const found: SqlColumn[] = [];
  const isNumber = (expression: string) => `regexp_full_match(trim(${expression}), '${numeral}')`;
  for (const batch of batches(columns)) {
    const counts = batch.map(({ expression }, i) => {
      return `count(*) FILTER (${isNumber(expression)})::DOUBLE AS n${i}, count(${expression})::DOUBLE AS all${i}`;
    });
    await withConnection(database, async (connection) => {
      const [row] = await rowsOf(connection, `SELECT ${counts.join(", ")} FROM ${from}`);
      for (const [i, column] of batch.entries()) {
        const { info, expression } = column;
        const numbers = Number(row![`n${i}`]);
        const texts = Number(row![`all${i}`]) - numbers;
        if (numbers === 0) {
          const empty = sqlColumn(info.name, '"NULL"')!;
          found.push(texts === 0 ? empty : column);
          continue;
        }
        const [example] = await rowsOf(
          connection,
          `SELECT row::DOUBLE AS row, text[:40] AS text FROM (
            SELECT row_number() OVER () AS row, ${expression} AS text FROM ${from}
          ) WHERE ${isNumber("text")} = ${numbers < texts || texts === 0} LIMIT 1`,
        );
        const { row: at, text } = example as { row: number; text: string };
        const mixed = { numbers, texts, example: { text, row: at } };
        found.push({ ...column, info: { ...info, mixed } });
      }
    });
  }
  return found;
}

/** Which of the number columns hold values beyond the integers that float64 holds. */
export async function largeColumns(
  database: Database,
  from: string,
  names: readonly string[],
): Promise<string[]> {
  const large: string[] = [];
  for (const batch of batches(names)) {
    const tests = batch.map(
      (name, i) => `max(abs(${sqlName(name)}::DOUBLE)) > ${Number.MAX_SAFE_INTEGER} AS c${i}`,
    );
    const sql = `SELECT ${tests.join(", ")} FROM ${from}`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    large.push(...batch.filter((_, i) => row![`c${i}`] === true));
  }
  return large;
}
