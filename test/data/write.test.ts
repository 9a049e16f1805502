// Tables and images written in every format, read back, and refused where a format cannot hold them.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { sqlPath, withDuckDB } from "#elbo/data/duckdb.js";
import { decodeNpy } from "#elbo/data/npy.js";
import { readData } from "#elbo/data/read.js";
import { float32Text } from "#elbo/data/write/numbers.js";
import { type OutputColumn, writeImages, writeTable } from "#elbo/data/write.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

const columns: OutputColumn[] = [
  { name: "z0", values: Float32Array.of(0.1, Number.NaN, 1e-20, 16777216) },
  { name: "d", values: [0.1, null, Number.POSITIVE_INFINITY, -0] },
  { name: 't "é",', values: ["a,b", null, "", 'q"\n日本 '] },
  { name: "alarm", values: [true, false, null, true] },
];

const written = async (name: string, table: readonly OutputColumn[] = columns) => {
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
  const single = await written("s.csv", [{ name: "a", values: [1, null, 3] }]);
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
    JSON.parse(readFileSync(await written("e.json", [{ name: "a", values: [] }]), "utf8")),
  ).toEqual([]);
});

test("Parquet keeps types, names and gaps", async () => {
  const table = [
    ...columns,
    { name: "n", values: Int32Array.of(1, -2, 3, 4) },
    { name: "u", values: Uint8Array.of(0, 1, 254, 255) },
  ];
  const path = await written("t'.parquet", table);
  const rows = await withDuckDB(async (connection) =>
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

/** The entries of a zip file without compression, by its central directory (APPNOTE 4.3). */
function unzip(path: string): Map<string, Uint8Array> {
  const file = readFileSync(path);
  const end = file.length - 22;
  expect(file.toString("latin1", end, end + 4)).toBe("PK\x05\x06");
  const entries = new Map<string, Uint8Array>();
  let at = file.readUInt32LE(end + 16);
  for (let i = 0; i < file.readUInt16LE(end + 10); i++) {
    expect(file.toString("latin1", at, at + 4)).toBe("PK\x01\x02");
    const [crc, size, nameLength] = [
      file.readUInt32LE(at + 16),
      file.readUInt32LE(at + 20),
      file.readUInt16LE(at + 28),
    ];
    const local = file.readUInt32LE(at + 42);
    expect(file.toString("latin1", local, local + 4)).toBe("PK\x03\x04");
    const start = local + 30 + nameLength;
    const data = file.subarray(start, start + size);
    expect(crc32(data)).toBe(crc);
    entries.set(file.toString("utf8", at + 46, at + 46 + nameLength), data);
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return entries;
}

test("npz holds one array for each column", async () => {
  const entries = unzip(await written("t.npz"));
  expect([...entries.keys()]).toEqual(columns.map(({ name }) => `${name}.npy`));
  expect(decodeNpy(entries.get("z0.npy")!, "z0").values).toEqual(columns[0]!.values);
  expect(decodeNpy(entries.get("d.npy")!, "d").values).toEqual(
    Float64Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, -0),
  );
  const text = Buffer.from(entries.get('t "é",.npy')!);
  expect(text.toString("latin1")).toContain(
    "'descr': '<U6', 'fortran_order': False, 'shape': (4,)",
  );
  const [first, last] = [text.subarray(128, 152), text.subarray(200, 224)];
  expect(String.fromCodePoint(...new Uint32Array(new Uint8Array(first).buffer))).toBe("a,b\0\0\0");
  expect(String.fromCodePoint(...new Uint32Array(new Uint8Array(last).buffer))).toBe('q"\n日本 ');
  const error = await elboError(() => written("u.npz", [{ name: "../../etc/x", values: [1] }]));
  expect(error.code).toBe("npz-name");
});

test("npy is one matrix of the narrowest type that holds all columns", async () => {
  const matrix = async (...values: OutputColumn["values"][]) => {
    const path = await written(
      "m.npy",
      values.map((column, i) => ({ name: `c${i}`, values: column })),
    );
    return decodeNpy(readFileSync(path), "m.npy");
  };
  expect(await matrix(Float32Array.of(1, 2), Uint8Array.of(3, 4))).toEqual({
    shape: [2, 2],
    values: Float32Array.of(1, 3, 2, 4),
  });
  expect((await matrix(Int32Array.of(1), Int32Array.of(2))).values).toEqual(Int32Array.of(1, 2));
  expect((await matrix(Int32Array.of(2 ** 24 + 1), Float32Array.of(2))).values).toEqual(
    Float64Array.of(2 ** 24 + 1, 2),
  );
  expect((await matrix([true, false])).values).toEqual(Uint8Array.of(1, 0));
  expect((await matrix([true, null])).values).toEqual(Float64Array.of(1, Number.NaN));
});

test("numbers written in each format that can be read come back the same", async () => {
  const folder = testFolder();
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) =>
      fc.array(fc.array(float32, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 20,
      }),
    );
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const output = rows[0]!.map((_, i) => ({
        name: `x${i}`,
        values: Float32Array.from(rows, (row) => row[i]!),
      }));
      for (const name of ["a.csv", "a.npy"]) {
        await writeTable(join(folder, name), output, { force: true });
        const data = await readData(join(folder, name));
        expect(data.columns).toEqual(output.map((column) => column.name));
        expect(data.values).toEqual(Float32Array.from(rows.flat()));
      }
    }),
    { numRuns: 15 },
  );
});

