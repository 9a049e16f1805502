// Whole columns of a source, for tests that compare them.
import type { DataSource } from "#elbo/data/source.js";
import type { ColumnValues } from "#elbo/fields/columns.js";

export type Cell = number | string | null | number[];

function cells(column: ColumnValues, rows: number): Cell[] {
  if (column.type === "number" || column.type === "time") return [...column.values];
  if (column.type === "text") return [...column.values];
  if (column.type !== "vector") throw new Error(`no table gives ${column.type}`);
  const size = column.values.length / rows;
  return Array.from({ length: rows }, (_, row) => [
    ...column.values.subarray(row * size, (row + 1) * size),
  ]);
}

/** The columns asked for, all rows of them; closes the source unless it is to stay open. */
export async function readColumns(source: DataSource, names?: string[]): Promise<Cell[][]> {
  const columns: Cell[][] = (names ?? source.columns).map(() => []);
  let rows = 0;
  for await (const chunk of source.chunks(names)) {
    rows += chunk.rows;
    chunk.columns.forEach((column, i) => {
      for (const cell of cells(column, chunk.rows)) columns[i]!.push(cell);
    });
  }
  if (rows !== source.rows) throw new Error(`${rows} rows came of ${source.rows}`);
  return columns;
}
