// Parquet files: which types become what, order, and each way to be damaged.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqlText, withDuckDB } from "#elbo/data/duckdb.js";
import { openParquet } from "#elbo/data/tables/parquet.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

/** A Parquet file of a query's rows, written by DuckDB itself. */
async function stored(query: string, name = "data.parquet", folder = testFolder()) {
  const path = join(folder, name);
  await withDuckDB(path, (connection) =>
    connection.run(`COPY (${query}) TO ${sqlText(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`),
  );
  return path;
}

test("numbers of all widths, booleans, decimals, texts and times", async () => {
  const path = await stored(`SELECT * FROM (VALUES
    (1::TINYINT, 2::UBIGINT, -3::BIGINT, 0.1::FLOAT, 1.25::DECIMAL(9, 2), true, 'a', DATE '1970-01-02',
     TIMESTAMP '1970-01-01 00:00:01.5', TIMESTAMPTZ '1970-01-01 01:00:00+01', TIME '10:00:00', UUID '0dd2bd46-7f0c-4fb6-9ba4-9f39b43c4b1b'),
    (NULL, NULL, NULL, 'nan'::FLOAT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
    t(tiny, wide, signed, single, decimal, bool, text, date, time, zoned, clock, uuid)`);
  const source = await openParquet([path]);
  expect(source.columns).toEqual([
    ...["tiny", "wide", "signed"].map((name) => ({ name, type: "number" })),
    { name: "single", type: "number", float32: true },
    { name: "decimal", type: "number" },
    { name: "bool", type: "number", boolean: true },
    { name: "text", type: "text" },
    { name: "date", type: "time", date: true },
    { name: "time", type: "time" },
    { name: "zoned", type: "time" },
    { name: "clock", type: "text" },
    { name: "uuid", type: "text" },
  ]);
  const nan = Number.NaN;
  expect(await readColumns(source)).toEqual([
    ...[1, 2, -3, Math.fround(0.1), 1.25, 1].map((x) => [x, nan]),
    ["a", null],
    [86_400_000, nan],
    [1500, nan],
    [0, nan],
    ["10:00:00", null],
    ["0dd2bd46-7f0c-4fb6-9ba4-9f39b43c4b1b", null],
  ]);
  expect(source.notes).toEqual([]);
  await source.close!();
});

test("rows come in the file's order, texts too, at every reading", async () => {
  const rows = 150_000;
  const path = await stored(`SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE
      repeat('a long text ', 2) || (i % 1000) END AS long, 's' || i % 3 AS short, 'unique text of row ' || i AS single
    FROM range(${rows}) t(i)`);
  const source = await openParquet([path]);
  for (const names of [
    ["id", "long", "short", "single"],
    ["single", "short", "long", "id"],
  ]) {
    const columns = new Map((await readColumns(source, names)).map((c, i) => [names[i], c]));
    const differing = (name: string, value: (i: number) => unknown) =>
      columns.get(name)!.findIndex((cell, i) => cell !== value(i));
    expect(differing("id", (i) => i)).toBe(-1);
    expect(
      differing("long", (i) => (i % 7 === 0 ? null : `a long text a long text ${i % 1000}`)),
    ).toBe(-1);
    expect(differing("short", (i) => `s${i % 3}`)).toBe(-1);
    expect(differing("single", (i) => `unique text of row ${i}`)).toBe(-1);
  }
  await source.close!();
});

test("a reading that is left early hinders no other", async () => {
  const path = await stored("SELECT i AS id FROM range(100000) t(i)");
  const source = await openParquet([path]);
  for await (const chunk of source.chunks()) {
    expect(chunk.columns[0]).toMatchObject({ type: "number" });
    break;
  }
  expect((await readColumns(source))[0]).toHaveLength(100_000);
  await source.close!();
});

test("lists of numbers of one length are vectors, other nested columns are left out", async () => {
  const path =
    await stored(`SELECT [i, NULL, 0.5] AS v, [1] || CASE WHEN i = 1 THEN [2] ELSE [] END AS ragged,
    {'a': i} AS s, i AS n FROM range(3) t(i)`);
  const source = await openParquet([path]);
  expect(source.columns).toEqual([
    { name: "v", type: "vector", size: 3, sparse: false },
    { name: "n", type: "number" },
  ]);
  expect(source.notes).toHaveLength(1);
  expect(source.notes[0]).toMatchObject({ code: "columns-left-out" });
  expect(source.notes[0]!.message).toContain('"ragged", "s"');
  expect((await readColumns(source))[0]).toEqual([0, 1, 2].map((i) => [i, Number.NaN, 0.5]));
  await source.close!();
  const late = await stored(
    "SELECT CASE WHEN i = 5000 THEN [1] ELSE [1, 2] END AS v FROM range(6000) t(i)",
  );
  const error = await elboError(async () => readColumns(await openParquet([late])));
  expect(error).toMatchObject({
    code: "vector-length",
    where: { file: late, row: 5001, column: "v" },
  });
  const none = await elboError(async () => openParquet([await stored("SELECT {'a': 1} AS s")]));
  expect(none.code).toBe("columns-none");
});