test("wrong tables are usage errors and leave nothing behind", async () => {
  const folder = testFolder();
  const cases: [string, readonly OutputColumn[], string][] = [
    ["t.xlsx", columns, "format-unknown"],
    ["t", columns, "format-unknown"],
    ["t.png", columns, "format-unknown"],
    ["t.npy", columns, "format-text"],
    ["t.csv", [], "table-empty"],
    [
      "t.csv",
      [
        { name: "a", values: [1] },
        { name: "a", values: [2] },
      ],
      "column-duplicate",
    ],
    [
      "t.csv",
      [
        { name: "a", values: [1] },
        { name: "b", values: [2, 3] },
      ],
      "column-length",
    ],
    ["t.csv", [{ name: "a", values: [1, "x"] as unknown as number[] }], "column-values"],
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
    const table = [{ name: "a", values: [1, 2] }];
    expect((await elboError(() => writeTable(path, table))).code).toBe("output-exists");
    expect(readFileSync(path, "utf8")).toBe("old");
    await writeTable(path, table, { force: true });
    expect(readFileSync(path, "utf8")).not.toBe("old");
    expect(readdirSync(folder)).toEqual([`t.${format}`]);
    const nowhere = join(folder, "gone", `t.${format}`);
    expect((await elboError(() => writeTable(nowhere, table))).code).toBe("file-missing");
  },
);

const pixels = Uint8Array.from({ length: 5 * 3 * 2 }, (_, i) => i * 8);
const images = { values: pixels, rows: 5, shape: [3, 2, 1] };

test("a PNG grid holds every pixel, with white gaps of two", async () => {
  const path = join(testFolder(), "grid.png");
  await writeImages(path, images);
  const picture = decode(readFileSync(path));
  // ceil(sqrt(5 * 5 / 4)) = 3 across, 2 down.
  expect(picture).toMatchObject({ width: 10, height: 8, channels: 1, depth: 8 });
  const expected = new Uint8Array(80).fill(255);
  for (let image = 0; image < 5; image++) {
    const [top, left] = [image < 3 ? 0 : 5, (image % 3) * 4];
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 2; x++)
        expected[(top + y) * 10 + left + x] = pixels[image * 6 + y * 2 + x]!;
    }
  }
  expect(picture.data).toEqual(expected);
});

test("colours stay where they are", async () => {
  const path = join(testFolder(), "colour.png");
  const values = Uint8Array.from({ length: 12 }, (_, i) => i);
  await writeImages(path, { values, rows: 1, shape: [2, 2, 3] });
  expect(decode(readFileSync(path))).toMatchObject({ channels: 3, data: values });
});

test("npy, npz and a folder hold the raw images", async () => {
  const folder = testFolder();
  await writeImages(join(folder, "i.npy"), images);
  expect(await readData(join(folder, "i.npy"))).toMatchObject({
    kind: "image",
    rows: 5,
    values: pixels,
  });
  await writeImages(join(folder, "i.npz"), images);
  const entry = unzip(join(folder, "i.npz")).get("images.npy")!;
  expect(decodeNpy(entry, "images")).toEqual({ shape: [5, 3, 2, 1], values: pixels });
  await writeImages(`${folder}/out/`, images);
  expect(readdirSync(join(folder, "out")).sort()).toEqual(
    [0, 1, 2, 3, 4].map((image) => `000${image}.png`),
  );
  expect(decode(readFileSync(join(folder, "out", "0003.png"))).data).toEqual(pixels.slice(18, 24));
});

test("a folder that exists is refused; force keeps its other files", async () => {
  const folder = join(testFolder(), "out");
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.txt"), "mine");
  expect((await elboError(() => writeImages(folder, images))).code).toBe("output-exists");
  await writeImages(folder, images, { force: true });
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
  expect(existsSync(join(folder, "0004.png"))).toBe(true);
});

test("wrong images are usage errors", async () => {
  const path = join(testFolder(), "grid.png");
  const fails = async (act: () => Promise<void>) => (await elboError(act)).code;
  expect(await fails(() => writeImages(path, { ...images, rows: 4 }))).toBe("image-shape");
  expect(await fails(() => writeImages(path, { ...images, shape: [1, 1, 6] }))).toBe("image-shape");
  expect(await fails(() => writeImages(path.replace("png", "csv"), images))).toBe("format-unknown");
  const many = { values: new Uint8Array(40_000_000), rows: 40_000_000, shape: [1, 1, 1] };
  expect(await fails(() => writeImages(path, many))).toBe("grid-large");
  expect(existsSync(path)).toBe(false);
});
