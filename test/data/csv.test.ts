// CSV and TSV files: what is taken, what is left out with a note, and each way to be wrong.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCsv } from "#elbo/data/csv.js";
import { realData } from "../helpers/data.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

function written(content: string | Uint8Array, name = "data.csv"): string {
  const path = join(testFolder(), name);
  writeFileSync(path, content);
  return path;
}
const read = (content: string | Uint8Array, name?: string) => readCsv(written(content, name));

test("numeric columns are taken in order, others are named in a note", async () => {
  const data = await read("b,name,a\n1,x,-2.5\n 3 ,y,+4e-1\n.5,z,6.\n");
  expect(data).toMatchObject({ kind: "table", rows: 3, shape: [2], columns: ["b", "a"] });
  expect([...data.values]).toEqual([1, -2.5, 3, Math.fround(0.4), 0.5, 6]);
  expect(data.rowNumbers).toBeUndefined();
  expect(data.notes).toEqual([
    { code: "columns-left-out", message: '1 column left out as not numeric: "name"' },
  ]);
});

test("rows with gaps are left out, counted and numbered", async () => {
  const gaps = ["", "NA", "NaN", "null", "?", "n/a", " ", '""'];
  const rows = gaps.map((gap, i) => `${i},${gap}\n`).join("");
  const data = await read(`a,b\n0.5,1\n${rows}2,3\n`);
  expect([...data.values]).toEqual([0.5, 1, 2, 3]);
  expect(data.rowNumbers).toEqual(Int32Array.of(1, 10));
  expect(data.notes).toEqual([
    {
      code: "rows-left-out",
      message: "8 rows of 10 with missing values left out (row 3, 4, 5, 6, 7, ...)",
    },
  ]);
  const all = await elboError(() => read("a,b\n1,\n,2\n"));
  expect(all.code).toBe("rows-all-incomplete");
});

test("a column with some texts is named with one of them", async () => {
  const data = await read("a,b,c\n1,2,\n3,oops,\n5,1_000,\n");
  expect(data.columns).toEqual(["a"]);
  expect(data.notes[0]!.message).toBe(
    '2 columns left out as not numeric: "b" (2 cells not numeric, the first "oops" in row 3), "c" (empty)',
  );
});

test("a first row of numbers is data", async () => {
  const data = await read("1,2\n3,4\n");
  expect(data.columns).toEqual(["column0", "column1"]);
  expect([...data.values]).toEqual([1, 2, 3, 4]);
});

test.each([
  ["semicolons", "a;b\n1;2\n", "data.csv"],
  ["tabs", "a\tb\n1\t2\n", "data.tsv"],
  ["tabs in a .csv", "a\tb\n1\t2\n", "data.csv"],
  ["a byte order mark and CRLF", "\ufeffa,b\r\n1,2\r\n", "data.csv"],
  ["a byte order mark and no header", "\ufeff1,2\r\n", "data.csv"],
  ["blank lines", "\n\na,b\n\n1,2\n\n", "data.csv"],
  ["old Macintosh line ends", "a,b\r1,2\r", "data.csv"],
  ["quotes", '"a","b"\n"1","2"\n', "data.csv"],
  ["no last line end", "a,b\n1,2", "data.csv"],
  ["a comma in a quoted name", '"a,x";b\n1;2\n', "data.csv"],
])("%s are read", async (_what, content, name) => {
  expect([...(await read(content, name)).values]).toEqual([1, 2]);
});

test("gzip is read, and known when damaged", async () => {
  const packed = gzipSync("a,b\n1,2\n");
  expect([...(await read(packed, "data.csv.gz")).values]).toEqual([1, 2]);
  const rows = Array.from({ length: 50_000 }, (_, i) => `${i},${(i * 7919) % 10_007}\n`);
  const large = gzipSync(`a,b\n${rows.join("")}`);
  for (const damaged of [packed.subarray(0, 20), large.subarray(0, large.length >> 1)]) {
    const error = await elboError(() => read(damaged, "data.csv.gz"));
    expect(error.code).toBe("gzip-damaged");
  }
});

