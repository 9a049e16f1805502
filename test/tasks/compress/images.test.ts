// Folders and zips of images come back as files of their names.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { beforeAll, expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { train } from "#elbo/train/train.js";
import { collect } from "../../data/rows.ts";
import { makeZip } from "../../data/zip/make-zip.ts";
import { sharedFolder } from "../../helpers/folder.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const options = { force: true, threads: 1, rivals: false };
const names = ["cats/1.png", "cats/2.png", "dogs/old/1.png"];

const picture = (seed: number) => ({
  ...{ width: 4, height: 3, channels: 1 },
  data: Uint8Array.from({ length: 12 }, (_, i) => (37 * seed + 11 * i) % 256),
});

beforeAll(async () => {
  for (const [i, name] of names.entries()) {
    mkdirSync(join(at("in"), name, ".."), { recursive: true });
    writeFileSync(join(at("in"), name), encode(picture(i)));
  }
  const small = { network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("in"), { ...small, out: at("run") });
}, 60_000);

const back = async (out: string) => {
  await compressTo(at("a.elbo"), at("run"), at("in"), options);
  return decompressTo(at(out), at("run"), at("a.elbo"), { force: true });
};

// They came back as 0000.png and on.
test("the images of a folder come back under their names", async () => {
  const { notes } = await back("out");
  expect(notes).toEqual([]);
  expect(await collect(await openData(at("out")))).toEqual(await collect(await openData(at("in"))));
});

test("an image that was no PNG is one, and a person is told", async () => {
  const { default: sharp } = await import("sharp");
  const { data, ...raw } = { ...picture(9), channels: 1 as const };
  await sharp(data, { raw })
    .jpeg()
    .toFile(join(at("in"), "cats/3.jpg"));
  const { notes } = await back("more");
  expect(notes).toMatchObject([
    { code: "decompress-png", message: expect.stringMatching(/^1 image that/) },
  ]);
  expect(readdirSync(join(at("more"), "cats"))).toEqual(["1.png", "2.png", "3.jpg.png"]);
  const [given, found] = [await openData(at("in")), await openData(at("more"))];
  expect(await collect(found, ["image"])).toEqual(await collect(given, ["image"]));
});

// Other files in a zip were left out without a word.
test("a zip that holds more than images comes back whole, and of a folder a person is told", async () => {
  const entries = names.map((name, i) => ({ name, data: encode(picture(i)) }));
  const table = { name: "labels.csv", data: Buffer.from("a,b\n") };
  writeFileSync(at("more.zip"), makeZip([...entries, table]));
  const whole = await compressTo(at("z.elbo"), at("run"), at("more.zip"), options);
  expect(whole.content).toBe("bytes");
  expect(whole.notes[0]?.message).toContain('"labels.csv"');
  writeFileSync(join(at("in"), "notes.md"), "");
  const { content, notes } = await compressTo(at("f.elbo"), at("run"), at("in"), options);
  expect(content).toBe("rows");
  const beside = { code: "compress-beside", message: expect.stringContaining('"notes.md"') };
  expect(notes).toContainEqual(beside);
});
