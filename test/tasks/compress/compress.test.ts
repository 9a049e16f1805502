// Archives of files: byte for byte, threads that change nothing, whatever they hold; damage told.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { openArchive } from "#elbo/codec/open.js";
import { nothingFitted, RowCodec } from "#elbo/codec/rows.js";
import { compressBytes } from "#elbo/codec/write.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import type { CompressOptions } from "#elbo/tasks/compress/compress.js";
import type { DecompressOptions } from "#elbo/tasks/compress/decompress.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { openRun, runOf } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { people, pictures } from "./files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name));
const write = (name: string, content: string | Uint8Array) => writeFileSync(at(name), content);

const packed = (run: string, file: string, archive: string, options: CompressOptions = {}) =>
  compressTo(at(archive), at(run), at(file), {
    ...{ force: true, threads: 1, rivals: false },
    ...options,
  });
const unpacked = (
  run: string | null,
  archive: string,
  file: string,
  options: DecompressOptions = {},
) => decompressTo(at(file), run && at(run), at(archive), { force: true, threads: 1, ...options });

const small = { network: "mlp:16", latent: 3, report: false, validation: 0 } as const;

beforeAll(async () => {
  write("people.csv", people);
  write("blots-idx3-ubyte", pictures(600));
  await train(at("people.csv"), { ...small, epochs: 3, id: ["note"], out: at("r") });
  await train(at("blots-idx3-ubyte"), {
    ...small,
    epochs: 2,
    likelihood: { image: "beta-binomial" },
    out: at("b"),
  });
}, 60_000);

describe("a csv file", () => {
  test("comes back byte for byte, whatever the threads, and smaller", async () => {
    const { bytes, rows, content } = await packed("r", "people.csv", "p.elbo");
    expect({ rows, content }).toEqual({ rows: 3000, content: "delimited" });
    const archive = read("p.elbo").length;
    expect(bytes).toEqual({ original: people.length, archive, model: 0 });
    expect(archive).toBeLessThan(0.2 * people.length);
    await packed("r", "people.csv", "p2.elbo", { threads: 2 });
    expect(read("p2.elbo").equals(read("p.elbo"))).toBe(true);
    await unpacked("r", "p.elbo", "back.csv", { threads: 2 });
    expect(read("back.csv").equals(read("people.csv"))).toBe(true);
  });

  test("with the model inside needs no run; without it that very one", async () => {
    const { bytes, weightBits } = await packed("r", "people.csv", "whole.elbo", {
      withModel: true,
    });
    expect(bytes.model).toBeGreaterThan(0);
    expect(weightBits).toBeLessThan(32);
    await unpacked(null, "whole.elbo", "alone.csv");
    expect(read("alone.csv").equals(read("people.csv"))).toBe(true);
    await packed("r", "people.csv", "p.elbo");
    const other = { code: "archive-model" };
    await expect(unpacked(null, "p.elbo", "none")).rejects.toMatchObject(other);
    await expect(unpacked("b", "p.elbo", "none")).rejects.toMatchObject(other);
  });

  test("that is gzip comes back unpacked; as rows its values do", async () => {
    write("people.csv.gz", gzipSync(people));
    const { notes } = await packed("r", "people.csv.gz", "gz.elbo");
    expect(notes).toMatchObject([{ code: "compress-unpacked" }]);
    await unpacked("r", "gz.elbo", "gz.csv");
    expect(read("gz.csv").equals(read("people.csv"))).toBe(true);
    await packed("r", "people.csv", "rows.elbo", { rows: true });
    await unpacked("r", "rows.elbo", "rows.csv");
    expect(read("rows.csv").toString().split("\n")[1]).toBe(
      'p0,20,Basel,1000,false,2020-01-01,"a ""note"", 0"',
    );
    await expect(unpacked("r", "rows.elbo", "rows.xyz")).rejects.toMatchObject({
      code: "format-unknown",
    });
  });

  test("of other columns, ragged, empty or not of this world is never lost", async () => {
    const strange = "q,-5,Atlantis,1e999,maybe,30000-01-01,";
    const files = {
      "other.csv": "a,b\n1,x\n2,y\n",
      "ragged.csv": "a,b\n1\n2,3,4\n",
      "empty.csv": "",
      "latin.csv": Uint8Array.of(97, 44, 98, 10, 49, 44, 0xe9, 10),
      "quote.csv": 'a,b\n1,"never closed\n',
      "poem.txt": "a line\nand another",
      "strange.csv": `${people.split("\r\n")[0]}\r\n${strange}\r\n,,,,,,`,
      "odd.csv": `${people.split("\r\n")[0]}\r\n${strange.replace("1e999", "-0.0")}\r\n,,,,,,`,
    };
    for (const [name, content] of Object.entries(files)) {
      write(name, content);
      await packed("r", name, "o.elbo");
      await unpacked("r", "o.elbo", "o.out");
      expect(read("o.out").equals(read(name)), name).toBe(true);
    }
  });
});

