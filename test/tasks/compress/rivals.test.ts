// What other compressors make of the same, whatever it is, and which of it is kept.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { beforeAll, expect, test } from "vitest";
import { compressTo } from "#elbo/tasks/compress/compress.js";
import { decompressTo } from "#elbo/tasks/compress/decompress.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { people, pictures } from "./files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const [width, height, count] = [10, 12, 60];

beforeAll(async () => {
  const file = pictures(count);
  writeFileSync(at("blots-idx3-ubyte"), file);
  for (let i = 0; i < count; i++) {
    const own = at(`blots/${i % 2}`);
    mkdirSync(own, { recursive: true });
    const data = file.subarray(16 + 120 * i, 16 + 120 * (i + 1));
    const png = encode({ width, height, data, channels: 1, depth: 8 });
    writeFileSync(join(own, `${String(i).padStart(2, "0")}.png`), png);
  }
  await train(at("blots"), {
    ...{ network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false, out: at("run") },
    likelihood: { image: "beta-binomial" },
  });
}, 60_000);

const names = ["xz", "zstd", "bzip2"];

// Of folders, Parquet and --rows nothing was said.
test("rows have others beside them, and a folder's images image formats", async () => {
  const options = { force: true, threads: 1 };
  const { beside, bytes } = await compressTo(at("f.elbo"), at("run"), at("blots"), options);
  expect(beside.map(({ name }) => name)).toEqual([...names, "png", "webp"]);
  for (const each of beside) {
    expect(each.bytes === null).toBe(each.why !== undefined);
    expect(each.bytes ?? 1).toBeLessThan(bytes.original);
  }
  const file = await compressTo(at("f.elbo"), at("run"), at("blots-idx3-ubyte"), options);
  // Images are the same, whatever they stood in, but for their order.
  const sizes = (of: typeof beside) => Number(of.find(({ name }) => name === "png")!.bytes);
  expect(Math.abs(sizes(beside) / sizes(file.beside) - 1)).toBeLessThan(0.1);
  writeFileSync(at("people.csv"), people);
  const rows = { ...options, rows: true, auto: true };
  const table = await compressTo(at("p.elbo"), at("run"), at("people.csv"), rows);
  expect(table.beside.map(({ name }) => name)).toEqual(names);
  expect(table).toMatchObject({ content: "rows", by: "model" });
  expect(readFileSync(at("p.elbo")).length).toBe(table.bytes.archive);
});

// Of image formats it was told that they win, and none of them could be kept.
test("images are kept as the format that takes the least of them", async () => {
  const head = [0, 0, 8, 3, 0, 0, 0, 50, 0, 0, 0, 12, 0, 0, 0, 10];
  const rows = Array.from({ length: 50 * 120 }, (_, i) => (i * 7) % 256);
  const file = Uint8Array.from([...head, ...rows]);
  writeFileSync(at("stripes-idx3-ubyte"), file);
  const options = { force: true, threads: 1, auto: true };
  const kept = await compressTo(at("s.elbo"), at("run"), at("stripes-idx3-ubyte"), options);
  expect(kept).toMatchObject({ by: "webp", content: "rival", rows: file.length });
  expect(kept.bytes.archive).toBe(readFileSync(at("s.elbo")).length);
  await decompressTo(at("stripes"), null, at("s.elbo"));
  expect(readFileSync(at("stripes")).equals(file)).toBe(true);
});
