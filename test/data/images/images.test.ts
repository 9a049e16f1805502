// Folders and zips of images, made here with sharp, broken ones among them.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { openImages } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";
import { makeZip } from "../zip/make-zip.ts";

type Format = "png" | "jpeg" | "webp" | "gif" | "tiff";

/** An image of these values, `channels` a pixel. */
function image(width: number, height: number, values: number[], format: Format = "png") {
  const channels = (values.length / (width * height)) as 1 | 2 | 3 | 4;
  return sharp(Uint8Array.from(values), { raw: { width, height, channels } })
    .toColourspace(channels < 3 ? "b-w" : "srgb")
    .toFormat(
      format,
      format === "webp" ? { lossless: true } : format === "tiff" ? { compression: "lzw" } : {},
    )
    .toBuffer();
}

const noise = (length: number, seed: number) =>
  Array.from({ length }, (_, i) => (i * 37 + seed * 11) % 251);

function folderOf(files: Record<string, Uint8Array>): string {
  const folder = testFolder();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

function zipOf(files: Record<string, Uint8Array>): string {
  const path = join(testFolder(), "images.zip");
  const entries = Object.entries(files).map(([name, data]) => ({ name, data, deflate: true }));
  writeFileSync(path, makeZip(entries));
  return path;
}

test("sub-folders are labels, names are in plain order, grey stays grey: folder and zip", async () => {
  const files: Record<string, Uint8Array> = {};
  const names = ["all/b/10.png", "all/b/9.png", "all/B/1.png", "all/a/x/1.tiff", "all/top.png"];
  for (const [seed, name] of names.entries()) {
    files[name] = await image(3, 2, noise(6, seed), name.endsWith("tiff") ? "tiff" : "png");
  }
  const others = { "all/notes.txt": Buffer.from("x"), "all/.hidden.png": Buffer.from("x") };
  const apple = { "__MACOSX/all/b/._9.png": Buffer.from("x") };
  const folder = folderOf({ ...files, ...others });
  for (const path of [folder, zipOf({ ...files, ...others, ...apple })]) {
    const source = await openImages(path);
    expect(source).toMatchObject({ source: path, rows: 5, notes: [] });
    expect(source.columns).toEqual([
      { name: "image", type: "image", height: 2, width: 3, channels: 1 },
      { name: "label", type: "text", role: "id" },
      { name: "file", type: "text", role: "id" },
    ]);
    const sorted = [names[2], names[3], names[0], names[1], names[4]];
    const rows = await collect(source);
    expect(rows["file"]).toEqual(sorted);
    expect(rows["label"]).toEqual(["B", "a/x", "b", "b", null]);
    expect(rows["image"]).toEqual(sorted.flatMap((name) => noise(6, names.indexOf(name!))));
    expect(await collect(source, ["file"])).toEqual({ file: sorted });
  }
});

test("one folder of images has no labels, and a link to an image is one", async () => {
  const folder = folderOf({ "images/a.png": await image(2, 2, noise(4, 1)) });
  symlinkSync(join(folder, "images/a.png"), join(folder, "images/b.png"));
  symlinkSync(folder, join(folder, "images/circle"));
  const source = await openImages(folder);
  expect(source.columns.map(({ name }) => name)).toEqual(["image", "file"]);
  expect((await collect(source))["file"]).toEqual(["images/a.png", "images/b.png"]);
});

test("one coloured image makes all RGB; transparent parts are white; 16 bits become 8", async () => {
  const deep = await sharp(Uint16Array.of(0, 65_535), { raw: { width: 2, height: 1, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  const folder = folderOf({
    "a.png": await image(2, 1, [10, 20]),
    "b.webp": await image(2, 1, [1, 2, 3, 4, 5, 6], "webp"),
    "c.png": await image(2, 1, [9, 9, 9, 0, 8, 8, 8, 255]),
    "d.png": deep,
  });
  const source = await openImages(folder);
  expect(source.columns[0]).toMatchObject({ channels: 3 });
  const pixels = (await collect(source))["image"];
  expect(pixels!.slice(0, 18)).toEqual([
    ...[10, 10, 10, 20, 20, 20],
    ...[1, 2, 3, 4, 5, 6],
    ...[255, 255, 255, 8, 8, 8],
  ]);
  expect(pixels!.slice(18)).toEqual([0, 0, 0, 255, 255, 255]);
});

test("one bit a pixel becomes 0 and 255", async () => {
  const bits = await sharp(Uint8Array.of(0, 255, 255, 0), {
    raw: { width: 2, height: 2, channels: 1 },
  })
    .toColourspace("b-w")
    .png({ palette: true, colours: 2 })
    .toBuffer();
  const source = await openImages(folderOf({ "a.png": bits }));
  const { channels } = source.columns[0] as { channels: number };
  const expected = [0, 255, 255, 0].flatMap((value) => Array<number>(channels).fill(value));
  expect((await collect(source))["image"]).toEqual(expected);
});

test("other sizes need --size, and the error names the most common", async () => {
  const folder = folderOf({
    "a.png": await image(4, 2, noise(8, 1)),
    "b.png": await image(4, 2, noise(8, 2)),
    "c.png": await image(2, 2, noise(4, 3)),
  });
  const error = await elboError(() => openImages(folder));
  expect(error).toMatchObject({ code: "image-sizes", kind: "usage" });
  expect(error.hint).toContain("--size 4x2");
  const source = await openImages(folder, { size: "5x3" });
  expect(source.columns[0]).toMatchObject({ width: 5, height: 3, channels: 1 });
  expect((await collect(source))["image"]).toHaveLength(3 * 15);
  for (const size of ["5", "0x3", "5x99999", "axb"]) {
    const wrong = await elboError(() => openImages(folder, { size }));
    expect(wrong).toMatchObject({ code: "option-value", kind: "usage" });
  }
});

test("a broken image is named, left out and counted, and past 1 % an error", async () => {
  const jpeg = await image(40, 40, noise(1600, 1), "jpeg");
  const files: Record<string, Uint8Array> = { "broken.jpg": jpeg.subarray(0, jpeg.length - 200) };
  for (let i = 0; i < 99; i++) files[`${String(i).padStart(3, "0")}.jpg`] = jpeg;
  const source = await openImages(folderOf(files));
  expect(source.rows).toBe(99);
  expect(source.notes).toEqual([
    { code: "images-skipped", message: expect.stringMatching(/1 image of 100 .*broken\.jpg/) },
  ]);
  expect((await collect(source))["file"]).not.toContain("broken.jpg");
  files["broken2.jpg"] = Buffer.from("no image");
  for (const path of [folderOf(files), zipOf(files)]) {
    const error = await elboError(() => openImages(path));
    expect(error.code).toBe("images-broken");
    expect(error.message).toContain("2 of 101 images");
    expect(error.message).toContain("broken2.jpg");
  }
});

test("more than 64 MiB of pixels are decoded anew, to the same values", async () => {
  const large = await image(3000, 3000, noise(9_000_000, 1));
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.png`, large]));
  const source = await openImages(folderOf(files));
  const first = noise(9_000_000, 1).slice(0, 10);
  for (let pass = 0; pass < 2; pass++) {
    let rows = 0;
    for await (const chunk of source.chunks(["image"])) {
      expect(chunk.rows).toBe(1);
      expect([...chunk.columns[0]!.values.slice(0, 10)]).toEqual(first);
      rows += chunk.rows;
    }
    expect(rows).toBe(8);
  }
});

test("no images, a path that is none, and archives that mean harm are clear errors", async () => {
  const folder = folderOf({ "a.txt": Buffer.from("x") });
  expect((await elboError(() => openImages(folder))).code).toBe("data-empty");
  expect((await elboError(() => openImages(join(folder, "gone")))).code).toBe("file-missing");
  expect((await elboError(() => openImages(join(folder, "a.txt")))).code).toBe("zip-invalid");
  const evil = zipOf({ "../a.png": await image(2, 2, noise(4, 1)) });
  expect((await elboError(() => openImages(evil))).code).toBe("zip-unsafe");
  const bomb = zipOf({ "a.png": Buffer.alloc(1 << 20) });
  expect((await elboError(() => openImages(bomb))).code).toBe("zip-bomb");
});

test("where sharp is not installed the error says how to install it", async () => {
  const folder = folderOf({ "a.png": await image(2, 2, noise(4, 1)) });
  // A loader that does not find the package, as Node does not where it is not installed.
  const hook = `export const resolve = (name, context, next) => {
    if (name === "sharp") throw Object.assign(new Error("no sharp"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  };`;
  const program = `
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));
    const { openImages } = await import(${JSON.stringify(resolve("build/data/by-path.js"))});
    await openImages(${JSON.stringify(folder)}).catch((error) => console.log(error.code, error.hint));`;
  const words = ["--input-type=module", "--eval", program];
  const said = execFileSync(process.execPath, words, { encoding: "utf8" });
  expect(said).toBe("sharp-missing run npm install sharp\n");
});

const omniglot = realData("omniglot", "images_background_small1.zip");
test.skipIf(omniglot === undefined)("Omniglot's zip (needs the real data)", async () => {
  const source = await openImages(omniglot!);
  expect(source).toMatchObject({ rows: 2720, notes: [] });
  expect(source.columns[0]).toMatchObject({ height: 105, width: 105, channels: 1 });
  const { label, image: pixels } = await collect(source);
  // 5 alphabets of together 136 characters (B. Lake's page of the data set).
  expect(new Set(label).size).toBe(136);
  expect(new Set(pixels)).toEqual(new Set([0, 255]));
});