test("what other compressors make is told, and kept where it is less and asked for", async () => {
  // Rows that all are alike: nothing that a model of a few latents says better than a copy does.
  write("same.csv", `a,b\n${"17,some words that come again\n".repeat(2000)}`);
  const told = await packed("r", "same.csv", "same.elbo", { rivals: true });
  expect(told.by).toBe("model");
  expect(told.beside.map(({ name }) => name)).toEqual(["xz", "zstd", "bzip2"]);
  for (const { bytes, why } of told.beside) expect(bytes === null).toBe(why !== undefined);
  const auto = await packed("r", "same.csv", "auto.elbo", { rivals: true, auto: true });
  expect(auto.bytes.archive).toBeLessThanOrEqual(told.bytes.archive);
  expect(auto).toMatchObject({ content: "rival", rows: 60_004 });
  await unpacked(null, "auto.elbo", "same");
  expect(read("same").equals(read("same.csv"))).toBe(true);
  const damaged = read("auto.elbo");
  damaged[damaged.length - 70]! ^= 8;
  write("auto.elbo", damaged);
  await expect(unpacked(null, "auto.elbo", "same")).rejects.toMatchObject({
    code: expect.stringMatching(/^(archive|packed|rival)-/),
  });
});

// What it made was less than the model's archive, but with an archive's head around it more.
test("what another makes is kept where its archive is smaller, not its bytes alone", async () => {
  for (let rows = 100; rows < 500; rows += 50) {
    write("part.csv", people.split("\r\n").slice(0, rows).join("\r\n"));
    const model = await packed("r", "part.csv", "model.elbo");
    const auto = await packed("r", "part.csv", "auto.elbo", { rivals: true, auto: true });
    expect(auto.bytes.archive).toBe(read("auto.elbo").length);
    expect(auto.bytes.archive).toBeLessThanOrEqual(model.bytes.archive);
  }
});

test("bytes in memory give the archive that the command writes", async () => {
  await packed("r", "people.csv", "p.elbo");
  const { columns } = openArchive(read("p.elbo")).header;
  const { config, weights } = await runOf(at("r"));
  const model = { schema: config.schema, config: config.model, weights };
  const made = await compressBytes(
    read("people.csv"),
    {
      ...{ kind: "delimited", delimiter: ",", header: true },
      columns: columns.map(({ name, type }) => ({ name, type: type === "number" ? type : "text" })),
    },
    model,
    { name: "people.csv" },
  );
  expect(read("p.elbo").equals(made)).toBe(true);
});

// A Buffer's slice is no copy: numbers behind a header were taken from the whole file's beginning.
test("float32 numbers behind an npy header come back", async () => {
  const numbers = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? i / 7 : i % 5));
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (100, 3), }";
  const head = `${`\x93NUMPY\x01\0v\0${text}`.padEnd(127)}\n`;
  write("n.npy", Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(numbers.buffer)]));
  await train(at("n.npy"), { ...small, epochs: 1, out: at("n") });
  await packed("n", "n.npy", "n.elbo");
  await unpacked("n", "n.elbo", "n.back");
  expect(read("n.back").equals(read("n.npy"))).toBe(true);
});

// They were coded as if they were of the model's size: what was beyond it was lost, and the archive could not be read.
test("pictures and vectors of another size than the model's come back, and with loss are refused", async () => {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 5), }";
  const head = `${`\x93NUMPY\x01\0v\0${text}`.padEnd(127)}\n`;
  const numbers = Float32Array.from({ length: 100 }, (_, i) => i / 7);
  write("wide.npy", Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(numbers.buffer)]));
  const small = [0, 0, 8, 3, 0, 0, 0, 50, 0, 0, 0, 7, 0, 0, 0, 9];
  const pixels = Array.from({ length: 50 * 63 }, (_, i) => (i * i) % 256);
  write("small-idx3-ubyte", Uint8Array.from([...small, ...pixels]));
  for (const name of ["wide.npy", "small-idx3-ubyte"]) {
    for (const rows of [false, true]) {
      const { notes, values, bitsPerDim } = await packed("b", name, "size.elbo", { rows });
      expect({ values, bitsPerDim }).toEqual({ values: 0, bitsPerDim: null });
      expect(notes.map(({ code }) => code)).toContain("compress-columns");
      await unpacked("b", "size.elbo", "size.npy");
      if (!rows) expect(read("size.npy").equals(read(name)), name).toBe(true);
    }
    await expect(packed("b", name, "near.elbo", { lossy: true })).rejects.toMatchObject({
      ...{ code: "compress-lossy", message: expect.stringContaining("10 × 12 pixels") },
    });
  }
});

