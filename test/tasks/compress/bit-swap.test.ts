// Archives by a chain of levels, in Bit-Swap's order: files come back, and rows take their negative ELBO.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fitCodec } from "#elbo/codec/fit.js";
import { openArchive } from "#elbo/codec/open.js";
import { RowCodec } from "#elbo/codec/rows.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import type { DecompressOptions } from "#elbo/tasks/compress/decompress.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { openRun } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { people, pictures } from "./files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name));

const packed = (run: string, file: string, archive: string, threads = 1, lossy = false) =>
  compressTo(at(archive), at(run), at(file), { force: true, rivals: false, threads, lossy });
const unpacked = (run: string, archive: string, file: string, options: DecompressOptions = {}) =>
  decompressTo(at(file), at(run), at(archive), { force: true, threads: 1, ...options });

const chain = {
  method: "bit-swap",
  methodOption: { levels: 3, width: 16 },
  latent: 6,
  network: "mlp:16",
  seed: 1,
  report: false,
  validation: 0,
} as const;

beforeAll(async () => {
  writeFileSync(at("people.csv"), people);
  // Pictures enough for two blocks.
  writeFileSync(at("blots-idx3-ubyte"), pictures(20_000));
  await train(at("people.csv"), { ...chain, epochs: 3, id: ["note"], out: at("people") });
  await train(at("blots-idx3-ubyte"), {
    ...{ ...chain, epochs: 2, out: at("blots") },
    likelihood: { image: "beta-binomial" },
  });
  await packed("people", "people.csv", "people.elbo");
  await packed("blots", "blots-idx3-ubyte", "blots.elbo");
}, 120_000);

describe.each([
  ["people", "people.csv"],
  ["blots", "blots-idx3-ubyte"],
])("%s", (run, file) => {
  test("come back byte for byte, whatever the threads", async () => {
    await packed(run, file, `${run}2.elbo`, 2);
    expect(read(`${run}2.elbo`).equals(read(`${run}.elbo`))).toBe(true);
    for (const threads of [1, 2]) {
      await unpacked(run, `${run}.elbo`, `${run}.back`, { threads });
      expect(read(`${run}.back`).equals(read(file))).toBe(true);
    }
    expect(read(`${run}.elbo`).length).toBeLessThan(0.4 * read(file).length);
  });

  test("a flipped bit is told", async () => {
    const sound = read(`${run}.elbo`);
    for (const part of [0.2, 0.4, 0.6, 0.8]) {
      const bytes = Uint8Array.from(sound);
      bytes[Math.floor(part * bytes.length)]! ^= 1;
      writeFileSync(at("flipped.elbo"), bytes);
      await expect(unpacked(run, "flipped.elbo", "flipped")).rejects.toMatchObject({
        code: "archive-damaged",
      });
    }
  });
});

test("rows take their negative ELBO, and one in a hundred more at most", async () => {
  const rows = 16_000;
  const file = pictures(rows);
  writeFileSync(at("plenty-idx3-ubyte"), file);
  const { elbo } = await evaluate(at("blots"), at("plenty-idx3-ubyte"));
  const { config, weights } = await openRun(at("blots"));
  const columns = [{ name: "image", type: "image" } as const];
  const cells = [{ type: "image", pixels: file.subarray(16) } as const];
  const model = { schema: config.schema, config: config.model, weights };
  const fitted = fitCodec(model, columns, cells, rows);
  const codec = new RowCodec(config.schema, config.model, weights, columns, fitted);
  const nats = (8 * Math.LN2 * codec.encode(cells, rows).length) / rows;
  expect(nats / -elbo!).toBeGreaterThan(0.99);
  expect(nats / -elbo!).toBeLessThan(1.01);
});

test("with loss, images are told by the lowest level alone", async () => {
  await packed("blots", "blots-idx3-ubyte", "lossy.elbo", 1, true);
  await unpacked("blots", "lossy.elbo", "lossy");
  expect(read("lossy").length).toBe(read("blots-idx3-ubyte").length);
  expect(openArchive(read("lossy.elbo")).header.lossy!.mean).toHaveLength(2);
});
