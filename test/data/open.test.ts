// Which reader data gets, by its name or its first bytes, and what wrong paths and options say.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { inspect } from "#elbo/tasks/inspect.js";
import { realData } from "../helpers/data.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { idxBytes } from "./idx-bytes.ts";
import { encodeNpy } from "./npy-bytes.ts";
import { collect } from "./rows.ts";
import { writeTable } from "./write/whole.ts";
import { makeZip } from "./zip/make-zip.ts";

const images = idxBytes(8, [2, 1, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
const array = Buffer.concat(encodeNpy([1, 2], Float32Array.of(1, 2)));
const png = encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 9) });
const matrix = "%%MatrixMarket matrix coordinate integer general\n1 2 2\n1 1 1\n1 2 2\n";
const arrays = makeZip([{ name: "X.npy", data: array }]);

describe("extensions and, without a known one, first bytes choose the reader", () => {
  const xy = { x: [1], y: [2] };
  const pixels = { image: [1, 2, 3, 4, 5, 6] };
  test.each<[string, string | Uint8Array, Record<string, unknown[]>]>([
    ["a.csv", "x,y\n1,2\n", xy],
    ["b.CSV", "x,y\n1,2\n", xy],
    ["c.tsv.gz", gzipSync("x\ty\n1\t2\n"), xy],
    ["d.json", '[{"x":1,"y":2}]', xy],
    ["e.ndjson.gz", gzipSync('{"x":1,"y":2}\n'), xy],
    ["f.npy", array, { f: [1, 2] }],
    ["g.dat", array, { "g.dat": [1, 2] }],
    ["h.npz", arrays, { X: [1, 2] }],
    ["i", arrays, { X: [1, 2] }],
    ["train-images-idx3-ubyte", images, pixels],
    ["train-images.idx3-ubyte.gz", gzipSync(images), pixels],
    ["no-extension", gzipSync(images), pixels],
    ["j.mtx.gz", gzipSync(matrix), { counts: [1, 2] }],
    ["k", matrix, { counts: [1, 2] }],
    ["l.txt", "one\ntwo\n", { text: ["one", "two"] }],
    ["m.txt.gz", gzipSync("one\n"), { text: ["one"] }],
    ["n.zip", makeZip([{ name: "a.png", data: png }]), { image: [7, 9], file: ["a.png"] }],
    ["o", makeZip([{ name: "a.png", data: png }]), { image: [7, 9], file: ["a.png"] }],
    ["p#1.csv", "x,y\n1,2\n", xy],
  ])("%s", async (name, content, values) => {
    const path = join(testFolder(), name);
    writeFileSync(path, content);
    const source = await openData(path);
    expect(source.source).toBe(path);
    expect(await collect(source)).toEqual(values);
    expect(await collect(source)).toEqual(values);
  });

  test("Parquet, also under another name", async () => {
    const path = join(testFolder(), "t.parquet");
    await writeTable(path, [{ name: "x", type: "float64", values: [1, 2] }]);
    const source = await openData(path);
    expect(await collect(source)).toEqual({ x: [1, 2] });
    await source.close?.();
  });
});

test("queries, patterns and folders", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "a.csv"), "x\n1\n2\n");
  writeFileSync(join(folder, "b.csv"), "x\n3\n");
  expect(await collect(await openData(join(folder, "*.csv")))).toEqual({ x: [1, 2, 3] });
  const query = await openData(`select x * 2 as y from '${join(folder, "a.csv")}' order by x`);
  expect(await collect(query)).toEqual({ y: [2, 4] });
  await query.close?.();
  mkdirSync(join(folder, "pictures", "cat"), { recursive: true });
  writeFileSync(join(folder, "pictures", "cat", "a.png"), png);
  const pictures = await openData(join(folder, "pictures"));
  expect(await collect(pictures)).toEqual({ image: [7, 9], file: ["cat/a.png"] });
  const large = await openData(join(folder, "pictures"), { size: { width: 4, height: 3 } });
  expect(large.columns[0]).toMatchObject({ type: "image", height: 3, width: 4 });
});