test("pictures come back as the file they stood in", async () => {
  await packed("b", "blots-idx3-ubyte", "b.elbo");
  await unpacked("b", "b.elbo", "blots");
  expect(read("blots").equals(read("blots-idx3-ubyte"))).toBe(true);
  expect(read("b.elbo").length).toBeLessThan(0.8 * read("blots").length);
});

test("rows take their negative ELBO, and one in a hundred more at most; corrected pixels take less", async () => {
  const rows = 16_000;
  const file = pictures(rows);
  write("plenty-idx3-ubyte", file);
  const { elbo } = await evaluate(at("b"), at("plenty-idx3-ubyte"));
  const { config, weights } = await openRun(at("b"));
  const columns = [{ name: "image", type: "image" } as const];
  const codec = new RowCodec(config.schema, config.model, weights, columns, nothingFitted);
  const size = codec.encode([{ type: "image", pixels: file.subarray(16) }], rows).length;
  const nats = (8 * Math.LN2 * size) / rows;
  expect(nats / -elbo!).toBeGreaterThan(0.99);
  expect(nats / -elbo!).toBeLessThan(1.01);
  const { bytes } = await packed("b", "plenty-idx3-ubyte", "plenty.elbo");
  expect(bytes.archive).toBeLessThan(0.6 * size);
});

test("a flipped bit is told with the rows that are lost, and the others come back on request", async () => {
  // Pictures enough for two blocks.
  write("many-idx3-ubyte", pictures(20_000));
  await packed("b", "many-idx3-ubyte", "many.elbo", { threads: 2 });
  const bytes = read("many.elbo");
  bytes[bytes.length >> 2]! ^= 1;
  write("flipped.elbo", bytes);
  const error = await unpacked("b", "flipped.elbo", "m").catch((cause: unknown) => cause as Error);
  expect(error).toMatchObject({ code: "archive-damaged" });
  const [, from, to] = /rows (\d+)-(\d+) are lost/.exec((error as Error).message)!.map(Number) as [
    number,
    number,
    number,
  ];
  const { lost } = await unpacked("b", "flipped.elbo", "m", { partial: true });
  expect(lost).toEqual([{ from, to }]);
  const wanted = read("many-idx3-ubyte");
  wanted.fill(0, 16 + (from - 1) * 120, 16 + to * 120);
  expect(read("m").equals(wanted)).toBe(true);
  write("cut.elbo", read("many.elbo").subarray(0, -4000));
  // The file's head says how many there were, and so does the archive's of rows.
  await expect(unpacked("b", "cut.elbo", "m2")).rejects.toThrow(/rows \d+-20000 are lost/);
  const cut = await unpacked("b", "cut.elbo", "m2", { partial: true });
  const whole = read("many-idx3-ubyte");
  whole.fill(0, 16 + (cut.lost[0]!.from - 1) * 120);
  expect(read("m2").equals(whole)).toBe(true);
  await packed("r", "people.csv", "rows.elbo", { rows: true });
  write("cut.elbo", read("rows.elbo").subarray(0, -100));
  await expect(unpacked("r", "cut.elbo", "m.csv")).rejects.toThrow("rows 1-3000 are lost");
  await packed("r", "people.csv", "p.elbo");
  write("cut.elbo", read("p.elbo").subarray(0, -100));
  await expect(unpacked("r", "cut.elbo", "m.csv")).rejects.toThrow(
    "rows 1 and behind, if there were any, are lost",
  );
});

test("any bit of an archive that is flipped is told, or changes nothing", async () => {
  write("few.csv", people.split("\r\n").slice(0, 60).join("\r\n"));
  await packed("r", "few.csv", "few.elbo", { withModel: true, weightBits: 8 });
  const sound = read("few.elbo");
  let told = 0;
  for (let bit = 5; bit < 8 * sound.length; bit += Math.floor((8 * sound.length) / 100)) {
    const bytes = Uint8Array.from(sound);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    write("bit.elbo", bytes);
    try {
      await unpacked(null, "bit.elbo", "bit.csv");
      expect(read("bit.csv").equals(read("few.csv"))).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(archive|packed)-/) });
      told++;
    }
  }
  expect(told).toBeGreaterThan(90);
});
