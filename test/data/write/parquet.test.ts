// Parquet as other readers see it: DuckDB in Node, and hyparquet as a web page reads.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parquetSource } from "#elbo/data/browser/parquet.js";
import { sqlPath, withDuckDB } from "#elbo/data/duckdb.js";
import { fileBytes } from "#elbo/data/file-bytes.js";
import { openTableWriter, type TableColumn, type TableValues } from "#elbo/data/write/table.js";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

/** More than a row group holds. */
const ROWS = 125_000;
const missing = (i: number) => i % 1000 === 3;
const words = Array.from({ length: 70 }, (_, k) => `lévél ${k}`);

const table: (TableColumn & { value: (i: number) => number | string | null })[] = [
  { name: "noise", type: "float32", value: (i) => Math.fround(Math.sin(i)) },
  { name: "steps", type: "float64", value: (i) => 1 + (i % 300) / 4 },
  { name: "zeros", type: "float64", value: (i) => (i % 2 === 0 ? -0 : 0) },
  { name: "whole", type: "int32", value: (i) => 7 - i },
  { name: "byte", type: "uint8", value: (i) => i % 256 },
  { name: "flag", type: "boolean", value: (i) => i % 2 },
  { name: "word", type: "text", value: (i) => words[i % 70]! },
  { name: "name", type: "text", value: (i) => `row ${i}` },
  { name: "at", type: "time", value: (i) => i * 1e6 + 0.25 },
  { name: "day", type: "date", value: (i) => (i % 4000) * 86_400_000 },
];
const cells = ({ value }: (typeof table)[number]) =>
  Array.from({ length: ROWS }, (_, i) => (missing(i) ? null : value(i)));

async function written(): Promise<string> {
  const path = join(testFolder(), "t.parquet");
  const writer = await openTableWriter(path, table);
  const all = table.map(cells);
  for (let start = 0; start < ROWS; start += 50_000) {
    const end = Math.min(ROWS, start + 50_000);
    await writer.write(
      all.map((values) => values.slice(start, end) as TableValues),
      end - start,
    );
  }
  await writer.close();
  return path;
}

test("row groups, dictionaries and packed pages are read back the same by hyparquet", async () => {
  const path = await written();
  const source = await parquetSource([await fileBytes(path)], path);
  expect(source.rows).toBe(ROWS);
  expect(source.columns.map(({ name }) => name)).toEqual(table.map(({ name }) => name));
  const read = await collect(
    source,
    table.map(({ name }) => name),
  );
  for (const column of table) {
    const expected = cells(column).map((value) =>
      value === null && column.type !== "text" ? Number.NaN : value,
    );
    expect(read[column.name], column.name).toEqual(expected);
  }
});

test("DuckDB counts gaps, and finds the least and the greatest value in the footer", async () => {
  const path = await written();
  const told = await withDuckDB(path, async (connection) =>
    (
      await connection.runAndReadAll(
        `SELECT path_in_schema AS name, sum(stats_null_count)::INTEGER AS gaps,
           min(stats_min_value) AS least, count(*)::INTEGER AS groups, min(compression) AS codec
         FROM parquet_metadata(${sqlPath(path)}) GROUP BY ALL ORDER BY ALL`,
      )
    ).getRowObjectsJS(),
  );
  const by = (name: string) => told.find((row) => row["name"] === name)!;
  for (const { name } of table) expect(by(name)).toMatchObject({ gaps: ROWS / 1000, groups: 2 });
  expect(by("steps")).toMatchObject({ least: "1.0", codec: "UNCOMPRESSED" });
  expect(by("zeros")).toMatchObject({ least: "-0.0" });
  expect(by("word")).toMatchObject({ least: null, codec: "GZIP" });
  // 300 levels take 9 bits each, 70 words 7.
  const size = readFileSync(path).length;
  expect(size).toBeLessThan(ROWS * (4 + 2 + 8 + 4 + 1 + 1 + 1 + 6 + 8 + 2));
  const [sums] = await withDuckDB(path, async (connection) =>
    (
      await connection.runAndReadAll(
        `SELECT sum(whole)::DOUBLE AS whole, count(DISTINCT word)::INTEGER AS words,
           max(name) AS name
         FROM read_parquet(${sqlPath(path)}) WHERE steps > 75`,
      )
    ).getRowObjectsJS(),
  );
  const chosen = Array.from({ length: ROWS }, (_, i) => i).filter(
    (i) => !missing(i) && (i % 300) / 4 > 74,
  );
  expect(sums).toMatchObject({
    whole: chosen.reduce((sum, i) => sum + 7 - i, 0),
    words: new Set(chosen.map((i) => i % 70)).size,
    name: chosen
      .map((i) => `row ${i}`)
      .sort()
      .at(-1),
  });
});