test("dates of any format of file are times, and texts again where they are called so", async () => {
  const folder = testFolder();
  const days = Array.from({ length: 30 }, (_, i) => `${String(i + 1).padStart(2, "0")}.03.2024`);
  const iso = days.map((day) => day.split(".").toReversed().join("-"));
  const rows = days.map((day, i) => ({ day, iso: iso[i], word: `w${i % 2}`, x: (i * i) % 7 }));
  const lines = rows.map((row) => Object.values(row).join(","));
  writeFileSync(join(folder, "d.json"), JSON.stringify(rows));
  writeFileSync(join(folder, "d.csv"), ["day,iso,word,x", ...lines].join("\n"));
  const moments = iso.map((day) => Date.parse(day!));
  for (const name of ["d.json", "d.csv"]) {
    const source = await openData(join(folder, name));
    expect(source.columns.map(({ type }) => type)).toEqual(["time", "time", "text", "number"]);
    expect(await collect(source)).toMatchObject({ day: moments, iso: moments });
    const kind = { day: "categorical", iso: "categorical" } as const;
    const { fields } = await inspect(source, { kind });
    expect(fields.slice(0, 2).map((field) => field.kind)).toEqual(["categorical", "categorical"]);
    const again = await collect(source.asTexts!(["day", "iso"]));
    expect(again, name).toMatchObject({ day: days, iso });
    await source.close?.();
  }
});

test("a name behind # picks a part", async () => {
  const folder = testFolder();
  const npz = join(folder, "a.npz");
  const other = Buffer.concat(encodeNpy([3], Float32Array.of(3, 4, 5)));
  writeFileSync(
    npz,
    makeZip([
      { name: "X.npy", data: array },
      { name: "y.npy", data: other },
    ]),
  );
  expect(await collect(await openData(`${npz}#y`))).toEqual({ y: [3, 4, 5] });
  expect((await elboError(() => openData(`${npz}#Y2`))).hint).toContain("#y");
  const gone = await elboError(() => openData(join(folder, "b.npz#y")));
  expect(gone).toMatchObject({ code: "file-missing", hint: expect.stringContaining("a.npz") });
  const csv = join(folder, "a.csv");
  writeFileSync(csv, "x\n1\n");
  expect(await elboError(() => openData(`${csv}#x`))).toMatchObject({
    code: "member-unused",
    kind: "usage",
  });
});

test("labels come with their rows, and must be as many", async () => {
  const folder = testFolder();
  const path = join(folder, "images.idx");
  const labels = join(folder, "labels.idx");
  writeFileSync(path, images);
  writeFileSync(labels, idxBytes(8, [2], Uint8Array.of(9, 4)));
  const source = await openData(path, { labels });
  expect(await collect(source, ["label"])).toEqual({ label: [9, 4] });
  writeFileSync(labels, idxBytes(8, [3], Uint8Array.of(9, 4, 7)));
  expect((await elboError(() => openData(path, { labels }))).code).toBe("labels-count");
  const missing = await elboError(() => openData(path, { labels: join(folder, "label.idx") }));
  expect(missing.hint).toContain("labels.idx");
});

