// Tables written chunk by chunk: the same bytes as at once, in every format, or nothing.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlPath, withDuckDB } from "#elbo/data/duckdb.js";
import { openData } from "#elbo/data/open.js";
import { openTableWriter, type TableColumn, type TableValues } from "#elbo/data/write/table.js";
import { declaredReading } from "#elbo/fields/declarations.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { onFullDisk } from "../../helpers/full-disk.ts";
import { unzip } from "../../helpers/unzip.ts";
import { npyValues } from "../npy-values.ts";
import { collect } from "../rows.ts";

const texts = ["csv", "tsv", "json", "ndjson", "csv.gz", "json.gz"];
const formats = [...texts, "npy", "npz", "parquet"];

const at = Date.UTC(2013, 6, 4, 10, 0, 0);
const day = Date.UTC(1969, 11, 31);
const columns: TableColumn[] = [
  { name: "a", type: "float32" },
  { name: "b", type: "float64" },
  { name: "n", type: "int32" },
  { name: "t", type: "text" },
  { name: "ok", type: "boolean" },
  { name: "at", type: "time" },
  { name: "day", type: "date" },
];
const values: TableValues[] = [
  Float32Array.of(0.1, Number.NaN, 3, -1),
  [1e300, null, Number.NaN, -0],
  Int32Array.of(1, -2, 3, 4),
  ["a\tb,c", null, "", 'q"\n日本'],
  [true, null, false, true],
  [at, null, at + 0.25, at + 120],
  [day, Number.NaN, 0, day],
];

const numeric = (column: TableColumn) => !["text", "time", "date"].includes(column.type);
const fitting = (format: string) => (format === "npy" ? columns.filter(numeric) : columns);
const valuesOf = (format: string, from: number, to: number) =>
  values
    .filter((_, i) => format !== "npy" || numeric(columns[i]!))
    .map((column) => column.slice(from, to) as TableValues);

/** Writes the rows in chunks that end at `ends`. */
async function write(path: string, format: string, ends: readonly number[]): Promise<void> {
  const writer = await openTableWriter(path, fitting(format), { force: true });
  let from = 0;
  for (const to of ends) {
    await writer.write(valuesOf(format, from, to), to - from);
    from = to;
  }
  await writer.close();
}

/** Bytes, or for Parquet, whose bytes may depend on threads, rows. */
async function contents(path: string, format: string): Promise<unknown> {
  if (format.endsWith(".gz")) return gunzipSync(readFileSync(path)).toString();
  return format === "parquet" ? parquetRows(path) : readFileSync(path);
}

const parquetRows = (path: string) =>
  withDuckDB(path, async (connection) =>
    (
      await connection.runAndReadAll(`SELECT * FROM read_parquet(${sqlPath(path)})`)
    ).getRowObjectsJS(),
  );

test.each(formats)("chunks make the same .%s as all rows at once", async (format) => {
  const folder = testFolder();
  const whole = join(folder, `whole.${format}`);
  await write(whole, format, [4]);
  const expected = await contents(whole, format);
  const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(cuts, async (ends) => {
      const path = join(folder, `chunks.${format}`);
      await write(path, format, [...ends.sort(), 4]);
      expect(await contents(path, format)).toEqual(expected);
    }),
    { numRuns: format === "parquet" ? 4 : 12 },
  );
  expect(readdirSync(folder).sort()).toEqual([`chunks.${format}`, `whole.${format}`]);
});

test("text formats write moments as ISO 8601, as precisely as they are", async () => {
  const folder = testFolder();
  await write(join(folder, "t.csv"), "csv", [1, 4]);
  expect(readFileSync(join(folder, "t.csv"), "utf8")).toBe(
    [
      "a,b,n,t,ok,at,day",
      '0.1,1e+300,1,"a\tb,c",true,2013-07-04T10:00:00.000Z,1969-12-31',
      ",,-2,,,,",
      '3,,3,"",false,2013-07-04T10:00:00.000250Z,1970-01-01',
      '-1,-0,4,"q""\n日本",true,2013-07-04T10:00:00.120Z,1969-12-31',
      "",
    ].join("\n"),
  );
  await write(join(folder, "t.tsv"), "tsv", [4]);
  expect(readFileSync(join(folder, "t.tsv"), "utf8").split("\n")[1]).toBe(
    '0.1\t1e+300\t1\t"a\tb,c"\ttrue\t2013-07-04T10:00:00.000Z\t1969-12-31',
  );
  await write(join(folder, "t.json"), "json", [4]);
  const rows = JSON.parse(readFileSync(join(folder, "t.json"), "utf8")) as object[];
  expect(rows[0]).toMatchObject({ at: "2013-07-04T10:00:00.000Z", day: "1969-12-31", ok: true });
  expect(rows[1]).toEqual({ a: null, b: null, n: -2, t: null, ok: null, at: null, day: null });
});

