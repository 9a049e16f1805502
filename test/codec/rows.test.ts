// Blocks of rows: whatever a table or an image set holds comes back, by a model that has learned nothing.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBlock, writeBlock } from "#elbo/codec/blocks.js";
import { checkedValues, rowsReader } from "#elbo/codec/contents/rows.js";
import { decompressBytes } from "#elbo/codec/open.js";
import { nothingFitted, RowCodec } from "#elbo/codec/rows.js";
import { compressBytes } from "#elbo/codec/write.js";
import { columnsOf, imagesOf, type MemoryValues } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { Random } from "#elbo/runtime/random.js";
import { mixedColumns, mixedSource } from "../tasks/mixed-table.ts";
import { blockOf, comesBack, modelOf } from "./models.ts";

describe("a table of every kind of column", () => {
  const ladder = { levels: 3, width: 8, balance: "no", prior: "normal", components: 4 };
  test.each([
    ["vae", {}],
    ["ae", {}],
    ["mixture-vae", { components: 3 }],
    ["ladder-vae", ladder],
    ["ladder-vae", { ...ladder, prior: "vamp" }],
    ["bit-swap", { levels: 1, width: 8 }],
    ["bit-swap", { levels: 3, width: 8 }],
  ] as const)("by a %s, %o", async (method, options) => {
    const source = mixedSource(mixedColumns(300));
    await comesBack(await modelOf(source, { method, latent: 5, options }), source);
  });

  test("with columns that are conditions, targets and ids", async () => {
    const source = mixedSource(mixedColumns(200));
    const roles = { condition: ["city"], target: ["member", "visits"], id: ["person"] };
    await comesBack(await modelOf(source, {}, roles), source);
  });

  test("rows that training has not seen: other texts, fractions of counts, -0, huge numbers", async () => {
    const source = mixedSource(mixedColumns(100));
    const model = await modelOf(source);
    const strange = {
      person: ["a", "b,\n", null, "", "e"],
      age: [-0, 1e300, 5e-324, null, -123_456.789],
      visits: [0.5, -3, 2 ** 53 - 1, 1e18, null],
      income: [-5, 0, 1e-7, Number.MAX_VALUE, 123.456],
      city: ["Atlantis", "Bern", null, "", "Zürich"],
      member: [true, false, true, null, true],
      joined: [new Date(0), new Date(-1), null, new Date(8.64e15), new Date(951_782_400_000)],
      seen: [new Date(1), new Date(Date.UTC(1850, 1, 1)), null, new Date(-8.64e15), new Date(7)],
    } satisfies Record<string, MemoryValues>;
    await comesBack(model, columnsOf(strange));
  });
});

test("any table round-trips", { timeout: 30_000 }, async () => {
  const models = new Map(
    await Promise.all(
      (["vae", "ae"] as const).map(
        async (method) =>
          [method, await modelOf(mixedSource(mixedColumns(60)), { method })] as const,
      ),
    ),
  );
  const number = fc.option(
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
  );
  const text = fc.option(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("Bern", "Lausanne")),
  );
  const row = fc.record({ person: text, age: number, visits: number, income: number, city: text });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("vae", "ae"),
      fc.array(row, { minLength: 1, maxLength: 30 }),
      async (method, rows) => {
        const column = (name: keyof (typeof rows)[number]) => rows.map((each) => each[name]);
        const numbers = (name: "age" | "visits" | "income"): ColumnValues => ({
          type: "number",
          values: Float64Array.from(column(name), (x) => (x === null ? Number.NaN : Number(x))),
        });
        const texts = (name: "person" | "city"): ColumnValues => ({
          type: "text",
          values: column(name) as (string | null)[],
        });
        const columns: ColumnInfo[] = [
          { name: "person", type: "text" },
          { name: "age", type: "number" },
          { name: "visits", type: "number" },
          { name: "income", type: "number" },
          { name: "city", type: "text" },
        ];
        const values = [
          texts("person"),
          numbers("age"),
          numbers("visits"),
          numbers("income"),
          texts("city"),
        ];
        const source: DataSource = {
          source: "a test",
          rows: rows.length,
          columns,
          notes: [],
          async *chunks() {
            yield { rows: rows.length, columns: values };
          },
        };
        await comesBack(models.get(method as "vae" | "ae")!, source);
      },
    ),
    { numRuns: 25 },
  );
});

