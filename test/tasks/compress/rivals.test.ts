// What other compressors make of the same, whatever it is, and which of it is kept.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { beforeAll, expect, test } from "vitest";
import { decompressBytes } from "#elbo/codec/open.js";
import { withConnection, withDatabase } from "#elbo/data/duckdb.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import type { CompressOptions } from "#elbo/tasks/compress/compress.js";
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
  const rows = { ...options, rows: true };
  const table = await compressTo(at("p.elbo"), at("run"), at("people.csv"), rows);
  expect(table.beside.map(({ name }) => name)).toEqual(names);
  expect(table).toMatchObject({ content: "rows", by: "model" });
  expect(readFileSync(at("p.elbo")).length).toBe(table.bytes.archive);
});

// Of rows the winner was named, and could not be kept.
test("rows are kept as another compressor has them, and come back the same", async () => {
  const lines = Array.from(
    { length: 4000 },
    (_, i) => `${(i * 7) % 5},w${i % 3},2020-01-0${1 + (i % 9)},`,
  );
  writeFileSync(at("same.csv"), `a,word,day,none\n${lines.join("\n")}\n`);
  await sameByBoth("same.csv", "csv", { rows: true });
  await sql(`COPY (SELECT if(i % 4 = 0, NULL, 4611686018427387904 + i % 7) AS id, i % 3 / 3 AS third, [i % 5 / 7, NULL] AS v,
    [i % 3 + 9007199254740993] AS w, i % 2 = 0 AS yes, (i % 9)::FLOAT AS f FROM range(5000) t(i)) TO '${at("same.parquet")}'`);
  await sameByBoth("same.parquet", "parquet", {});
});

test("images of a folder are kept as a format has them, and come back the same", async () => {
  mkdirSync(at("bands"));
  for (let i = 0; i < 40; i++) {
    const data = Uint8Array.from({ length: 120 }, (_, p) => (p * 7 + i) % 256);
    writeFileSync(at(`bands/${i}.png`), encode({ width, height, data, channels: 1, depth: 8 }));
  }
  const by = await sameByBoth("bands", "npz", {});
  expect(["png", "webp"]).toContain(by);
});

/** Data by the model and by whatever is smaller: both decompress to the same file. */
async function sameByBoth(data: string, extension: string, own: CompressOptions) {
  const options = { ...own, force: true, threads: 1 };
  const model = await compressTo(at("model.elbo"), at("run"), at(data), options);
  const kept = await compressTo(at("kept.elbo"), at("run"), at(data), { ...options, auto: true });
  expect(kept).toMatchObject({ content: "rival", rows: model.rows, unit: "row" });
  expect(kept.by).not.toBe("model");
  expect(kept.bytes.archive).toBeLessThan(model.bytes.archive);
  await decompressTo(at(`model.${extension}`), at("run"), at("model.elbo"), { force: true });
  const told = await decompressTo(at(`kept.${extension}`), null, at("kept.elbo"), { force: true });
  expect(told).toMatchObject({ rows: model.rows, unit: "row" });
  const [one, other] = [`model.${extension}`, `kept.${extension}`].map((name) =>
    readFileSync(at(name)),
  );
  expect(one!.equals(other!)).toBe(true);
  return kept.by;
}

const sql = (text: string) =>
  withDatabase("memory", (database) =>
    withConnection(database, async (connection) => connection.run(text)),
  );

// Pages refused archives by the project's own mixing of contexts, which needs no program.
test("what contexts make of a file decompresses in memory", async () => {
  // Pictures whose pixels are a text, which no model of pictures foresees.
  const head = [0, 0, 8, 3, 0, 0, 0, 25, 0, 0, 0, 12, 0, 0, 0, 10];
  const text = readFileSync("CONTRIBUTING.md").subarray(0, 25 * 120);
  writeFileSync(at("text-idx3-ubyte"), Buffer.concat([Uint8Array.from(head), text]));
  const auto = { force: true, threads: 1, auto: true };
  const { by } = await compressTo(at("c.elbo"), at("run"), at("text-idx3-ubyte"), auto);
  expect(by).toBe("context");
  const found = await decompressBytes(readFileSync(at("c.elbo")));
  expect(Buffer.from(found).equals(readFileSync(at("text-idx3-ubyte")))).toBe(true);
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