test("integers beyond float64 are noted from the file's statistics", async () => {
  const path = await stored("SELECT 9007199254740993 AS big, 9007199254740991 AS small");
  const source = await openParquet([path]);
  expect(source.notes).toMatchObject([{ code: "precision-lost" }]);
  expect(source.notes[0]!.message).toContain('"big"');
  expect(source.notes[0]!.message).not.toContain('"small"');
  await source.close!();
});

test("an infinite number is met with its file, row and column", async () => {
  const folder = testFolder();
  const good = await stored("SELECT i::DOUBLE AS x FROM range(3000) t(i)", "a.parquet", folder);
  const query = "SELECT CASE WHEN i = 2500 THEN 'inf'::FLOAT ELSE i END AS x FROM range(3000) t(i)";
  const bad = await stored(query, "b.parquet", folder);
  const source = await openParquet([good, bad]);
  const error = await elboError(() => readColumns(source));
  expect(error).toMatchObject({
    code: "value-infinite",
    where: { file: bad, row: 2501, column: "x" },
  });
  await source.close!();
});

test("several files have the same columns by name, and of one sort", async () => {
  const folder = testFolder();
  const a = await stored("SELECT 1 AS x, 'p' AS y", "a.parquet", folder);
  const b = await stored("SELECT 'q' AS y, 2.5::DOUBLE AS x", "b.parquet", folder);
  const source = await openParquet([a, b]);
  expect(await readColumns(source)).toEqual([
    [1, 2.5],
    ["p", "q"],
  ]);
  await source.close!();
  const c = await stored("SELECT 1 AS x, 'p' AS z", "c.parquet", folder);
  const names = await elboError(() => openParquet([a, c]));
  expect(names).toMatchObject({ code: "columns-differ", where: { file: c } });
  expect(names.message).toContain('lacks "y" and has "z" besides');
  const d = await stored("SELECT 'one' AS x, 'p' AS y", "d.parquet", folder);
  const sorts = await elboError(() => openParquet([a, d]));
  expect(sorts).toMatchObject({ code: "columns-differ", where: { file: d, column: "x" } });
});

test("no rows, no file, no Parquet", async () => {
  const empty = await stored("SELECT 1 AS x WHERE false");
  expect((await elboError(() => openParquet([empty]))).code).toBe("data-empty");
  const folder = testFolder();
  expect((await elboError(() => openParquet([join(folder, "no.parquet")]))).code).toBe(
    "file-missing",
  );
  expect((await elboError(() => openParquet([folder]))).code).toBe("file-is-folder");
});

test("a file cut short or damaged is one clear error", async () => {
  const whole = readFileSync(await stored("SELECT i AS x, i % 7 AS y FROM range(20000) t(i)"));
  const path = join(testFolder(), "damaged.parquet");
  const footer = Buffer.from(whole).fill(0xaa, whole.length - 100, whole.length - 20);
  const length = Buffer.from(whole);
  length.writeUInt32LE(0x7fffffff, whole.length - 8);
  const pages = Buffer.from(whole).fill(0xaa, 4, whole.length >> 1);
  const foreign = Buffer.from("a,b\n1,2\n3,4\n5,6\n");
  const cuts = [0, 3, 11, whole.length >> 1, whole.length - 1].map((end) => whole.subarray(0, end));
  for (const bytes of [...cuts, footer, length, pages, foreign]) {
    writeFileSync(path, bytes);
    const error = await elboError(async () => readColumns(await openParquet([path])));
    expect(error).toMatchObject({ code: "parquet-damaged", where: { file: path } });
    expect(error.message).toContain(path);
  }
});

test("texts that DuckDB's own hash confuses are each themselves", async () => {
  const path = await stored("SELECT repeat('text ' || i, 60) AS text FROM range(4000) t(i)");
  const source = await openParquet([path]);
  const [texts] = await readColumns(source);
  expect(texts).toEqual(Array.from({ length: 4000 }, (_, i) => `text ${i}`.repeat(60)));
  await source.close?.();
});
