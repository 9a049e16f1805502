// Blocks of rows: whatever a table or an image set holds comes back, by a model that has learned nothing.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBlock, writeBlock } from "#elbo/codec/blocks.js";
import { cutAtLines, linesBlock, linesReader } from "#elbo/codec/contents/lines.js";
import { checkedValues, rowsBlock, rowsReader } from "#elbo/codec/contents/rows.js";
import { fitCodec } from "#elbo/codec/fit.js";
import { type CodedColumn, RowCodec } from "#elbo/codec/rows.js";
import { columnsOf, imagesOf, type MemoryValues } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import type { Declarations } from "#elbo/fields/declare.js";
import { parametersOf } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { Random } from "#elbo/runtime/random.js";
import { modelConfig } from "../models/config.ts";
import { mixedColumns, mixedSource } from "../tasks/mixed-table.ts";
import { schemaOf } from "../tasks/schema-of.ts";

async function modelOf(
  source: DataSource,
  config: Partial<ModelConfig> = {},
  declarations: Declarations = {},
) {
  const schema = await schemaOf(source, declarations);
  const model = modelConfig(config);
  const weights = parametersOf(schema, model).initialize(new Random(5));
  return { schema, config: model, weights };
}

async function chunkOf(source: DataSource): Promise<{ rows: number; columns: ColumnValues[] }> {
  for await (const chunk of source.chunks()) return chunk;
  throw new Error("no rows");
}

/** The archive's columns of a source, and its rows as a block. */
async function blockOf(source: DataSource) {
  const { rows, columns } = await chunkOf(source);
  const block = rowsBlock(source.columns, columns, rows);
  const coded = source.columns.map(
    ({ name }, i): CodedColumn => ({ name, type: block.cells[i]!.type }),
  );
  return { block, coded, values: columns };
}

async function comesBack(
  model: Awaited<ReturnType<typeof modelOf>>,
  source: DataSource,
): Promise<number> {
  const { block, coded, values } = await blockOf(source);
  const { cells, rows, frame } = block;
  const fitted = fitCodec(model, coded, cells, rows);
  const make = () => new RowCodec(model.schema, model.config, model.weights, coded, fitted);
  const bytes = make().encode(cells, rows);
  const reader = rowsReader(source.columns);
  const decoded = make().decode(bytes, reader.known(frame, rows), rows);
  expect(reader.restore(frame, decoded, rows)).toEqual(values);
  return bytes.length;
}

describe("a table of every kind of column", () => {
  test.each(["vae", "ae", "mixture-vae", "ladder-vae"] as const)("by a %s", async (method) => {
    const source = mixedSource(mixedColumns(300));
    const model = await modelOf(source, { method, latent: 5, options: optionsOf(method) });
    await comesBack(model, source);
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

/** Options of methods that have some. */
function optionsOf(method: ModelConfig["method"]): ModelConfig["options"] {
  if (method === "ladder-vae") return { levels: 3, width: 8, balance: "no" };
  return method === "mixture-vae" ? { components: 3 } : {};
}

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

describe("texts", () => {
  const words = ["", "a", "abba", "cab", "abcabcabc", null, "bac"];
  const source = (texts: (string | null)[]) =>
    columnsOf({ word: texts, size: texts.map((_, i) => i) });
  const many = Array.from({ length: 60 }, (_, i) => words[i % 7]!);

  test.each([
    ["convolutions, in turn", { network: { kind: "mlp", hidden: [4] } }],
    ["convolutions, all at once", { decoding: "one-shot" }],
    ["a transformer", { network: { kind: "transformer", width: 8, layers: 1, dense: [8] } }],
  ] as const)("by %s, with symbols and lengths that training has not seen", async (_, config) => {
    const model = await modelOf(source(many), config as Partial<ModelConfig>, {
      kind: { word: "text" },
    });
    await comesBack(model, source(many));
    await comesBack(
      model,
      source(["zebra", "abc", "a".repeat(500), null, "", "\u{1f984}", "b\nc"]),
    );
  });
});

test("lines of any bytes come back", () => {
  const piece = fc.constantFrom("a", "é", "\n", "\r\n", "\r", "word", "\ufeff", "\n\n");
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((all) => new TextEncoder().encode(all.join(""))),
    fc.uint8Array({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 4 }), (file, lines) => {
      const parts = [...cutAtLines(file, lines)];
      expect(parts.flatMap((part) => [...part])).toEqual([...file]);
      for (const part of parts) {
        const block = linesBlock(part);
        if (!block) continue;
        expect(block.rows).toBeLessThanOrEqual(lines);
        const back = linesReader.restore(block.frame, block.cells, block.rows);
        expect([...back]).toEqual([...part]);
      }
    }),
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
  const none = { prior: null, residuals: new Map<string, Float32Array>() };
  const codec = new RowCodec(model.schema, model.config, model.weights, coded, none);
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
  const none = { prior: null, residuals: new Map<string, Float32Array>() };
  const { schema, config, weights } = model;
  const bytes = writeBlock(
    new RowCodec(schema, config, weights, coded, none),
    0,
    block,
    checkedValues(values),
  );
  const others = parametersOf(schema, config).initialize(new Random(6));
  const codec = new RowCodec(schema, config, others, coded, none);
  expect(() => readBlock(codec, rowsReader(source.columns), bytes)).toThrow(/damaged|decode/);
});