test.each(["csv", "tsv", "json", "ndjson", "csv.gz", "ndjson.gz", "parquet"])(
  "what is written as .%s is read back the same",
  async (format) => {
    const path = join(testFolder(), `t.${format}`);
    await write(path, format, [2, 4]);
    const source = await openData(path, { reading: { declared: declaredReading({}) } });
    const missing = Number.NaN;
    const read = await collect(source, ["b", "n", "ok", "at", "day"]);
    expect(read).toEqual({
      // DuckDB's JSON has no negative zero.
      b: [1e300, missing, missing, /json/.test(format) ? 0 : -0],
      n: [1, -2, 3, 4],
      ok: [1, missing, 0, 1],
      at: [at, missing, at + 0.25, at + 120],
      day: [day, missing, 0, day],
    });
    expect(source.columns.at(-1)).toMatchObject({ type: "time", date: true });
    expect(source.columns.at(-2)).toMatchObject({ name: "at", type: "time" });
    await source.close?.();
  },
);

test("Parquet has timestamps, dates and booleans; npz NumPy's datetimes", async () => {
  const folder = testFolder();
  await write(join(folder, "t.parquet"), "parquet", [4]);
  const types = await withDuckDB("t", async (connection) =>
    (
      await connection.runAndReadAll(
        `DESCRIBE SELECT * FROM read_parquet(${sqlPath(join(folder, "t.parquet"))})`,
      )
    ).getRowObjectsJS(),
  );
  expect(types.map((type) => type["column_type"])).toEqual(
    "FLOAT DOUBLE INTEGER VARCHAR BOOLEAN TIMESTAMP DATE".split(" "),
  );
  await write(join(folder, "t.npz"), "npz", [1, 4]);
  const entries = unzip(join(folder, "t.npz"));
  const integers = (name: string) => {
    const bytes = Uint8Array.from(entries.get(name)!);
    const text = Buffer.from(bytes.subarray(0, 128)).toString("latin1");
    return {
      type: /'descr': '<(.*?)'/.exec(text)?.[1],
      rows: new BigInt64Array(bytes.buffer, 128),
    };
  };
  const nat = -(2n ** 63n);
  const micros = BigInt(at) * 1000n;
  expect(integers("at.npy")).toEqual({
    type: "M8[us]",
    rows: BigInt64Array.of(micros, nat, micros + 250n, micros + 120_000n),
  });
  expect(integers("day.npy")).toEqual({
    type: "M8[D]",
    rows: BigInt64Array.of(-1n, nat, 0n, -1n),
  });
  expect((await npyValues(entries.get("n.npy")!)).values).toEqual(Int32Array.of(1, -2, 3, 4));
  expect((await npyValues(entries.get("ok.npy")!)).values).toEqual(
    Float32Array.of(1, Number.NaN, 0, 1),
  );
});

test.each(formats)("no rows make a valid .%s", async (format) => {
  const path = join(testFolder(), `t.${format}`);
  await write(path, format, []);
  const content = await contents(path, format);
  if (format === "parquet") expect(content).toEqual([]);
  else if (format === "npz") {
    const entries = unzip(path);
    expect(entries.size).toBe(7);
    expect(Buffer.from(entries.get("a.npy")!).toString("latin1")).toContain("'shape': (0,)");
  } else if (format === "npy") {
    expect((content as Buffer).length).toBe(128);
    expect((content as Buffer).toString("latin1")).toContain("'shape': (0, 4)");
  } else if (format.startsWith("json")) expect(JSON.parse(String(content))).toEqual([]);
  else if (format === "ndjson") expect(String(content)).toBe("");
  else expect(String(content).trimEnd().split(/[,\t]/)).toEqual(columns.map(({ name }) => name));
});

test("an archive larger than what is held waits beside the output, and comes out the same", async () => {
  const folder = testFolder();
  const path = join(folder, "t.npz");
  const rows = 400_000;
  const x = Float64Array.from({ length: rows }, (_, i) => Math.sin(i));
  const names = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? "" : `row ${i}`));
  const writer = await openTableWriter(path, [
    { name: "x", type: "float64" },
    { name: "name", type: "text" },
    { name: "y", type: "float64" },
  ]);
  for (let start = 0; start < rows; start += 10_000) {
    const end = start + 10_000;
    await writer.write([x.slice(start, end), names.slice(start, end), x.slice(start, end)], 10_000);
  }
  expect(readdirSync(folder)).toHaveLength(2);
  await writer.close();
  expect(readdirSync(folder)).toEqual(["t.npz"]);
  const entries = unzip(path);
  expect((await npyValues(entries.get("x.npy")!)).values).toEqual(x);
  expect((await npyValues(entries.get("y.npy")!)).values).toEqual(x);
  const texts = Buffer.from(entries.get("name.npy")!);
  expect(texts.toString("latin1", 0, 128)).toContain("'<U10', 'fortran_order': False");
  const last = texts
    .subarray(texts.length - 40)
    .toString("utf16le")
    .replaceAll("\0", "");
  expect(last).toBe(`row ${rows - 1}`);
});

