// Tables written in every format, read back, and refused where a format cannot hold them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlPath, withDuckDB } from "#elbo/data/duckdb.js";
import { openData } from "#elbo/data/open.js";
import { float32Text } from "#elbo/data/write/numbers.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { onFullDisk } from "../../helpers/full-disk.ts";
import { unzip } from "../../helpers/unzip.ts";
import { npyValues } from "../npy-values.ts";
import { collect } from "../rows.ts";
import { type WholeColumn, writeTable } from "./whole.ts";

const columns: WholeColumn[] = [
  { name: "z0", type: "float32", values: Float32Array.of(0.1, Number.NaN, 1e-20, 16777216) },
  { name: "d", type: "float64", values: [0.1, null, Number.POSITIVE_INFINITY, -0] },
  { name: 't "é",', type: "text", values: ["a,b", null, "", 'q"\n日本 '] },
  { name: "alarm", type: "boolean", values: [true, false, null, true] },
];

const written = async (name: string, table: readonly WholeColumn[] = columns) => {
  const path = join(testFolder(), name);
  await writeTable(path, table);
  return path;
};

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

test("float32 text reads back as the same number and is the shortest that does", () => {
  fc.assert(
    fc.property(float32, (value) => {
      const text = float32Text(value);
      expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
      const digits = (shown: string) =>
        shown.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length;
      // Large whole numbers are written in full, as people expect.
      if (Math.abs(value) >= 1e5 && Number.isInteger(value)) return;
      for (let shorter = 1; shorter < digits(text); shorter++) {
        expect(Math.fround(Number(value.toPrecision(shorter)))).not.toBe(value);
      }
    }),
    { numRuns: 5000 },
  );
  expect(
    [0.1, 1 / 3, 1e-45, 3.4028234663852886e38, -0, 16777216, 0.3].map(Math.fround).map(float32Text),
  ).toEqual(["0.1", "0.33333334", "1e-45", "3.4028235e+38", "-0", "16777216", "0.3"]);
});

test("CSV quotes by RFC 4180", async () => {
  expect(readFileSync(await written("t.csv"), "utf8")).toBe(
    'z0,d,"t ""é"",",alarm\n0.1,0.1,"a,b",true\n,,,false\n1e-20,inf,"",\n16777216,-0,"q""\n日本 ",true\n',
  );
  const single = await written("s.csv", [{ name: "a", type: "float64", values: [1, null, 3] }]);
  expect(readFileSync(single, "utf8")).toBe('a\n1\n""\n3\n');
});

test("JSON and NDJSON hold one object a row", async () => {
  const rows = [
    { z0: 0.1, d: 0.1, 't "é",': "a,b", alarm: true },
    { z0: null, d: null, 't "é",': null, alarm: false },
    { z0: 1e-20, d: null, 't "é",': "", alarm: null },
    { z0: 16777216, d: -0, 't "é",': 'q"\n日本 ', alarm: true },
  ];
  expect(JSON.parse(readFileSync(await written("t.json"), "utf8"))).toEqual(rows);
  const lines = readFileSync(await written("t.ndjson"), "utf8")
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
  expect(
    JSON.parse(
      readFileSync(await written("e.json", [{ name: "a", type: "float64", values: [] }]), "utf8"),
    ),
  ).toEqual([]);
});

test("Parquet keeps types, names and gaps", async () => {
  const table: WholeColumn[] = [
    ...columns,
    { name: "n", type: "int32", values: Int32Array.of(1, -2, 3, 4) },
    { name: "u", type: "uint8", values: Uint8Array.of(0, 1, 254, 255) },
  ];
  const path = await written("t'.parquet", table);
  const rows = await withDuckDB(path, async (connection) =>
    (
      await connection.runAndReadAll(`SELECT * FROM read_parquet(${sqlPath(path)})`)
    ).getRowObjects(),
  );
  const single = Math.fround;
  expect(rows).toEqual([
    { z0: single(0.1), d: 0.1, 't "é",': "a,b", alarm: true, n: 1, u: 0 },
    { z0: null, d: null, 't "é",': null, alarm: false, n: -2, u: 1 },
    { z0: single(1e-20), d: Number.POSITIVE_INFINITY, 't "é",': "", alarm: null, n: 3, u: 254 },
    { z0: 16777216, d: -0, 't "é",': 'q"\n日本 ', alarm: true, n: 4, u: 255 },
  ]);
});

test("npz holds one array for each column", async () => {
  const entries = unzip(await written("t.npz"));
  expect([...entries.keys()]).toEqual(columns.map(({ name }) => `${name}.npy`));
  expect((await npyValues(entries.get("z0.npy")!)).values).toEqual(columns[0]!.values);
  expect((await npyValues(entries.get("d.npy")!)).values).toEqual(
    Float64Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, -0),
  );
  const text = Buffer.from(entries.get('t "é",.npy')!);
  expect(text.toString("latin1")).toContain(
    "'descr': '<U6', 'fortran_order': False, 'shape': (4,)",
  );
  const [first, last] = [text.subarray(128, 152), text.subarray(200, 224)];
  expect(String.fromCodePoint(...new Uint32Array(new Uint8Array(first).buffer))).toBe("a,b\0\0\0");
  expect(String.fromCodePoint(...new Uint32Array(new Uint8Array(last).buffer))).toBe('q"\n日本 ');
  const error = await elboError(() =>
    written("u.npz", [{ name: "../../etc/x", type: "float64", values: [1] }]),
  );
  expect(error.code).toBe("npz-name");
});

