// Images by their latents alone: what comes back is what was measured, and lambda says how near.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { crc32 } from "#elbo/base/crc32.js";
import { ByteReader } from "#elbo/codec/bytes.js";
import { openArchive } from "#elbo/codec/open.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { people, pictures } from "./files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const HEAD = 16;
/** Two blocks of them. */
const many = 16_500;

const lossy = (archive: string, file: string, more: { lambda?: number; threads?: number }) =>
  compressTo(at(archive), at("run"), at(file), { force: true, lossy: true, threads: 1, ...more });

beforeAll(async () => {
  writeFileSync(at("blots-idx3-ubyte"), pictures(many));
  writeFileSync(at("few-idx3-ubyte"), pictures(600));
  await train(at("few-idx3-ubyte"), {
    ...{ network: "mlp:32", latent: 4, epochs: 20, lr: 0.005, validation: 0, out: at("run") },
    likelihood: { image: "beta-binomial" },
  });
}, 60_000);

test("as lambda falls so does the error, and the size grows", async () => {
  const results = [];
  for (const lambda of [100_000, 3000, 0]) {
    results.push(await lossy("x.elbo", "few-idx3-ubyte", { lambda }));
  }
  const errors = results.map(({ loss }) => loss!.squaredError);
  const sizes = results.map(({ bytes }) => bytes.archive);
  expect(errors[0]).toBeGreaterThan(errors[1]!);
  expect(errors[1]).toBeGreaterThan(errors[2]!);
  expect(sizes[0]).toBeLessThan(sizes[1]!);
  expect(sizes[1]).toBeLessThan(sizes[2]!);
});

test("what comes back has the error that was told and the checksums that were written, whatever the threads", async () => {
  const { loss, bytes } = await lossy("one.elbo", "blots-idx3-ubyte", {});
  await lossy("two.elbo", "blots-idx3-ubyte", { threads: 2 });
  expect(readFileSync(at("two.elbo")).equals(readFileSync(at("one.elbo")))).toBe(true);
  const { blocks } = openArchive(readFileSync(at("one.elbo")));
  expect(blocks.length).toBeGreaterThan(1);
  await decompressTo(at("back"), at("run"), at("one.elbo"), { threads: 2 });
  const [found, wanted] = [readFileSync(at("back")), readFileSync(at("blots-idx3-ubyte"))];
  expect(found.subarray(0, HEAD).equals(wanted.subarray(0, HEAD))).toBe(true);
  for (const { content } of blocks) {
    const reader = new ByteReader(content);
    const [first, rows, checksum] = [reader.count(), reader.count(), reader.count()];
    const from = HEAD + 120 * first;
    expect(crc32(found.subarray(from, from + 120 * rows))).toBe(checksum);
  }
  const squared = found.reduce((sum, pixel, i) => sum + (pixel - wanted[i]!) ** 2, 0);
  expect(squared / (120 * many)).toBeCloseTo(loss!.squaredError, 8);
  expect(loss!.psnr).toBeCloseTo(10 * Math.log10(255 ** 2 / loss!.squaredError), 8);
  // Four latents of at most 16 bits each: far below what the pixels take.
  expect(bytes.archive).toBeLessThan(0.07 * bytes.original);
});

test("a model without one image of bytes is refused", async () => {
  writeFileSync(at("people.csv"), people.split("\r\n").slice(0, 200).join("\r\n"));
  await train(at("people.csv"), { network: "mlp:4", latent: 2, epochs: 1, out: at("table") });
  await expect(
    compressTo(at("t.elbo"), at("table"), at("people.csv"), { lossy: true }),
  ).rejects.toMatchObject({ code: "compress-lossy", kind: "usage" });
});

test("pixels reach the encoder of a Bernoulli as they are, and data without images and no threads are refused", async () => {
  await train(at("few-idx3-ubyte"), {
    ...{ network: "mlp:16", latent: 3, epochs: 30, validation: 0, report: false },
    ...{ likelihood: { image: "bernoulli" }, out: at("bernoulli") },
  });
  const options = { force: true, lossy: true, threads: 1 };
  const told = await compressTo(at("b.elbo"), at("bernoulli"), at("blots-idx3-ubyte"), options);
  // The mean image alone leaves the variance of pixels: what comes back must be nearer.
  const pixels = readFileSync(at("blots-idx3-ubyte")).subarray(HEAD);
  const sums = new Float64Array(120);
  pixels.forEach((pixel, i) => {
    sums[i % 120]! += pixel;
  });
  const rows = pixels.length / 120;
  const around = pixels.reduce((sum, pixel, i) => sum + (pixel - sums[i % 120]! / rows) ** 2, 0);
  expect(told.loss!.squaredError).toBeLessThan(0.5 * (around / pixels.length));
  writeFileSync(at("table.csv"), "a,b\n1,2\n3,4\n");
  await expect(
    compressTo(at("t.elbo"), at("bernoulli"), at("table.csv"), options),
  ).rejects.toMatchObject({ code: "compress-lossy" });
  await expect(
    compressTo(at("t.elbo"), at("run"), at("blots-idx3-ubyte"), { ...options, threads: 0 }),
  ).rejects.toMatchObject({ code: "option-value" });
});
