// What inspecting finds does not depend on the format that the rows come in.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqlText, withDuckDB } from "#elbo/data/duckdb.js";
import { inspect } from "#elbo/tasks/inspect.js";
import { testFolder } from "../helpers/folder.ts";

const rows = Array.from({ length: 60 }, (_, i) => ({
  size: Math.sin(i),
  stored: String(1.5 + (i % 7)),
  code: String(i % 9).padStart(3, "0"),
  mixed: i % 4 === 3 ? "broken" : String(i % 5),
  words: `w${i % 3}`,
}));

async function files() {
  const folder = testFolder();
  const [csv, json, parquet] = ["rows.csv", "rows.ndjson", "rows.parquet"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const lines = rows.map((row) => Object.values(row).join(","));
  writeFileSync(csv, `${[Object.keys(rows[0]!).join(","), ...lines].join("\n")}\n`);
  writeFileSync(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const read = `read_json(${sqlText(json)}, columns = {size: 'DOUBLE', stored: 'VARCHAR', code: 'VARCHAR', mixed: 'VARCHAR', words: 'VARCHAR'})`;
  await withDuckDB(parquet, (connection) =>
    connection.run(`COPY (SELECT * FROM ${read}) TO ${sqlText(parquet)} (FORMAT parquet)`),
  );
  return { csv, json, parquet, sql: `select * from '${parquet}'` };
}

test("numbers stored as texts, codes and mixed cells are named in every format", async () => {
  const { csv, ...stored } = await files();
  const found = async (data: string) =>
    (await inspect(data)).findings.map(({ code, message }) => `${code}: ${message}`);
  const coded = (row: number) =>
    `numbers-as-text: column "code" holds numbers with zeros in front (row ${row}: "000"), and is taken as text`;
  const mixed = (row: number) =>
    `column-mixed: column "mixed" holds 45 numbers and 15 other texts (row ${row}: "broken"), and is taken as text`;
  for (const data of Object.values(stored)) {
    expect(await found(data)).toEqual([
      'numbers-as-text: column "stored" holds numbers alone, stored as text, and is taken as text',
      coded(1),
      mixed(4),
    ]);
  }
  // There numerals are numbers, and the header is a row.
  expect(await found(csv)).toEqual([coded(2), mixed(5)]);
});

test.each([
  ["one row", "a,b\n1,x\n", ["column-constant a", "column-constant b"]],
  ["constants and gaps", "a,b\n1,\n1,\n", ["column-constant a", "column-empty b"]],
])("a file of %s is shown, though nothing could be learned of it", async (_, text, codes) => {
  const path = join(testFolder(), "data.csv");
  writeFileSync(path, text);
  const { fields, findings } = await inspect(path);
  expect(fields.map(({ role }) => role)).toEqual(["ignore", "ignore"]);
  expect(findings.map(({ code, column }) => `${code} ${column}`)).toEqual(codes);
});