test("npy is one matrix of the narrowest type that holds all columns", async () => {
  const matrix = async (...table: [WholeColumn["type"], WholeColumn["values"]][]) => {
    const path = await written(
      "m.npy",
      table.map(([type, values], i) => ({ name: `c${i}`, type, values })),
    );
    return npyValues(readFileSync(path));
  };
  expect(await matrix(["float32", Float32Array.of(1, 2)], ["uint8", Uint8Array.of(3, 4)])).toEqual({
    shape: [2, 2],
    values: Float32Array.of(1, 3, 2, 4),
  });
  const whole = await matrix(["int32", Int32Array.of(1)], ["int32", Int32Array.of(2)]);
  expect(whole.values).toEqual(Int32Array.of(1, 2));
  const large: WholeColumn["values"] = Int32Array.of(2 ** 24 + 1);
  const wide = await matrix(["int32", large], ["float32", Float32Array.of(2)]);
  expect(wide.values).toEqual(Float64Array.of(2 ** 24 + 1, 2));
  // A matrix of booleans that may be missing is one of floats: which of them are is not known yet.
  const truths = await matrix(["boolean", [true, false, null]]);
  expect([...truths.values]).toEqual([1, 0, Number.NaN]);
});

test("numbers written in each format that can be read come back the same", async () => {
  const folder = testFolder();
  const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.array(fc.array(float32, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 20,
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const output = rows[0]!.map((_, i) => ({
        name: `x${i}`,
        type: "float32" as const,
        values: Float32Array.from(rows, (row) => row[i]!),
      }));
      for (const name of ["a.csv", "a.npy"]) {
        await writeTable(join(folder, name), output, { force: true });
        const read = await collect(await openData(join(folder, name)));
        const columns = output.map((column) => [...column.values]);
        if (name === "a.csv") {
          expect(Object.keys(read)).toEqual(output.map((column) => column.name));
          const singles = Object.values(read).map((values) =>
            values.map((v) => Math.fround(Number(v))),
          );
          expect(singles).toEqual(columns);
        } else expect(Object.values(read)).toEqual([rows.flat()]);
      }
    }),
    { numRuns: 15 },
  );
});

test("wrong tables are usage errors and leave nothing behind", async () => {
  const folder = testFolder();
  const cases: [string, readonly WholeColumn[], string][] = [
    ["t.xlsx", columns, "format-unknown"],
    ["t", columns, "format-unknown"],
    ["t.png", columns, "format-unknown"],
    ["t.npy", columns, "format-text"],
    ["t.csv", [], "table-empty"],
    [
      "t.csv",
      [
        { name: "a", type: "float64", values: [1] },
        { name: "a", type: "float64", values: [2] },
      ],
      "column-duplicate",
    ],
    [
      "t.csv",
      [
        { name: "a", type: "float64", values: [1] },
        { name: "b", type: "float64", values: [2, 3] },
      ],
      "column-length",
    ],
    [
      "t.csv",
      [{ name: "a", type: "float64", values: [1, "x"] as unknown as number[] }],
      "column-values",
    ],
  ];
  for (const [name, table, code] of cases) {
    const error = await elboError(() => writeTable(join(folder, name), table));
    expect(error).toMatchObject({ code, kind: "usage" });
  }
  expect(readdirSync(folder)).toEqual([]);
});

const formats = ["csv", "json", "ndjson", "npy", "npz", "parquet"];
test.each(formats)(
  "an existing .%s is refused, replaced by force, and missing folders told",
  async (format) => {
    const folder = testFolder();
    const path = join(folder, `t.${format}`);
    writeFileSync(path, "old");
    const table: WholeColumn[] = [{ name: "a", type: "float64", values: [1, 2] }];
    expect((await elboError(() => writeTable(path, table))).code).toBe("output-exists");
    expect(readFileSync(path, "utf8")).toBe("old");
    await writeTable(path, table, { force: true });
    expect(readFileSync(path, "utf8")).not.toBe("old");
    expect(readdirSync(folder)).toEqual([`t.${format}`]);
    const nowhere = join(folder, "gone", `t.${format}`);
    expect((await elboError(() => writeTable(nowhere, table))).code).toBe("file-missing");
  },
);

test.for(formats)("a disk that fills up keeps the old .%s", async (format, context) => {
  await onFullDisk(context, async (folder) => {
    const path = join(folder, `t.${format}`);
    writeFileSync(path, "old");
    // Every value its own, so that Parquet cannot pack it small.
    const values = Float64Array.from({ length: 60_000 }, (_, i) => Math.sin(i));
    const error = await elboError(() =>
      writeTable(path, [{ name: "a", type: "float64", values }], { force: true }),
    );
    expect(error.code).toBe("disk-full");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual([`t.${format}`]);
  });
});
