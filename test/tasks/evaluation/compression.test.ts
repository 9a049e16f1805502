// What general compressors are given: the rows' own values, and no more and no less of them.
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { columnsOf, imagesOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { Declarations } from "#elbo/fields/declare.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { compression } from "#elbo/tasks/evaluation/compression.js";
import { linearGaussianRun } from "../linear-gaussian.ts";
import { fitted, schemaOf } from "../schema-of.ts";

async function packedOf(source: DataSource, declarations: Declarations) {
  const schema = await schemaOf(source, declarations);
  const run = await fitted({ ...linearGaussianRun().config, schema }, source);
  return { schema, packed: (await run.reference()).training };
}

/** Bits a value of these bytes, by both. */
function bits(bytes: Uint8Array, values: number) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const brotli = brotliCompressSync(bytes, { params });
  expect(new Uint8Array(brotliDecompressSync(brotli))).toEqual(bytes);
  return {
    gzip: (8 * gzipSync(bytes, { level: 9 }).length) / values,
    brotli: (8 * brotli.length) / values,
  };
}

test("columns are bytes one column after the other, in as many as they need, without gaps", async () => {
  const rows = 300;
  const counts = Array.from({ length: rows }, (_, i) => (i % 9 === 0 ? null : (i * 7919) % 1000));
  const letters = Array.from({ length: rows }, (_, i) => ["a", "b", "c"][(i * i) % 3]!);
  const { schema, packed } = await packedOf(columnsOf({ counts, letters }), {
    kind: { counts: "count", letters: "categorical" },
  });
  const there = counts.filter((value) => value !== null);
  const low = there.flatMap((value) => [value % 256, Math.floor(value / 256)]);
  const bytes = Uint8Array.from([...low, ...letters.map((letter) => "abc".indexOf(letter))]);
  const told = compression(schema, packed, 2)!;
  expect(told).toEqual({ rows, bytes: bytes.length, ...bits(bytes, 2 * rows) });
});

test("pixels are bytes, of which noise takes all 8 bits; bits where they are bits; none where drawn", async () => {
  const words = new Random(5).bits(streams.synthetic, 0, 64 * 256);
  const pixels = Uint8Array.from(words, (word) => word >>> 24);
  const source = imagesOf(pixels, [16, 16, 1]);
  const of = async (binarize: "none" | "threshold" | "dynamic") => {
    const { schema, packed } = await packedOf(source, { binarize });
    return compression(schema, packed, 256);
  };
  const grey = (await of("none"))!;
  expect(grey).toEqual({ rows: 64, bytes: 64 * 256, ...bits(pixels, 64 * 256) });
  expect(grey.gzip).toBeGreaterThan(8);
  const packed = Uint8Array.from({ length: pixels.length / 8 }, (_, i) =>
    pixels.subarray(8 * i, 8 * i + 8).reduce((byte, p, k) => byte | (Number(p > 127.5) << k), 0),
  );
  const binary = (await of("threshold"))!;
  expect(binary).toEqual({ rows: 64, bytes: 64 * 32, ...bits(packed, 64 * 256) });
  expect(binary.brotli).toBeGreaterThan(1);
  expect(await of("dynamic")).toBeNull();
});

test("numbers with fractions have none", async () => {
  const x = Array.from({ length: 50 }, (_, i) => i / 3);
  const { schema, packed } = await packedOf(columnsOf({ x }), { kind: { x: "real" } });
  expect(compression(schema, packed, 1)).toBeNull();
});
