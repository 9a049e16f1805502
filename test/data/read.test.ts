// Which reader a file gets, and what a wrong path says.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readData } from "#elbo/data/read.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { idxBytes } from "./idx-bytes.ts";
import { encodeNpy } from "./npy-bytes.ts";

const images = idxBytes(8, [2, 1, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));

test("extensions and, without a known one, first bytes choose the reader", async () => {
  const folder = testFolder();
  const array = Buffer.concat(encodeNpy([1, 2], Float32Array.of(1, 2)));
  const files: [string, string | Uint8Array, number[]][] = [
    ["a.csv", "x,y\n1,2\n", [1, 2]],
    ["b.CSV", "x,y\n1,2\n", [1, 2]],
    ["c.tsv.gz", gzipSync("x\ty\n1\t2\n"), [1, 2]],
    ["d.npy", array, [1, 2]],
    ["e.dat", array, [1, 2]],
    ["train-images-idx3-ubyte", images, [1, 2, 3, 4, 5, 6]],
    ["train-images.idx3-ubyte.gz", gzipSync(images), [1, 2, 3, 4, 5, 6]],
    ["no-extension", gzipSync(images), [1, 2, 3, 4, 5, 6]],
  ];
  for (const [name, content, values] of files) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const data = await readData(path);
    expect([...data.values]).toEqual(values);
    expect(data.source).toBe(path);
    expect(await readData(path)).toEqual(data);
  }
});

test("labels come with their rows, and must be as many", async () => {
  const folder = testFolder();
  const path = join(folder, "images.idx");
  const labels = join(folder, "labels.idx");
  writeFileSync(path, images);
  writeFileSync(labels, idxBytes(8, [2], Uint8Array.of(9, 4)));
  expect((await readData(path, { labels })).labels).toEqual(Int32Array.of(9, 4));
  const table = join(folder, "table.csv");
  writeFileSync(table, "a\n1\nNA\n3\n");
  writeFileSync(labels, idxBytes(8, [3], Uint8Array.of(9, 4, 7)));
  expect((await readData(table, { labels })).labels).toEqual(Int32Array.of(9, 7));
  expect((await elboError(() => readData(path, { labels }))).code).toBe("labels-count");
  const missing = await elboError(() => readData(path, { labels: join(folder, "label.idx") }));
  expect(missing.hint).toContain("labels.idx");
});

test("a missing file suggests its nearest neighbour", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "penguins.csv"), "a\n1\n");
  const near = await elboError(() => readData(join(folder, "pengiuns.csv")));
  expect(near).toMatchObject({
    code: "file-missing",
    hint: expect.stringContaining("penguins.csv"),
  });
  const far = await elboError(() => readData(join(folder, "unlike-anything.csv")));
  expect(far.hint).not.toContain("penguins");
  const nowhere = await elboError(() => readData(join(folder, "gone", "a.csv")));
  expect(nowhere.hint).toContain(join(folder, "gone"));
});

test("a folder and an unknown format are clear errors", async () => {
  const folder = testFolder();
  mkdirSync(join(folder, "sub"));
  expect((await elboError(() => readData(join(folder, "sub")))).code).toBe("file-is-folder");
  for (const [name, content] of [
    ["a.docx", "PK"],
    ["b", ""],
    ["c.gz", gzipSync("text")],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const error = await elboError(() => readData(path));
    expect(error).toMatchObject({ code: "format-unknown", kind: "usage" });
    expect(error.message).toContain(".csv and .tsv");
  }
});

test("the database and the PNG encoder are loaded only when they are used", () => {
  const path = join(testFolder(), "a.csv");
  writeFileSync(path, "a\n1\n");
  const loaded = (act: string) =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { createRequire } from "node:module";
         import { readData } from ${JSON.stringify(resolve("dist/data/read.js"))};
         import ${JSON.stringify(resolve("dist/data/write.js"))};
         ${act}
         const files = Object.keys(createRequire(import.meta.url).cache);
         console.log(files.some((file) => file.includes("duckdb")));`,
      ],
      { encoding: "utf8" },
    ).trim();
  expect(loaded("")).toBe("false");
  expect(loaded(`await readData(${JSON.stringify(path)});`)).toBe("true");
});