test("no name of a file or column is taken for SQL or a pattern", async () => {
  const names = ["a'b.csv", "w[1]*.csv", "x=1;drop.csv", 'q"?.csv', "ü 日本.csv"];
  for (const name of names) {
    if (process.platform === "win32" && /[*?"]/.test(name)) continue;
    const columns = [`'); DROP TABLE x; --`, `"q"`, "*", "c0"];
    const header = columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(",");
    const data = await read(`${header}\n1,2,3,4\n`, name);
    expect(data.columns).toEqual(columns);
    expect([...data.values]).toEqual([1, 2, 3, 4]);
  }
});

test.each([
  ["an empty file", "", "data-empty", undefined],
  ["blank lines only", "\n\n \n", "data-empty", undefined],
  ["a header only", "a,b\n", "data-empty", undefined],
  ["a row too short", "a,b\n1,2\n3\n", "csv-ragged", 3],
  ["a row too long", "a,b\n1,2\n3,4\n5,6,7\n", "csv-ragged", 4],
  ["a quote left open", 'a,b\n1,"2\n3,4\n', "csv-quote", 2],
  ["a quote left open in the header", 'a,"b\n1,2\n', "csv-quote", 1],
  ["text after a closing quote", 'a,b\n1,2\n"3"x,4\n', "csv-quote", 3],
  ["one name twice", "a,b,a\n1,2,3\n", "csv-duplicate-column", 1],
  ["no numbers", "a,b\nx,y\n", "csv-no-numeric", undefined],
  ["a NUL byte", "a,b\n1,2\n3,4\0\n", "csv-nul", 3],
  ["a NUL byte in the header", "a,b\0long name\n1,2\n", "csv-nul", 1],
  ["Latin-1", Buffer.from("a,b\n1,é\n", "latin1"), "csv-encoding", 2],
  ["Latin-1 in the header", Buffer.from("a,é\n1,2\n", "latin1"), "csv-encoding", 1],
  ["UTF-16", Buffer.from("\ufeffa,b\n1,2\n", "utf16le"), "csv-encoding", 1],
  ["UTF-16 without its mark", Buffer.from("a,b\n1,2\n", "utf16le"), "csv-encoding", 1],
  ["infinity", "a,b\n1,2\n3,inf\n", "value-infinite", 3],
  ["a number beyond float32", "a,b\n1,1e39\n", "value-infinite", 2],
])("%s is one clear error", async (_what, content, code, row) => {
  const path = written(content);
  const error = await elboError(() => readCsv(path));
  expect(error.code).toBe(code);
  expect(error.message).toContain(path);
  expect(error.where).toMatchObject({ file: path });
  expect(error.where!.row).toBe(row);
});

test("errors say what was expected and received", async () => {
  const ragged = await elboError(() => read("a,b\n1,2\n3\n"));
  expect(ragged.message).toContain("row 3: expected 2 columns as in the first row, received 1");
  const infinite = await elboError(() => read('a,"b c"\n1,-inf\n'));
  expect(infinite.message).toContain('row 2, column "b c": -Infinity');
  expect(infinite.where!.column).toBe("b c");
  const text = await elboError(() => read("city,name\nx,y\n"));
  expect(text.message).toContain('"city", "name"');
  const latin = await elboError(() => read(Buffer.from("a\n1\né\n", "latin1")));
  expect(latin.message).toContain("ISO-8859-1");
});

test("a missing file and a folder are clear errors", async () => {
  const folder = testFolder();
  expect((await elboError(() => readCsv(join(folder, "no.csv")))).code).toBe("file-missing");
  mkdirSync(join(folder, "sub.csv"));
  expect((await elboError(() => readCsv(join(folder, "sub.csv")))).code).toBe("file-is-folder");
});

test("integers that float32 cannot hold are noted, others are not", async () => {
  const data = await read("id,n\n16777217,16777216\n1,33554432\n");
  expect(data.notes).toEqual([
    {
      code: "precision-lost",
      message: 'column "id" holds integers too large for float32 (row 2: 16777217 became 16777216)',
    },
  ]);
});

test("any table of numbers comes back as float32, rows in order", async () => {
  const folder = testFolder();
  const cell = fc.double({ min: -3e38, max: 3e38, noNaN: true });
  const table = fc.integer({ min: 1, max: 6 }).chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 30,
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const path = join(folder, "table.csv");
      const header = rows[0]!.map((_, i) => `n${i}`).join(",");
      writeFileSync(path, `${header}\n${rows.map((row) => row.join(",")).join("\n")}\n`);
      const data = await readCsv(path);
      // A negative zero in text is a zero.
      expect([...data.values].map((x) => x + 0)).toEqual(
        rows.flat().map((x) => Math.fround(x) + 0),
      );
    }),
    { numRuns: 15 },
  );
});

test("a file of several of DuckDB's blocks keeps its order, and its faults their rows", async () => {
  const rows = 400_000;
  const line = (i: number) => `${i},"a text, with ""quotes"" ${i}",${i / 8}`;
  const lines = ["id,text,x", ...Array.from({ length: rows }, (_, i) => line(i))];
  const path = written(lines.join("\n"));
  const data = await readCsv(path);
  expect(data.rows).toBe(rows);
  const wrong = data.values.findIndex((value, i) => {
    const row = i >> 1;
    return value !== (i % 2 === 0 ? row : row / 8);
  });
  expect(wrong).toBe(-1);
  const good = lines[350_001]!;
  const faults: [string, string][] = [
    [`${good},9`, "csv-ragged"],
    ["1,2", "csv-ragged"],
    [`1,"x"y,2`, "csv-quote"],
    [`1,\u00ff,2`, "csv-encoding"],
    ["1,\0,2", "csv-nul"],
    ["1,x,inf", "value-infinite"],
    ["1,2,x", ""],
  ];
  for (const [fault, code] of faults) {
    lines[350_001] = fault;
    const text = Buffer.from(lines.join("\n"), code === "csv-encoding" ? "latin1" : "utf8");
    if (code === "") {
      // A text in a column of numbers, however late, leaves the column out.
      expect((await readCsv(written(text))).columns).toEqual(["id"]);
      continue;
    }
    const error = await elboError(() => readCsv(written(text)));
    expect(error).toMatchObject({ code, where: { row: 350_002 } });
  }
});

test("a thousand columns are no trouble", async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `g${i}`);
  const line = (row: number) =>
    names.map((_, i) => (i === 500 ? "text" : row * 1000 + i)).join(",");
  const lines = [names.join(","), ...Array.from({ length: 50 }, (_, row) => line(row))];
  const data = await readCsv(written(lines.join("\n")));
  expect(data).toMatchObject({ rows: 50, shape: [999] });
  expect(data.values[49 * 999 + 998]).toBe(49_999);
});

const housing = realData("housing", "housing.csv");
test.skipIf(housing === undefined)("California housing (needs the real data)", async () => {
  const data = await readCsv(housing!);
  // 20,640 rows, of which 207 lack total_bedrooms (the publisher's documentation).
  expect(data.rows).toBe(20_433);
  expect(data.columns).toHaveLength(9);
  expect(data.rowNumbers).toHaveLength(20_433);
});
