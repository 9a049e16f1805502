// Images written as a grid, as arrays and as a folder.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { onFullDisk } from "../../helpers/full-disk.ts";
import { unzip } from "../../helpers/unzip.ts";
import { npyValues } from "../npy-values.ts";
import { collect } from "../rows.ts";
import { writeImages } from "./whole.ts";

const pixels = Uint8Array.from({ length: 5 * 3 * 2 }, (_, i) => i * 8);
const shape = [3, 2, 1] as const;

test("a PNG grid holds every pixel, with white gaps of two", async () => {
  const path = join(testFolder(), "grid.png");
  await writeImages(path, pixels, shape);
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
  await writeImages(path, values, [2, 2, 3]);
  expect(decode(readFileSync(path))).toMatchObject({ channels: 3, data: values });
});

test("npy, npz and a folder hold the raw images", async () => {
  const folder = testFolder();
  await writeImages(join(folder, "i.npy"), pixels, shape);
  const source = await openData(join(folder, "i.npy"));
  expect(source).toMatchObject({ rows: 5, columns: [{ type: "image", height: 3, width: 2 }] });
  expect(Object.values(await collect(source))).toEqual([[...pixels]]);
  await writeImages(join(folder, "i.npz"), pixels, shape);
  const entry = unzip(join(folder, "i.npz")).get("images.npy")!;
  expect(await npyValues(entry)).toEqual({ shape: [5, 3, 2, 1], values: pixels });
  await writeImages(`${folder}/out/`, pixels, shape);
  expect(readdirSync(join(folder, "out")).sort()).toEqual(
    [0, 1, 2, 3, 4].map((image) => `000${image}.png`),
  );
  expect(decode(readFileSync(join(folder, "out", "0003.png"))).data).toEqual(pixels.slice(18, 24));
});

test("a folder that exists is refused; force keeps its other files", async () => {
  const folder = join(testFolder(), "out");
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.txt"), "mine");
  expect((await elboError(() => writeImages(folder, pixels, shape))).code).toBe("output-exists");
  await writeImages(folder, pixels, shape, { force: true });
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
  expect(existsSync(join(folder, "0004.png"))).toBe(true);
});

test("wrong images are usage errors", async () => {
  const path = join(testFolder(), "grid.png");
  const fails = async (act: () => Promise<void>) => (await elboError(act)).code;
  expect(await fails(() => writeImages(path, pixels.subarray(1), shape))).toBe("image-shape");
  expect(await fails(() => writeImages(path, pixels, [1, 1, 6]))).toBe("image-shape");
  expect(await fails(() => writeImages(path.replace("png", "csv"), pixels, shape))).toBe(
    "format-unknown",
  );
  const many = new Uint8Array(40_000_000);
  expect(await fails(() => writeImages(path, many, [1, 1, 1]))).toBe("grid-large");
  expect(existsSync(path)).toBe(false);
});

test("a disk that fills up leaves no half a folder", async (context) => {
  await onFullDisk(context, async (folder) => {
    const noise = Uint8Array.from({ length: 200 * 64 * 64 }, (_, i) => (i * i * 2654435761) >>> 11);
    expect((await elboError(() => writeImages(join(folder, "out"), noise, [64, 64, 1]))).code).toBe(
      "disk-full",
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
