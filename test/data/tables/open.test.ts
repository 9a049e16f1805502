// Tables by path and by pattern.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sqlText } from "#elbo/data/duckdb.js";
import { tableFormat } from "#elbo/data/formats.js";
import { filesOf, isGlob } from "#elbo/data/tables/glob.js";
import { openTable } from "#elbo/data/tables/open.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

function filled(files: Record<string, string | Uint8Array>): string {
  const folder = testFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test("extensions say what a table is", () => {
  const known = ["a.csv", "a.TSV.gz", "a.tab", "a.json", "a.ndjson.gz", "a.jsonl", "a.parquet"];
  expect(known.map(tableFormat)).toEqual([
    ...["csv", "csv", "csv", "json", "json", "json", "parquet"],
  ]);
  expect(["a.npy", "a", "a.gz", "a.parquet.gz", "csv"].map(tableFormat)).toEqual(
    Array.from({ length: 5 }),
  );
});

test("a path, a pattern and SQL open the same rows", async () => {
  const folder = filled({ "a.csv": "x,y\n1,p\n2,q\n" });
  const path = join(folder, "a.csv");
  for (const data of [path, join(folder, "?.csv"), `select * from ${sqlText(path)}`]) {
    const source = await openTable(data);
    expect(source.source).toBe(data);
    expect(await readColumns(source)).toEqual([
      [1, 2],
      ["p", "q"],
    ]);
    await source.close?.();
  }
});

test("files of a pattern are one table, by name, with columns in any order", async () => {
  const folder = filled({
    "s/b.csv": "y;x\nq;3\n",
    "s/a.csv": "x,y\n1,p\n2,\n",
    "s/c.csv.gz": gzipSync("x\ty\n4\tr\n"),
    "s/.hidden.csv": "z\n1\n",
  });
  const source = await openTable(join(folder, "s", "*.csv*"));
  expect(source.rows).toBe(4);
  expect(await readColumns(source)).toEqual([
    [1, 2, 3, 4],
    ["p", null, "q", "r"],
  ]);
  expect(await readColumns(source, ["y", "x"])).toEqual([
    ["p", null, "q", "r"],
    [1, 2, 3, 4],
  ]);
});

test("a column is what its cells are in all files", async () => {
  const folder = filled({ "a.csv": "x\n1\n", "b.csv": "x\n2\nword\n" });
  const source = await openTable(join(folder, "*.csv"));
  expect(source.columns).toEqual([{ name: "x", type: "text" }]);
  const infinite = filled({ "a.csv": "x\n1\n", "b.csv": "x\n2\n1e999\n" });
  const error = await elboError(() => openTable(join(infinite, "*.csv")));
  expect(error).toMatchObject({
    code: "value-infinite",
    where: { file: join(infinite, "b.csv"), row: 3, column: "x" },
  });
});

test("other columns, other formats and no files are clear errors", async () => {
  const folder = filled({
    "a.csv": "x,y\n1,2\n",
    "b.csv": "x,z\n1,2\n",
    "c.json": '{"x":1,"y":2}',
    "d.npy": "",
  });
  const differ = await elboError(() => openTable(join(folder, "[ab].csv")));
  expect(differ).toMatchObject({ code: "columns-differ", where: { file: join(folder, "b.csv") } });
  expect(differ.message).toContain('lacks "y" and has "z" besides');
  const mixed = await elboError(() => openTable(join(folder, "[ac].*")));
  expect(mixed).toMatchObject({ code: "format-mixed", kind: "usage" });
  const none = await elboError(() => openTable(join(folder, "*.tsv")));
  expect(none.code).toBe("file-missing");
  for (const unknown of ["d.npy", "*.npy"]) {
    const error = await elboError(() => openTable(join(folder, unknown)));
    expect(error).toMatchObject({ code: "format-unknown", kind: "usage" });
  }
});

test("patterns find what a shell finds", async () => {
  const folder = filled({
    "a.csv": "",
    "b.csv": "",
    "x/a.csv": "",
    "x/y/c.csv": "",
    "x/.git/d.csv": "",
    "w[1].csv": "",
    "A+(b).csv": "",
  });
  const found = async (pattern: string) =>
    (await filesOf(join(folder, pattern))).map((path) =>
      path.slice(folder.length + 1).replaceAll("\\", "/"),
    );
  expect(await found("[ab].csv")).toEqual(["a.csv", "b.csv"]);
  expect(await found("[!a].csv")).toEqual(["b.csv"]);
  expect(await found("**/?.csv")).toEqual(["a.csv", "b.csv", "x/a.csv", "x/y/c.csv"]);
  expect(await found("x/**")).toEqual(["x/a.csv", "x/y/c.csv"]);
  expect(await found("*/a.csv")).toEqual(["x/a.csv"]);
  expect(await found("A+(*).csv")).toEqual(["A+(b).csv"]);
  expect(isGlob(join(folder, "w[1].csv"))).toBe(false);
  expect(isGlob(join(folder, "w[2].csv"))).toBe(true);
});