describe("images", () => {
  const random = new Random(3);
  const shape = [6, 5, 3] as const;
  const size = shape[0] * shape[1] * shape[2];
  const grey = Uint8Array.from(random.uniform(9, 0, 40 * size), (u) => 256 * u);
  const source = (pixels: Uint8Array) => imagesOf(pixels, shape);

  test.each([
    ["vae", "beta-binomial"],
    ["vae", "discretized-logistic"],
    ["vae", "discretized-logistic-mixture"],
    ["vae", "categorical"],
    ["vae", "gaussian"],
    ["vae", "continuous-bernoulli"],
    ["ae", "squared-error"],
  ] as const)("by a %s with a %s likelihood, all bytes", async (method, likelihood) => {
    const rows = source(grey);
    const model = await modelOf(rows, { method }, { likelihood: { image: likelihood } });
    await comesBack(model, rows);
  });

  test("by a ConvNet", async () => {
    const rows = source(grey);
    const network = { kind: "conv", channels: [4], dense: [8] } as const;
    const model = await modelOf(
      rows,
      { network: { ...network, channels: [4], dense: [8] } },
      { likelihood: { image: "beta-binomial" } },
    );
    await comesBack(model, rows);
  });

  test("black and white by a Bernoulli, with a grey pixel, and 0 and 1", async () => {
    const white = grey.map((pixel) => (pixel > 200 ? 255 : 0));
    const model = await modelOf(source(white), {}, { likelihood: { image: "bernoulli" } });
    expect(await comesBack(model, source(white))).toBeLessThan(40 * size);
    white[77] = 100;
    await comesBack(model, source(white));
    await comesBack(model, source(white.map((pixel) => (pixel === 255 ? 1 : 0))));
    await expect(comesBack(model, source(grey))).rejects.toThrow(
      /modelled by a Bernoulli.*nothing to code them by/s,
    );
  });
});

test("any image set round-trips, whatever the model's size is", { timeout: 30_000 }, async () => {
  const side = fc.integer({ min: 1, max: 6 });
  const shape = fc.tuple(side, side, fc.integer({ min: 1, max: 4 }));
  const likelihood = fc.constantFrom("beta-binomial", "discretized-logistic", "gaussian");
  const sets = fc
    .tuple(shape, fc.integer({ min: 1, max: 20 }))
    .chain(([[height, width, channels], count]) => {
      const length = height * width * channels * count;
      const pixels = fc.uint8Array({ minLength: length, maxLength: length });
      return fc.record({ size: fc.constant(length / count), pixels });
    });
  await fc.assert(
    fc.asyncProperty(shape, likelihood, sets, fc.boolean(), async (own, image, other, same) => {
      const [height, width, channels] = own;
      const size = same ? height * width * channels : other.size;
      const count = Math.ceil(other.pixels.length / size);
      const pixels = new Uint8Array(count * size);
      pixels.set(other.pixels);
      const trained = imagesOf(new Uint8Array(3 * height * width * channels), own);
      const model = await modelOf(trained, {}, { likelihood: { image } });
      const file = { kind: "array", name: "image", head: 0, element: "u1", size } as const;
      const archive = await compressBytes(pixels, file, model);
      expect(await decompressBytes(archive, model)).toEqual(pixels);
    }),
    { numRuns: 40 },
  );
});

test("vectors: counts, decimals, any floats, gaps", async () => {
  const random = new Random(8);
  const counts = Float32Array.from(random.uniform(1, 0, 50 * 7), (u) => Math.floor(20 * u * u));
  const decimals = Float32Array.from(counts, (x) => (x - 7) / 4);
  const floats = Float32Array.from(random.normal(1, 1, 50 * 7));
  const gaps = decimals.map((x, i) => (i % 5 === 0 ? Number.NaN : x));
  const of = (values: Float32Array): DataSource => ({
    source: "a test",
    rows: 50,
    columns: [{ name: "v", type: "vector", size: 7, sparse: false }],
    notes: [],
    async *chunks() {
      yield { rows: 50, columns: [{ type: "vector", values }] };
    },
  });
  for (const values of [counts, decimals, floats, gaps]) {
    const model = await modelOf(of(values));
    for (const others of [counts, decimals, floats, gaps]) await comesBack(model, of(others));
  }
});

test("a flipped bit anywhere in a block is told, or changes nothing", async () => {
  const source = mixedSource(mixedColumns(120));
  const model = await modelOf(source);
  const { block, coded, values } = await blockOf(source);
  const codec = new RowCodec(model.schema, model.config, model.weights, coded, nothingFitted);
  const bytes = writeBlock(codec, 0, block, checkedValues(values));
  const reader = rowsReader(source.columns);
  expect(readBlock(codec, reader, bytes)).toEqual(values);
  let told = 0;
  for (let at = 0; at < bytes.length; at += 29) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << (at % 8);
    try {
      expect(readBlock(codec, reader, changed)).toEqual(values);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/damaged|mismatch/) });
      told++;
    }
  }
  expect(told).toBeGreaterThan(0.9 * (bytes.length / 29));
  for (const length of [0, 1, 5, bytes.length - 1]) {
    expect(() => readBlock(codec, reader, bytes.subarray(0, length))).toThrow(/damage/);
  }
});

test("rows of another model do not decode to these", async () => {
  const source = mixedSource(mixedColumns(120));
  const model = await modelOf(source);
  const { block, coded, values } = await blockOf(source);
  const { schema, config, weights } = model;
  const bytes = writeBlock(
    new RowCodec(schema, config, weights, coded, nothingFitted),
    0,
    block,
    checkedValues(values),
  );
  const others = parametersOf(schema, config).initialize(new Random(6));
  const codec = new RowCodec(schema, config, others, coded, nothingFitted);
  expect(() => readBlock(codec, rowsReader(source.columns), bytes)).toThrow(/damaged|decode/);
});