test("an option that the format has no use for is a usage error, as is one that is none", async () => {
  const folder = testFolder();
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const csv = write("a.csv", "x\n1\n");
  const size = { width: 2, height: 2 };
  const cases: [string, Parameters<typeof openData>[1], string][] = [
    [csv, { labels: csv }, "no use for labels"],
    [csv, { size }, "no use for size"],
    [`select * from '${csv}'`, { labels: csv }, "no use for labels"],
    [write("a.npy", array), { labels: csv }, "no use for labels"],
    [write("a.idx", images), { size }, "no use for size"],
    [write("a.idx", images), { window: 3 }, "no use for window"],
    [write("a.txt", "text\n"), { size }, "no use for size"],
  ];
  for (const [data, options, message] of cases) {
    const error = await elboError(() => openData(data, options));
    expect(error).toMatchObject({ code: "option-unused", kind: "usage" });
    expect(error.message).toContain(message);
  }
  const mistyped = { lables: csv } as object;
  expect(await elboError(() => openData(join(folder, "a.idx"), mistyped))).toMatchObject({
    code: "option-unknown",
    hint: "did you mean labels?",
  });
  expect(await collect(await openData(join(folder, "a.txt"), { window: 3 }))).toEqual({
    text: ["tex", "t\n"],
    position: [0, 3],
  });
});

test("a missing file suggests its nearest neighbour", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "penguins.csv"), "a\n1\n");
  const near = await elboError(() => openData(join(folder, "pengiuns.csv")));
  expect(near).toMatchObject({
    code: "file-missing",
    hint: expect.stringContaining("penguins.csv"),
  });
  const far = await elboError(() => openData(join(folder, "unlike-anything.csv")));
  expect(far.hint).not.toContain("penguins");
  const nowhere = await elboError(() => openData(join(folder, "gone", "a.csv")));
  expect(nowhere.hint).toContain(join(folder, "gone"));
});

test("an unknown format, a packed one, a device and an empty folder are clear errors", async () => {
  const folder = testFolder();
  mkdirSync(join(folder, "sub"));
  expect((await elboError(() => openData(join(folder, "sub")))).code).toBe("data-empty");
  for (const [name, content] of [
    ["a.docx", makeZip([{ name: "word/document.xml" }, { name: "word/media/a.png", data: png }])],
    ["b", ""],
    ["c.gz", gzipSync("text")],
    ["d.zap", "x,y\n1,2\n"],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const error = await elboError(() => openData(path));
    expect(error).toMatchObject({ code: "format-unknown", kind: "usage" });
    expect(error.message).toContain(".csv and .tsv");
  }
  for (const name of ["a.npy.gz", "b.gz"]) {
    writeFileSync(join(folder, name), gzipSync(array));
    expect((await elboError(() => openData(join(folder, name)))).code).toBe("format-packed");
  }
  if (process.platform !== "win32") {
    expect((await elboError(() => openData("/dev/null"))).code).toBe("file-special");
  }
});

test("large packages are loaded only when they are used", () => {
  const folder = testFolder();
  const path = join(folder, "a.csv");
  writeFileSync(path, "a\n1\n");
  mkdirSync(join(folder, "pictures"));
  writeFileSync(join(folder, "pictures", "a.png"), png);
  const loaded = (data: string) =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { createRequire } from "node:module";
         import { openData } from ${JSON.stringify(resolve("build/data/open.js"))};
         await openData(${JSON.stringify(data)});
         const files = Object.keys(createRequire(import.meta.url).cache);
         const large = ["duckdb", "sharp"].filter((name) =>
           files.some((file) => file.includes(\`node_modules/\${name}\`) || file.includes(\`@\${name}\`)));
         console.log(large.join());`,
      ],
      { encoding: "utf8" },
    ).trim();
  expect(loaded(path)).toBe("");
  expect(loaded(join(folder, "pictures"))).toBe("sharp");
  expect(loaded(`select * from '${path}'`)).toBe("duckdb");
});

test("real files, each by its own reader", async (context) => {
  const found = [
    ["penguins/penguins.csv", "text"],
    ["mnist/train-images-idx3-ubyte.gz", "image"],
  ].flatMap(([name, type]) => {
    const path = realData(name!);
    return path === undefined ? [] : [{ path, type }];
  });
  if (found.length === 0) return context.skip("the real data sets are not here");
  for (const { path, type } of found) {
    const { columns, rows } = await openData(path);
    expect(rows).toBeGreaterThan(100);
    expect(columns.map((column) => column.type)).toContain(type);
  }
});
