// CSV and TSV files: what columns become, and each way to be wrong.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openCsv } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

function written(content: string | Uint8Array, name = "data.csv"): string {
  const path = join(testFolder(), name);
  writeFileSync(path, content);
  return path;
}
const open = (content: string | Uint8Array, name?: string) => openCsv([written(content, name)]);
const read = async (content: string | Uint8Array, name?: string) =>
  readColumns(await open(content, name));

test("a column is what all of its cells are", async () => {
  const source = await open(
    [
      "number,text,bool,date,time,mixed,empty",
      "1, a ,true,2013-07-04,2013-07-04 00:00:00.5,1,NA",
      ' -.5 ,"b, ""c""",FALSE,1969-12-31,2013-07-04T02:00:00+02,x,',
      "+4e2,?,NA,,2013-07-04T00:00Z,+-1,null",
      "",
      "6.,née,True,2024-02-29,none,1_000,?",
    ].join("\n"),
  );
  expect(source.columns).toEqual([
    { name: "number", type: "number" },
    { name: "text", type: "text" },
    { name: "bool", type: "number", boolean: true },
    { name: "date", type: "time", date: true },
    { name: "time", type: "time" },
    { name: "mixed", type: "text" },
    { name: "empty", type: "number" },
  ]);
  const day = 86_400_000;
  const july = Date.UTC(2013, 6, 4);
  expect(await readColumns(source)).toEqual([
    [1, -0.5, 400, 6],
    ["a", 'b, "c"', null, "née"],
    [1, 0, Number.NaN, 1],
    [july, -day, Number.NaN, Date.UTC(2024, 1, 29)],
    [july + 500, july, july, Number.NaN],
    ["1", "x", "+-1", "1_000"],
    [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
  ]);
  expect(source.notes).toEqual([]);
  expect(source.rows).toBe(4);
});

test("zeros in front of whole numbers are kept, as DuckDB keeps them", async () => {
  const source = await open(
    ["zip,half,zero,year", "94105,0.5,0,2001", "00501,00.5,-0,1999", "NA,,0,"].join("\n"),
  );
  expect(source.columns[0]).toEqual({ name: "zip", type: "text" });
  expect(source.columns.slice(1, 4).map(({ type }) => type)).toEqual([
    "number",
    "number",
    "number",
  ]);
  expect((await readColumns(source))[0]).toEqual(["94105", "00501", null]);
});

test("columns come in the order asked for, and again the same", async () => {
  const source = await open("a,b,c\n1,x,2\n3,y,4\n");
  const some = [
    ["x", "y"],
    [1, 3],
  ];
  expect(await readColumns(source, ["b", "a"])).toEqual(some);
  expect(await readColumns(source, ["b", "a"])).toEqual(some);
  expect(await readColumns(source, [])).toEqual([]);
  const error = await elboError(() => source.chunks(["bb"]));
  expect(error).toMatchObject({ code: "column-missing", kind: "usage" });
  expect(error.hint).toContain('"b"');
});

test("a short file is read once, whatever becomes of it", async () => {
  const path = written("a,b\n1,x\n2,y\n");
  const source = await openCsv([path]);
  rmSync(path);
  expect(await readColumns(source, ["a"])).toEqual([[1, 2]]);
  for await (const _ of source.chunks()) break;
  const all = [
    [1, 2],
    ["x", "y"],
  ];
  expect(await readColumns(source)).toEqual(all);
  expect(await readColumns(source, ["b", "a"])).toEqual(all.toReversed());
  expect(await readColumns(source, ["b"])).toEqual([["x", "y"]]);
  // Other readings than the first are rare.
  const texts = source.asTexts!(["a"]);
  expect(await elboError(() => readColumns(texts))).toMatchObject({ code: "file-missing" });
});

test("each word for missing is missing, in numbers and in texts", async () => {
  const gaps = ["", "NA", "NaN", "-nan", "null", "None", "?", "n/a", " ", '""', '" "', "\t"];
  const [numbers, texts] = await read(
    `a,b\n0.5,x\n${gaps.map((gap) => `${gap},${gap}\n`).join("")}`,
  );
  expect(numbers).toEqual([0.5, ...gaps.map(() => Number.NaN)]);
  expect(texts).toEqual(["x", ...gaps.map(() => null)]);
});

test("a first row of numbers is data", async () => {
  const source = await open("1,2\n3,4\n");
  expect(source.columns.map(({ name }) => name)).toEqual(["column0", "column1"]);
  expect(await readColumns(source)).toEqual([
    [1, 3],
    [2, 4],
  ]);
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
  ["a quote at the very end", 'a,b\n1,"2"', "data.csv"],
  ["a comma in a quoted name", '"a,x";b\n1;2\n', "data.csv"],
])("%s are read", async (_what, content, name) => {
  expect(await read(content, name)).toEqual([[1], [2]]);
});

test("blank lines are missing cells where rows have one", async () => {
  expect(await read("a\n1\n\n3\n")).toEqual([[1, Number.NaN, 3]]);
  expect(await read("a\r\n1\r\n\r\n3")).toEqual([[1, Number.NaN, 3]]);
});

test("gzip is read, and known when damaged", async () => {
  const packed = gzipSync("a,b\n1,2\n");
  expect(await read(packed, "data.csv.gz")).toEqual([[1], [2]]);
  const rows = Array.from({ length: 50_000 }, (_, i) => `${i},${(i * 7919) % 10_007}\n`);
  const large = gzipSync(`a,b\n${rows.join("")}`);
  for (const damaged of [packed.subarray(0, 20), large.subarray(0, large.length >> 1)]) {
    const error = await elboError(() => open(damaged, "data.csv.gz"));
    expect(error.code).toBe("gzip-damaged");
  }
});

test("names of files and columns are only names", async () => {
  const names = ["a'b.csv", "w[1]*.csv", "x=1;drop.csv", 'q"?.csv', "ü 日本.csv"];
  for (const name of names) {
    if (process.platform === "win32" && /[*?"]/.test(name)) continue;
    const columns = [`'); DROP TABLE x; --`, `"q"`, "*", "c0"];
    const header = columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(",");
    const source = await open(`${header}\n1,2,3,4\n`, name);
    expect(source.columns.map((column) => column.name)).toEqual(columns);
    expect(await readColumns(source)).toEqual([[1], [2], [3], [4]]);
  }
});

test.each([
  ["an empty file", "", "data-empty", undefined],
  ["blank lines only", "\n\n \n", "data-empty", undefined],
  ["a header only", "a,b\n", "data-empty", undefined],
  ["a row too short", "a,b\n1,2\n3\n", "csv-ragged", 3],
  ["a row too long", "a,b\n1,2\n3,4\n5,6,7\n", "csv-ragged", 4],
  ["a last row too short", "a,b\n1,2\n3", "csv-ragged", 3],
  ["a quote left open", 'a,b\n1,"2\n3,4\n', "csv-quote", 2],
  ["a quote left open in the header", 'a,"b\n1,2\n', "csv-quote", 1],
  ["text after a closing quote", 'a,b\n1,2\n"3"x,4\n', "csv-quote", 3],
  ["one name twice", "a,b,a\n1,2,3\n", "csv-duplicate-column", 1],
  ["a NUL byte", "a,b\n1,2\n3,4\0\n", "csv-nul", 3],
  ["a NUL byte in quotes", 'a,b\n1,2\n3,"4\0"\n', "csv-nul", 3],
  ["a NUL byte in the header", "a,b\0long name\n1,2\n", "csv-nul", 1],
  ["Latin-1", Buffer.from("a,b\n1,é\n", "latin1"), "csv-encoding", 2],
  ["Latin-1 in quotes", Buffer.from('a,b\n1,ü\n2,"é\n"\n', "latin1"), "csv-encoding", 2],
  ["Latin-1 in the header", Buffer.from("a,é\n1,2\n", "latin1"), "csv-encoding", 1],
  ["UTF-16", Buffer.from("\ufeffa,b\n1,2\n", "utf16le"), "csv-encoding", 1],
  ["UTF-16 without its mark", Buffer.from("a,b\n1,2\n", "utf16le"), "csv-encoding", 1],
  ["infinity", "a,b\n1,2\n3,inf\n", "value-infinite", 3],
  ["a number beyond float64", "a,b\n1,2\n\n1,1e400\n", "value-infinite", 3],
])("%s is one clear error", async (_what, content, code, row) => {
  const path = written(content);
  const error = await elboError(() => openCsv([path]));
  expect(error.code).toBe(code);
  expect(error.message).toContain(path);
  expect(error.where).toMatchObject({ file: path });
  expect(error.where!.row).toBe(row);
});

test("a quote that swallows megabytes is found without reading on", async () => {
  const path = written(`a,b\n1,2\n3,"${"4,5\n".repeat(9_000_000)}`);
  const error = await elboError(() => openCsv([path]));
  expect(error).toMatchObject({ code: "csv-quote", where: { file: path, row: 3 } });
  const long = await elboError(() => open(`a,b\n1,${"2".repeat(34_000_000)}`));
  expect(long).toMatchObject({ code: "csv-line-long", where: { row: 2 } });
});

test("errors say what was expected and received", async () => {
  const ragged = await elboError(() => open("a,b\n1,2\n3\n"));
  expect(ragged.message).toContain("row 3: expected 2 columns as in the first row, received 1");
  const infinite = await elboError(() => open('a,"b c"\n1,-inf\n'));
  expect(infinite.message).toContain('row 2, column "b c": -inf');
  expect(infinite.where!.column).toBe("b c");
  const latin = await elboError(() => open(Buffer.from("a\n1\né\n", "latin1")));
  expect(latin.message).toContain("ISO-8859-1");
});

test("inf among words is a word", async () => {
  const source = await open("side\nsup\ninf\n");
  expect(source.columns).toEqual([{ name: "side", type: "text" }]);
  expect(await readColumns(source)).toEqual([["sup", "inf"]]);
});

test("a missing file and a folder are clear errors", async () => {
  const folder = testFolder();
  expect((await elboError(() => openCsv([join(folder, "no.csv")]))).code).toBe("file-missing");
  mkdirSync(join(folder, "sub.csv"));
  expect((await elboError(() => openCsv([join(folder, "sub.csv")]))).code).toBe("file-is-folder");
});

test("integers that float64 cannot hold are noted, others are not", async () => {
  const source = await open(
    "id,n,x\n9007199254740993,9007199254740992,0.12345678901234567\n1,1e300,1\n",
  );
  expect(source.notes).toEqual([
    {
      code: "precision-lost",
      message:
        'column "id" holds integers too large for float64 (row 2: 9007199254740993 becomes 9007199254740992)',
    },
  ]);
});

test("a long file that changes after it was opened is an error, not other rows", async () => {
  const head = `c,a,b\n${"long ".repeat(2_000_000)},1,2\n`;
  const path = written("");
  for (const [content, row] of [
    [`${head},3,x\n`, 3],
    [head, undefined],
    [`${head},3,4\n,5,6\n`, undefined],
  ] as const) {
    writeFileSync(path, `${head},3,4\n`);
    const source = await openCsv([path]);
    writeFileSync(path, content);
    const error = await elboError(() => readColumns(source));
    expect(error).toMatchObject({ code: "file-changed", where: { file: path } });
    expect(error.where!.row).toBe(row);
  }
});

test("a file of several blocks keeps its order, and its faults their rows", async () => {
  const rows = 60_000;
  const line = (i: number) => `${i},"a text, with ""quotes"" ${i % 100}\r\n",${i / 8}`;
  const lines = ["id,text,x", ...Array.from({ length: rows }, (_, i) => line(i))];
  const source = await open(lines.join("\r\n"));
  expect(source.rows).toBe(rows);
  const [ids, texts, values] = await readColumns(source);
  expect(ids!.findIndex((id, i) => id !== i)).toBe(-1);
  expect(texts!.findIndex((text, i) => text !== `a text, with "quotes" ${i % 100}`)).toBe(-1);
  expect(values!.findIndex((x, i) => x !== i / 8)).toBe(-1);
  const faults: [string, string][] = [
    [`${lines[1]},9`, "csv-ragged"],
    ["1,2", "csv-ragged"],
    [`1,"x"y,2`, "csv-quote"],
    [`1,"x,2`, "csv-quote"],
    [`1,\u00ff,2`, "csv-encoding"],
    ["1,\0,2", "csv-nul"],
    ["1,x,inf", "value-infinite"],
  ];
  for (const [fault, code] of faults) {
    const wrong = lines.with(50_001, fault);
    const text = Buffer.from(wrong.join("\n"), code === "csv-encoding" ? "latin1" : "utf8");
    const error = await elboError(() => open(text));
    // What an open quote swallows ends at the next quote, in the row after it.
    expect(error).toMatchObject({ code, where: { row: 50_002 } });
  }
  const late = await open(lines.with(50_001, "1,2,x").join("\n"));
  expect(late.columns[2]).toEqual({ name: "x", type: "text" });
});

test("twenty thousand columns are no trouble", async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `g${i}`);
  const line = (row: number) => names.map((_, i) => (i === 500 ? "text" : row * 10 + i)).join(",");
  const lines = [names.join(","), ...Array.from({ length: 30 }, (_, row) => line(row))];
  const source = await open(lines.join("\n"));
  expect(source.columns[500]!.type).toBe("text");
  const [last, texts] = await readColumns(source, ["g19999", "g500"]);
  expect(last).toEqual(Array.from({ length: 30 }, (_, row) => row * 10 + 19_999));
  expect(texts).toEqual(Array.from({ length: 30 }, () => "text"));
});

const adult = realData("adult", "adult.csv");
test.skipIf(adult === undefined)("census income (needs the real data)", async () => {
  const source = await openCsv([adult!]);
  expect(source).toMatchObject({ rows: 32_561, notes: [] });
  const numbers = source.columns.filter(({ type }) => type === "number").map(({ name }) => name);
  expect(numbers).toEqual([
    ...["age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"],
  ]);
  const [income, age, work] = await readColumns(source, ["income", "age", "workclass"]);
  expect(new Set(income)).toEqual(new Set(["<=50K", ">50K"]));
  // 7,841 of 32,561 earn more, and 1,836 do not say where they work (the publisher's counts).
  expect(income!.filter((cell) => cell === ">50K")).toHaveLength(7841);
  expect(work!.filter((cell) => cell === null)).toHaveLength(1836);
  expect(age!.slice(0, 2)).toEqual([39, 50]);
});

const housing = realData("housing", "housing.csv");
test.skipIf(housing === undefined)("California housing (needs the real data)", async () => {
  const source = await openCsv([housing!]);
  expect(source).toMatchObject({ rows: 20_640 });
  expect(source.columns.filter(({ type }) => type === "number")).toHaveLength(9);
  // 207 rows lack total_bedrooms (the publisher's documentation).
  const [bedrooms] = await readColumns(source, ["total_bedrooms"]);
  expect(bedrooms!.filter((x) => Number.isNaN(x))).toHaveLength(207);
});

const penguins = realData("penguins", "penguins_raw.csv");
test.skipIf(penguins === undefined)("raw penguins have dates (needs the real data)", async () => {
  const source = await openCsv([penguins!]);
  const date = source.columns.find(({ name }) => name === "Date Egg");
  expect(date).toEqual({ name: "Date Egg", type: "time", date: true });
  expect((await readColumns(source, ["Date Egg"]))[0]![0]).toBe(Date.UTC(2007, 10, 11));
});

const nab = realData("nab", "realKnownCause", "ambient_temperature_system_failure.csv");
test.skipIf(nab === undefined)("a series has times (needs the real data)", async () => {
  const source = await openCsv([nab!]);
  expect(source.columns.map(({ type }) => type)).toEqual(["time", "number"]);
  expect((await readColumns(source, ["timestamp"]))[0]![0]).toBe(Date.UTC(2013, 6, 4));
});
