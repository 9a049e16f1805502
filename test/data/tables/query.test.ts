// SQL as a source: one SELECT, run once, and nothing that changes anything.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { sqlText } from "#elbo/data/duckdb.js";
import { isQuery, openQuery } from "#elbo/data/tables/query.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

test("what begins as a query does and is no file is one", () => {
  for (const text of ["select 1", " WITH a AS (select 1) from a", "From\n'a.csv'", "SELECT\t*"]) {
    expect(isQuery(text)).toBe(true);
  }
  for (const text of [
    "selected.csv",
    "from",
    "with.parquet",
    "data/select .csv",
    "insert into a",
  ]) {
    expect(isQuery(text)).toBe(false);
  }
  const file = join(testFolder(), "x");
  writeFileSync(file, "");
  expect(isQuery(file)).toBe(false);
});

test("a query's rows keep its order, are kept once, and go with close", async () => {
  const path = join(testFolder(), "it's.csv");
  writeFileSync(path, "a,b\n1,x\n2,y\n3,z\n");
  const query = `select b, a * 2 as twice from ${sqlText(path)} where a > 1 order by a desc; -- last`;
  const source = await openQuery(query);
  expect(source).toMatchObject({ source: query, rows: 2, notes: [] });
  expect(source.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  writeFileSync(path, "a,b\n7,w\n");
  for (let i = 0; i < 2; i++)
    expect(await readColumns(source)).toEqual([
      ["z", "y"],
      [6, 4],
    ]);
  await source.close();
  const changed = await openQuery(query);
  expect(changed.fingerprint).not.toBe(source.fingerprint);
  await changed.close();
});

test("equal results have equal fingerprints, large ones too", async () => {
  const query = "select i, i % 10 as d, 'text ' || i as t from range(300000) t(i)";
  const sources = [await openQuery(query), await openQuery(`${query} where i >= 0`)];
  expect(sources[0]!.fingerprint).toBe(sources[1]!.fingerprint);
  const [ids] = await readColumns(sources[1]!, ["i"]);
  expect(ids!.findIndex((id, i) => id !== i)).toBe(-1);
  for (const source of sources) await source.close();
});

test("a sum of integers is no matter of precision, a huge one is", async () => {
  const small = await openQuery("select sum(range) as total from range(10)");
  expect(small.columns).toEqual([{ name: "total", type: "number" }]);
  expect(small.notes).toEqual([]);
  await small.close();
  const huge = await openQuery("select 170141183460469231731687303715884105727 as n");
  expect(huge.notes).toMatchObject([{ code: "precision-lost" }]);
  await huge.close();
});

test("anything but one SELECT that reads is refused, and nothing is written", async () => {
  const folder = testFolder();
  const to = (name: string) => sqlText(join(folder, name));
  const refused = [
    `select 1; copy (select 1) to ${to("a.csv")}`,
    "select 1; select 2",
    `copy (select 1) to ${to("b.csv")}`,
    `attach ${to("c.db")} as c`,
    "insert into t values (1)",
    "create table t as select 1",
    "install httpfs",
    "set threads = 1",
    "pragma database_list",
    "select * from query('select 1')",
    `select * from enable_logging(storage = 'file', storage_config = {'path': ${to("logs")}})`,
    `with a as (select 1) from a, (from enable_logging(storage_path = ${to("logs")}))`,
    `select (select count(*) from checkpoint())`,
    "select $1",
  ];
  for (const query of refused) {
    const error = await elboError(() => openQuery(query));
    expect([query, error.code]).toEqual([query, "query-refused"]);
    expect(error.kind).toBe("usage");
  }
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["no SQL", "select from where", "query-failed"],
  ["an unknown column", "select y from (select 1 as x)", "query-failed"],
  ["a missing file", "select * from 'nowhere/no.parquet'", "file-missing"],
  ["a missing table", "select * from nowhere", "query-failed"],
  ["an extension", "select * from 'https://localhost/a.parquet'", "query-failed"],
  ["no rows", "select 1 as x where false", "data-empty"],
  ["an error in the middle", "select error('no') from range(3)", "query-failed"],
])("%s is one clear error", async (_what, query, code) => {
  const error = await elboError(() => openQuery(query));
  expect(error.code).toBe(code);
  expect(error.where!.file).toBe(query);
});

test("the end of the process removes what was not closed", () => {
  const temporary = testFolder();
  const program = `
    import { readdirSync } from "node:fs";
    import { openQuery } from ${JSON.stringify(resolve("build/data/tables/query.js"))};
    await openQuery("select 1 as a");
    console.log(readdirSync(${JSON.stringify(temporary)}).join());`;
  const made = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
  }).trim();
  expect(made).toMatch(/elbo-table-/);
  expect(readdirSync(temporary).filter((name) => name.startsWith("elbo-table-"))).toEqual([]);
  expect(existsSync(temporary)).toBe(true);
});

test("a file that a query names has the words for a missing cell that it has by its path", async () => {
  const folder = testFolder();
  const [words, other] = ["ä words.csv", "other.tsv"].map((name) => join(folder, name));
  const missing = ["", "NA", "n/a", "NaN", "-nan", "Null", "none", "?"];
  writeFileSync(words!, `"x",y\n1.5,a\n${missing.map((word) => `"${word}",${word}`).join("\n")}\n`);
  writeFileSync(other!, "k\tv\n1\tn/a\n2\tq\n");
  const file = sqlText(words!);
  const [x, y] = [
    [1.5, ...missing.map(() => Number.NaN)],
    ["a", ...missing.map(() => null)],
  ];
  for (const query of [
    `select * from ${file}`,
    `/* ä */ select "ä words".x, t.y from ${file}, (select 'a' as y) t where false union all from ${file} as q`,
    `with w as (from ${file}) select w.* from w`,
  ]) {
    const source = await openQuery(query);
    expect(source.source).toBe(query);
    expect(await readColumns(source)).toEqual([x, y]);
    await source.close();
  }
  const joined = await openQuery(
    `select v, length('${other}') > 0 as told from ${sqlText(other!)} join (select 1 as k) using (k)`,
  );
  expect(await readColumns(joined)).toEqual([[null], [1]]);
  await joined.close();
  // Who calls the reader says how.
  const called = await openQuery(`select y from read_csv(${file})`);
  expect((await readColumns(called))[0]).toContain("n/a");
  await called.close();
});
