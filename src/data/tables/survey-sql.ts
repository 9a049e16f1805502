// What DuckDB must look through a stored table for: numbers in columns of texts, and large ones.
import type { ColumnInfo } from "../../fields/columns.ts";
import { type Database, rowsOf, sqlName, withConnection } from "../duckdb.ts";

/** Of many columns, so many at a time: planning takes time quadratic in their number. */
const columnsAtOnce = 50;

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let i = 0; i < items.length; i += columnsAtOnce) yield items.slice(i, i + columnsAtOnce);
}

const numeral = String.raw`[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`;

/**
 * Counts the numerals and other texts of the columns, and finds the first of the rarer sort. A
 * column without any cell is one of numbers.
 */
export async function surveyTexts(
  database: Database,
  from: string,
  columns: readonly ColumnInfo[],
): Promise<ColumnInfo[]> {
  const found: ColumnInfo[] = [];
  for (const batch of batches(columns)) {
    const isNumber = (name: string) => `regexp_full_match(trim(${sqlName(name)}), '${numeral}')`;
    const counts = batch.map(({ name }, i) => {
      return `count(*) FILTER (${isNumber(name)})::DOUBLE AS n${i}, count(${sqlName(name)})::DOUBLE AS all${i}`;
    });
    const sql = `SELECT ${counts.join(", ")} FROM ${from}`;
    await withConnection(database, async (connection) => {
      const [row] = await rowsOf(connection, sql);
      for (const [i, info] of batch.entries()) {
        const numbers = Number(row![`n${i}`]);
        const texts = Number(row![`all${i}`]) - numbers;
        if (numbers === 0) {
          found.push(texts === 0 ? { name: info.name, type: "number" } : info);
          continue;
        }
        const rarer = `${isNumber(info.name)} = ${numbers < texts || texts === 0}`;
        const column = sqlName(info.name);
        const [example] = await rowsOf(
          connection,
          `SELECT row::DOUBLE AS row, text[:40] AS text FROM (
            SELECT row_number() OVER () AS row, ${column} AS text, ${rarer} AS rarer FROM ${from}
          ) WHERE rarer LIMIT 1`,
        );
        const { row: at, text } = example as { row: number; text: string };
        found.push({ ...info, mixed: { numbers, texts, example: { text, row: at } } });
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
