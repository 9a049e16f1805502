// What general compressors are given: the rows' own values, and no more and no less of them.
import { spawnSync } from "node:child_process";
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { columnsOf, imagesOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { Declarations } from "#elbo/fields/declare.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { bestCompressor, compression } from "#elbo/tasks/evaluation/compression.js";
import { linearGaussianRun } from "../linear-gaussian.ts";
import { fitted, schemaOf } from "../schema-of.ts";

async function packedOf(source: DataSource, declarations: Declarations) {
  const schema = await schemaOf(source, declarations);
  const run = await fitted({ ...linearGaussianRun().config, schema }, source);
  return { run, packed: (await run.reference()).training };
}

/** Bits a value of these bytes, by each that is here. */
function bits(bytes: Uint8Array, values: number) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const brotli = brotliCompressSync(bytes, { params });
  expect(new Uint8Array(brotliDecompressSync(brotli))).toEqual(bytes);
  const xz = spawnSync("xz", ["-9", "-c", "-T1"], { input: bytes });
  return {
    gzip: (8 * gzipSync(bytes, { level: 9 }).length) / values,
    ...(xz.error ? { brotli: (8 * brotli.length) / values } : { brotli: null }),
    ...(xz.error ? {} : { xz: (8 * xz.stdout.length) / values }),
  };
}

test("columns are bytes one column after the other, in as many as they need, without gaps", async () => {
  const rows = 300;
  const counts = Array.from({ length: rows }, (_, i) => (i % 9 === 0 ? null : (i * 7919) % 1000));
  const letters = Array.from({ length: rows }, (_, i) => ["a", "b", "c"][(i * i) % 3]!);
  const { run, packed } = await packedOf(columnsOf({ counts, letters }), {
    kind: { counts: "count", letters: "categorical" },
  });
  const there = counts.filter((value) => value !== null);
  const low = there.flatMap((value) => [value % 256, Math.floor(value / 256)]);
  const bytes = Uint8Array.from([...low, ...letters.map((letter) => "abc".indexOf(letter))]);
  const told = (await compression(run, packed, -6))!;
  expect(told).toMatchObject({ rows, values: 2, bytes: bytes.length, ...bits(bytes, 2 * rows) });
  // Of probabilities alone, bits are nats by another name.
  expect(told.model).toBeCloseTo(3 / Math.LN2, 12);
});

test("pixels are bytes, of which noise takes all 8 bits; bits where they are bits; none where drawn", async () => {
  const words = new Random(5).bits(streams.synthetic, 0, 64 * 256);
  const pixels = Uint8Array.from(words, (word) => word >>> 24);
  const source = imagesOf(pixels, [16, 16, 1]);
  const of = async (binarize: "none" | "threshold" | "dynamic") => {
    const { run, packed } = await packedOf(source, { binarize });
    return compression(run, packed, -100);
  };
  const grey = (await of("none"))!;
  expect(grey).toMatchObject({ rows: 64, bytes: 64 * 256, ...bits(pixels, 64 * 256) });
  expect(grey.gzip).toBeGreaterThan(8);
  const packed = Uint8Array.from({ length: pixels.length / 8 }, (_, i) =>
    pixels.subarray(8 * i, 8 * i + 8).reduce((byte, p, k) => byte | (Number(p > 127.5) << k), 0),
  );
  const binary = (await of("threshold"))!;
  expect(binary).toMatchObject({ rows: 64, bytes: 64 * 32, ...bits(packed, 64 * 256) });
  expect(bestCompressor(binary).bits).toBeGreaterThan(1);
  expect(await of("dynamic")).toBeNull();
});

test("numbers are whole ones of their last digit, and densities give that much its bits", async () => {
  const rows = 200;
  const price = Array.from({ length: rows }, (_, i) =>
    i % 10 === 0 ? null : ((i * 37) % 90) / 4 - 3,
  );
  const day = Array.from(
    { length: rows },
    (_, i) => new Date(86_400_000 * (20_000 + ((i * 7) % 50))),
  );
  const { run, packed } = await packedOf(columnsOf({ price, day }), { kind: { price: "real" } });
  const there = price.filter((value) => value !== null).map((value) => Math.round(100 * value));
  const cents = there.map((value) => value + 300);
  const bytes = Uint8Array.from([
    ...cents.flatMap((value) => [value % 256, Math.floor(value / 256)]),
    ...day.map((date) => date.getTime() / 86_400_000 - 20_000),
  ]);
  const elbo = -10;
  const told = (await compression(run, packed, elbo))!;
  expect(told).toMatchObject({ rows, values: 2, bytes: bytes.length, ...bits(bytes, 2 * rows) });
  // A cent of nine prices in ten; days are worth 1.
  const nats = -elbo - 0.9 * Math.log(0.01);
  expect(told.model).toBeCloseTo(nats / 2 / Math.LN2, 10);
  expect(told.noModel).toBeNull();
});

test("zeros behind a hurdle have a probability, and no digit is taken of them", async () => {
  const spent = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? 0 : 10 + ((i * 31) % 97) / 10,
  );
  const { run, packed } = await packedOf(columnsOf({ spent }), {
    ...{ kind: { spent: "positive" }, likelihood: { spent: "hurdle-log-normal" } },
  });
  const told = (await compression(run, packed, -2))!;
  expect(told.model).toBeCloseTo((2 - 0.5 * Math.log(0.1)) / Math.LN2, 10);
});

test("numbers without a last digit are as they are held, and compare with no density", async () => {
  const x = Array.from({ length: 50 }, (_, i) => i / 3);
  const { run, packed } = await packedOf(columnsOf({ x }), { kind: { x: "real" } });
  const bytes = new Uint8Array(Float32Array.from(x).buffer);
  const told = (await compression(run, packed, -1))!;
  expect(told).toMatchObject({ bytes: 200, model: null, ...bits(bytes, 50) });
  expect(told.noModel).toBe('"x" has a density, and its values no last digit');
  expect((await compression(run, packed, null))!.noModel).toBe("the method has no likelihood");
});
