// JSON and NDJSON: records as rows, mixed columns, and what is no table.
import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { openJson } from "#elbo/data/tables/json.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

function written(content: string | Uint8Array, name = "data.json"): string {
  const path = join(testFolder(), name);
  writeFileSync(path, content);
  return path;
}

const records = [
  {
    n: 1,
    x: 0.5,
    t: "a",
    b: true,
    d: "2013-07-04",
    at: "2013-07-04T01:02:03Z",
    v: [1, 2],
    e: null,
  },
  { n: 2, x: null, t: "NA", b: false, d: null, at: null, v: null, e: null },
  { n: 3, t: "ü", v: [3, 4], nested: { a: 1 } },
];

test.each([
  ["an array", JSON.stringify(records), "a.json"],
  ["an array over lines", JSON.stringify(records, null, 2), "a.json"],
  ["lines", records.map((record) => JSON.stringify(record)).join("\n"), "a.ndjson"],
  ["gzip", gzipSync(JSON.stringify(records)), "a.json.gz"],
])("%s of records is a table", async (_what, content, name) => {
  const path = written(content, name);
  const source = await openJson([path]);
  expect(source).toMatchObject({ source: path, rows: 3 });
  expect(source.columns).toEqual([
    { name: "n", type: "number" },
    { name: "x", type: "number" },
    { name: "t", type: "text" },
    { name: "b", type: "number", boolean: true },
    { name: "d", type: "text" },
    { name: "at", type: "text" },
    { name: "v", type: "vector", size: 2, sparse: false },
    { name: "e", type: "number" },
  ]);
  expect(source.notes).toMatchObject([{ code: "columns-left-out" }]);
  expect(source.notes[0]!.message).toContain('"nested"');
  const nan = Number.NaN;
  expect(await readColumns(source)).toEqual([
    [1, 2, 3],
    [0.5, nan, nan],
    ["a", "NA", "ü"],
    [1, 0, nan],
    ["2013-07-04", null, null],
    ["2013-07-04T01:02:03Z", null, null],
    [
      [1, 2],
      [nan, nan],
      [3, 4],
    ],
    [nan, nan, nan],
  ]);
  await source.close!();
});

test("a column of numbers and words is text, however late", async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `{"a":${i === 29_000 ? '"x"' : i}}`);
  const source = await openJson([written(lines.join("\n"), "a.ndjson")]);
  expect(source.columns).toEqual([{ name: "a", type: "text" }]);
  expect((await readColumns(source))[0]!.slice(28_999, 29_002)).toEqual(["28999", "x", "29001"]);
  await source.close!();
});

// DuckDB took 03-04-2019 for the third of April.
test("dates are not guessed, and come as they are written", async () => {
  const texts = ["03-04-2019", "2019-03-04", "2019-03-04 10:00:00"];
  const source = await openJson([written(JSON.stringify(texts.map((a) => ({ a, b: texts[0] }))))]);
  expect(await readColumns(source)).toEqual([texts, texts.map(() => texts[0])]);
  await source.close!();
});

// DuckDB calls integers of both signs huge, and to compare a list of them with a number failed.
test("lists of integers of both signs are vectors", async () => {
  const source = await openJson([written('{"v":[1,-999]}\n{"v":[-3,2]}\n', "a.ndjson")]);
  expect(await readColumns(source)).toEqual([
    [
      [1, -999],
      [-3, 2],
    ],
  ]);
  await source.close!();
});

test("integers beyond float64 are noted", async () => {
  const source = await openJson([written('[{"a":12345678901234567890},{"a":9007199254740993}]')]);
  expect(source.columns).toEqual([{ name: "a", type: "number" }]);
  expect(source.notes).toMatchObject([{ code: "precision-lost" }]);
  await source.close!();
});

test("several files have the same columns", async () => {
  const a = written('{"x":1,"y":"p"}\n');
  const b = written('{"y":"q","x":2.5}\n');
  const source = await openJson([a, b]);
  expect(await readColumns(source)).toEqual([
    [1, 2.5],
    ["p", "q"],
  ]);
  await source.close!();
  const c = written('{"x":1}\n');
  const error = await elboError(() => openJson([a, c]));
  expect(error).toMatchObject({ code: "columns-differ", where: { file: c } });
});

test.each([
  ["nothing", "", "data-empty", undefined],
  ["blank lines", " \n\n", "data-empty", undefined],
  ["an empty array", "[ ]", "data-empty", undefined],
  ["numbers", "[1, 2]", "json-damaged", undefined],
  ["words", "hello", "json-damaged", undefined],
  ["a line cut short", '{"a":1}\n{"a":2}\n{"a":', "json-damaged", 3],
  ["a line of something else", '{"a":1}\n{"a":2}\nx\n', "json-damaged", 3],
  ["an array cut short", '[{"a":1},{"a":2', "json-damaged", undefined],
  ["one name twice", '{"a":1}\n{"a":1,"a":2}', "json-damaged", 2],
])("%s is one clear error", async (_what, content, code, row) => {
  const path = written(content);
  const error = await elboError(() => openJson([path]));
  expect(error).toMatchObject({ code, where: { file: path } });
  expect(error.message).toContain(path);
  if (row !== undefined) expect(error.where!.row).toBe(row);
});

test("damaged gzip, a missing file, an infinite number", async () => {
  const packed = gzipSync(JSON.stringify(records)).subarray(0, 60);
  expect((await elboError(() => openJson([written(packed, "a.json.gz")]))).code).toBe(
    "gzip-damaged",
  );
  expect((await elboError(() => openJson([join(testFolder(), "no.json")]))).code).toBe(
    "file-missing",
  );
  const path = written('{"a":1}\n{"a":1e400}\n');
  const source = await openJson([path]);
  const error = await elboError(() => readColumns(source));
  expect(error).toMatchObject({
    code: "value-infinite",
    where: { file: path, row: 2, column: "a" },
  });
  await source.close!();
});

test("closing leaves nothing in the temporary folder", async () => {
  // One of its own: other tests make such folders meanwhile.
  const temporary = testFolder();
  vi.stubEnv("TMPDIR", temporary);
  try {
    expect(tmpdir()).toBe(temporary);
    const source = await openJson([written('{"a":1}\n')]);
    const made = () => readdirSync(temporary).filter((name) => name.startsWith("elbo-table-"));
    expect(made()).toHaveLength(1);
    await source.close!();
    expect(made()).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
  }
});
