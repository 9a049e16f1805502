// Images as headless Chromium decodes and stretches them, against sharp's rows in Node.
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileBytes } from "#elbo/data/file-bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";
import { type OpenOptions, openData } from "#elbo/data/open.js";
import { readZipDirectory } from "#elbo/data/zip/directory.js";
import { readEntry } from "#elbo/data/zip/entry.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { sharedFolder } from "../../helpers/folder.ts";
import { makeZip } from "../zip/make-zip.ts";
import { missingBrowser, type Opened, openPage } from "./site.ts";

interface Images {
  rows: number;
  columns: unknown;
  notes: { code: string; message: string }[];
  values: number[];
  labels: (string | null)[];
}

const [width, height] = [24, 16];

/** A picture of smooth colours, and of one brightness. */
function picture(channels: 1 | 3 | 4): Sharp {
  const values = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return 128 + 120 * Math.sin(x / 4 + (i % channels)) * Math.cos(y / 5);
  });
  return sharp(values, { raw: { width, height, channels } });
}

/** How far two images are from each other: the largest difference of two values. */
const farthest = (a: readonly number[], b: readonly number[]) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.skipIf(missingBrowser)(`images in Chromium${missingBrowser}`, () => {
  const folder = sharedFolder();
  let page: Opened;
  beforeAll(async () => {
    page = await openPage(join(folder, "profile"));
  });
  afterAll(() => page?.close());

  async function write(name: string, files: Record<string, Uint8Array>): Promise<string> {
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), bytes);
    }
    return join(folder, name);
  }

  /** @param path of a folder, or of one file in a list. */
  async function both(
    path: string | [string],
    options?: OpenOptions,
  ): Promise<[page: Images, node: Images]> {
    const answer = (await page.ask("images", path, options)) as { value: Images };
    const source = await openData(typeof path === "string" ? path : path[0], options);
    const { rows, columns, notes } = source;
    const values: number[] = [];
    const labels: (string | null)[] = [];
    for await (const { columns } of source.chunks()) {
      for (const value of columns[0]!.values as Uint8Array) values.push(value);
      if (columns.length === 3) labels.push(...(columns[1]!.values as string[]));
    }
    const node = { rows, columns, notes, values, labels };
    return [answer.value, JSON.parse(JSON.stringify(node)) as Images];
  }

  test.skipIf(!realData())("characters of Omniglot, with their folders as labels", async () => {
    const zip = await fileBytes(realData("omniglot", "images_background_small1.zip")!);
    const entries = (await readZipDirectory(zip)).filter(({ name }) => /0[12]\.png$/.test(name));
    const files: Record<string, Uint8Array> = {};
    for (const entry of entries.filter((_, i) => i % 16 === 0)) {
      files[entry.name] = await readEntry(zip, entry, nodeInflater);
    }
    const path = await write("omniglot", files);
    const [inPage, inNode] = await both(path);
    expect(inNode.rows).toBeGreaterThan(10);
    expect(inPage).toEqual(inNode);
    const size = { size: { width: 28, height: 28 } };
    const [small, expected] = await both(path, size);
    expect({ ...small, values: [] }).toEqual({ ...expected, values: [] });
    // libvips rounds its weights to integers.
    expect(farthest(small.values, expected.values)).toBeLessThanOrEqual(2);
  });

  test("grey and colour, palettes, transparency, gamma and profiles", async () => {
    const grey = picture(1).toColourspace("b-w");
    const colour = picture(3);
    const clear = picture(4);
    const sets: Record<string, Record<string, Uint8Array>> = {
      grey: { "a.png": await grey.clone().png().toBuffer() },
      "grey with colour": {
        "a.png": await grey.clone().png().toBuffer(),
        "b.png": await colour.clone().png().toBuffer(),
      },
      palette: { "a.png": await colour.clone().png({ palette: true, colours: 16 }).toBuffer() },
      gamma: { "a.png": withGamma(await colour.clone().png().toBuffer()) },
      webp: { "a.webp": await colour.clone().webp({ lossless: true }).toBuffer() },
      transparent: { "a.png": await clear.clone().png().toBuffer() },
      jpeg: { "a.jpg": await colour.clone().jpeg({ quality: 90 }).toBuffer() },
      "grey jpeg": { "a.jpg": await grey.clone().jpeg({ quality: 90 }).toBuffer() },
      turned: { "a.jpg": await colour.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer() },
      profile: { "a.png": await colour.clone().withIccProfile("p3").png().toBuffer() },
    };
    const far: Record<string, number> = {};
    for (const [name, files] of Object.entries(sets)) {
      const [inPage, inNode] = await both(await write(name, files));
      expect({ ...inPage, values: [] }).toEqual({ ...inNode, values: [] });
      far[name] = farthest(inPage.values, inNode.values);
    }
    // Transparency and profiles are computed with, by each in its own way; numbers are read alike.
    const { transparent, profile, ...others } = far;
    expect(Object.values(others)).toEqual(Object.keys(others).map(() => 0));
    expect(Math.max(transparent!, profile!)).toBeLessThanOrEqual(1);
  });

  test("broken images are named and left out, and past 1 % an error", async () => {
    const good = await picture(3).jpeg().toBuffer();
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 120; i++) files[`n/${i}.jpg`] = good;
    files["n/cut.jpg"] = good.subarray(0, good.length / 2);
    const path = await write("broken", files);
    const [inPage, inNode] = await both(path);
    expect(inPage.rows).toBe(120);
    expect(inPage.values.length).toBe(inNode.values.length);
    expect(inPage.notes.map(({ code }) => code)).toEqual(inNode.notes.map(({ code }) => code));
    expect(inPage.notes[0]!.message).toContain("n/cut.jpg");
    await write("broken", { "n/junk.png": Buffer.from("junk") });
    const { error } = (await page.ask("images", path)) as { error: { code: string } };
    expect(error.code).toBe("images-broken");
    expect((await elboError(() => openData(path))).code).toBe("images-broken");
  });

  test("a zip of images, images of several sizes, and one image", async () => {
    const png = await picture(3).png().toBuffer();
    const small = await picture(3).resize(10, 10).png().toBuffer();
    const entries = [
      { name: "cats/a.png", data: png, deflate: true },
      { name: "dogs/b.png", data: png },
    ];
    const zip = join(folder, "set.zip");
    writeFileSync(zip, makeZip(entries));
    const [inPage, inNode] = await both([zip]);
    expect(inPage).toEqual(inNode);
    expect(inPage.labels).toEqual(["cats", "dogs"]);
    const path = await write("sizes", { "a.png": png, "b.png": small });
    const { error } = (await page.ask("images", path)) as {
      error: { code: string; message: string };
    };
    const expected = await elboError(() => openData(path));
    expect(error.code).toBe("image-sizes");
    expect(error.message).toBe(expected.message.replace(path, basename(path)));
    const one = (await page.ask("images", [join(path, "a.png")])) as { value: Images };
    expect(one.value.rows).toBe(1);
  });
});

/** A PNG whose numbers are said to mean light itself, which would change them. */
function withGamma(png: Uint8Array): Uint8Array {
  const chunk = Buffer.from("0000000467414d41000186a031e8965f", "hex");
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}