test.each(formats)("an aborted .%s leaves what was there", async (format) => {
  const folder = testFolder();
  const path = join(folder, `t.${format}`);
  writeFileSync(path, "old");
  const writer = await openTableWriter(path, fitting(format), { force: true });
  await writer.write(valuesOf(format, 0, 3), 3);
  await writer.abort();
  await writer.abort();
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual([`t.${format}`]);
  const error = await elboError(() => writer.write(valuesOf(format, 3, 4), 1));
  expect(error.code).toBe("writer-closed");
});

test("values that do not fit their column are refused, and nothing stays", async () => {
  const folder = testFolder();
  const cases: [string, TableColumn["type"], TableValues, number, string][] = [
    ["t.csv", "float32", [1, 2], 3, "column-length"],
    ["t.csv", "int32", [1.5], 1, "column-values"],
    ["t.csv", "int32", [2 ** 31], 1, "column-values"],
    ["t.parquet", "uint8", [256], 1, "column-values"],
    ["t.csv", "text", [1], 1, "column-values"],
    ["t.json", "float64", ["1"], 1, "column-values"],
    ["t.json", "time", [Number.POSITIVE_INFINITY], 1, "column-values"],
    ["t.npz", "int32", [1, null], 2, "column-values"],
    ["t.npy", "int32", [null], 1, "column-values"],
  ];
  for (const [name, type, column, rows, code] of cases) {
    const writer = await openTableWriter(join(folder, name), [{ name: "a", type }]);
    const error = await elboError(() => writer.write([column], rows));
    expect(error).toMatchObject({ code, kind: "usage" });
    expect((await elboError(() => writer.close())).code).toBe("writer-closed");
  }
  const writer = await openTableWriter(join(folder, "t.csv"), columns);
  expect((await elboError(() => writer.write([], 0))).code).toBe("column-count");
  for (const names of [["a", "A"], [""]]) {
    const twins = names.map((name) => ({ name, type: "int32" }) as const);
    const error = await elboError(() => openTableWriter(join(folder, "t.parquet"), twins));
    expect(error).toMatchObject({ code: "column-duplicate", kind: "usage" });
  }
  expect(await elboError(() => openTableWriter(join(folder, "t.npy"), columns))).toMatchObject({
    code: "format-text",
    kind: "usage",
  });
  expect(readdirSync(folder)).toEqual([]);
});

test.for(formats)(
  "a disk that fills up while .%s is written keeps the old one",
  async (format, context) => {
    await onFullDisk(context, async (folder) => {
      const path = join(folder, `t.${format}`);
      writeFileSync(path, "old");
      const writer = await openTableWriter(path, [{ name: "a", type: "float64" }], { force: true });
      const error = await elboError(async () => {
        for (let chunk = 0; chunk < 200; chunk++) {
          const noise = Float64Array.from({ length: 10_000 }, (_, i) =>
            Math.sin(chunk * 10_000 + i),
          );
          await writer.write([noise], 10_000);
        }
        await writer.close();
      });
      expect(error.code).toBe("disk-full");
      expect(error.message).toContain(path);
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual([`t.${format}`]);
    });
  },
);

test("Parquet of more columns than DuckDB has room for in 512 MB is written", async () => {
  const path = join(testFolder(), "wide.parquet");
  const [wide, rows] = [2200, 2100];
  const names = Array.from({ length: wide }, (_, j): TableColumn => {
    return { name: `z${j}`, type: "float32" };
  });
  const writer = await openTableWriter(path, names);
  const all = names.map((_, j) => new Float32Array(rows).fill(j / 8));
  await writer.write(all, rows);
  await writer.close();
  const source = await openData(path);
  expect([source.rows, source.columns.length]).toEqual([rows, wide]);
  await source.close?.();
});

test("texts alone are lines of a .txt; columns beside them and breaks inside are refused", async () => {
  const folder = testFolder();
  const line: TableColumn = { name: "line", type: "text" };
  const writer = await openTableWriter(join(folder, "a.txt.gz"), [line]);
  await writer.write([["CCO", "c1 c", null]], 3);
  await writer.write([["日本"]], 1);
  await writer.close();
  expect(gunzipSync(readFileSync(join(folder, "a.txt.gz"))).toString()).toBe("CCO\nc1 c\n\n日本\n");
  const beside = await elboError(() => openTableWriter(join(folder, "b.txt"), columns.slice(2, 4)));
  expect(beside.code).toBe("format-text");
  expect(beside.message).toMatch(/one column of texts, received 2 columns with n \(int32\)/);
  const broken = await openTableWriter(join(folder, "c.txt"), [line]);
  const inside = await elboError(() => broken.write([["a\nb"]], 1));
  expect(inside.code).toBe("column-values");
  expect(readdirSync(folder)).toEqual(["a.txt.gz"]);
});
