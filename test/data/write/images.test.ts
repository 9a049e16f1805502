// Images written batch by batch: arrays, folders and a grid, whole or not at all.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { openImageWriter } from "#elbo/data/write/images.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { onFullDisk } from "../../helpers/full-disk.ts";
import { unzip } from "../../helpers/unzip.ts";
import { collect } from "../rows.ts";
import { writeImages } from "./whole.ts";

const shape = [3, 2, 1] as const;
const size = 6;
const pixels = Uint8Array.from({ length: 5 * size }, (_, i) => i * 8);

async function write(path: string, batches: readonly number[]): Promise<void> {
  const writer = await openImageWriter(path, shape);
  let from = 0;
  for (const images of batches) {
    const batch = pixels.slice(from * size, (from + images) * size);
    await writer.write(batch);
    // What was given is the caller's again.
    batch.fill(255);
    from += images;
  }
  await writer.close();
}

test.each(["i.npy", "i.npz", "i.png"])("batches make the same %s as all at once", async (name) => {
  const folder = testFolder();
  await write(join(folder, name), [2, 0, 1, 2]);
  mkdirSync(join(folder, "whole"));
  await writeImages(join(folder, "whole", name), pixels, shape);
  expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(folder, "whole", name)));
  if (name === "i.png") return;
  const source = await openData(join(folder, name));
  expect(await collect(source, [source.columns[0]!.name])).toEqual({
    [source.columns[0]!.name]: [...pixels],
  });
});

test("a folder is there when all of its images are", async () => {
  const folder = testFolder();
  const path = join(folder, "out");
  const writer = await openImageWriter(path, shape);
  await writer.write(pixels);
  expect(readdirSync(folder)).not.toContain("out");
  await writer.close();
  expect(readdirSync(folder)).toEqual(["out"]);
  const read = await collect(await openData(path));
  expect(read["file"]).toEqual(["0000.png", "0001.png", "0002.png", "0003.png", "0004.png"]);
  expect(read["image"]).toEqual([...pixels]);
});

test("names have as many digits as the last image needs", async () => {
  const path = join(testFolder(), "out");
  const writer = await openImageWriter(path, [1, 1, 1]);
  const values = Uint8Array.from({ length: 10_001 }, (_, i) => i % 256);
  await writer.write(values.slice(0, 9_000));
  await writer.write(values.slice(9_000));
  await writer.close();
  const names = readdirSync(path).sort();
  expect(names).toHaveLength(10_001);
  expect([names[0], names[300], names.at(-1)]).toEqual(["00000.png", "00300.png", "10000.png"]);
  expect(decode(readFileSync(join(path, "00300.png"))).data).toEqual(Uint8Array.of(300 % 256));
}, 120_000);

test("no images make valid arrays and an empty folder, and no grid", async () => {
  const folder = testFolder();
  await write(join(folder, "i.npy"), []);
  expect(readFileSync(join(folder, "i.npy"), "latin1")).toContain("'shape': (0, 3, 2, 1)");
  await write(join(folder, "i.npz"), []);
  const entry = unzip(join(folder, "i.npz")).get("images.npy")!;
  expect(Buffer.from(entry).toString("latin1")).toContain("'shape': (0, 3, 2, 1)");
  await write(join(folder, "out"), []);
  expect(readdirSync(join(folder, "out"))).toEqual([]);
  const error = await elboError(() => write(join(folder, "i.png"), []));
  expect(error).toMatchObject({ code: "image-shape", kind: "usage" });
  expect(readdirSync(folder).sort()).toEqual(["i.npy", "i.npz", "out"]);
});

test.each(["i.npy", "i.npz", "i.png", "out"])("an aborted %s leaves nothing", async (name) => {
  const folder = testFolder();
  const writer = await openImageWriter(join(folder, name), shape);
  await writer.write(pixels);
  await writer.abort();
  expect(readdirSync(folder)).toEqual([]);
  expect((await elboError(() => writer.write(pixels))).code).toBe("writer-closed");
});

test("part of an image, a wrong shape and too large a grid are refused, and nothing stays", async () => {
  const folder = testFolder();
  const writer = await openImageWriter(join(folder, "i.npy"), shape);
  expect((await elboError(() => writer.write(pixels.slice(1)))).code).toBe("image-shape");
  const flat = await elboError(() => openImageWriter(join(folder, "i.npy"), [3, 2, 5]));
  expect(flat).toMatchObject({ code: "image-shape", kind: "usage" });
  const grid = await openImageWriter(join(folder, "i.png"), [16_000, 16_000, 1]);
  const blank = new Uint8Array(16_000 * 16_000);
  await grid.write(blank);
  expect((await elboError(() => grid.write(blank))).code).toBe("grid-large");
  expect(readdirSync(folder)).toEqual([]);
});

test.for(["i.npy", "i.npz", "i.png", "out"])(
  "a disk that fills up leaves the old %s",
  async (name, context) => {
    await onFullDisk(context, async (folder) => {
      const path = join(folder, name);
      if (name === "out") {
        mkdirSync(path);
        writeFileSync(join(path, "0000.png"), "old");
      } else writeFileSync(path, "old");
      const noise = Uint8Array.from(
        { length: 100 * 64 * 64 },
        (_, i) => (i * i * 2654435761) >>> 11,
      );
      const error = await elboError(async () => {
        const writer = await openImageWriter(path, [64, 64, 1], { force: true });
        for (let batch = 0; batch < 10; batch++) await writer.write(noise);
        await writer.close();
      });
      expect(error.code).toBe("disk-full");
      expect(readFileSync(name === "out" ? join(path, "0000.png") : path, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual([name]);
    });
  },
);
