// Texts: how they are cut into symbols, how pairs are learned, and what the model makes of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Readable } from "#elbo/fields/columns.js";
import type { TextField } from "#elbo/fields/field.js";
import { type GroupOptions, groupsOf, rawOf } from "#elbo/fields/groups/index.js";
import {
  keptInput,
  MISSING,
  maskInput,
  placeInput,
  rowsInput,
  writtenInput,
} from "#elbo/fields/layout.js";
import { Packer } from "#elbo/fields/pack.js";
import { codesOf, END, Tokenizer, textOf } from "#elbo/fields/tokens.js";
import { learnVocabularies } from "#elbo/fields/vocabulary.js";
import { BATCH, gradients, input, type Tensor, toOnnx } from "#elbo/graph/index.js";
import { keptName, LOGITS, OUTPUTS, writingGraph } from "#elbo/models/writing-graph.js";
import { Parameters } from "#elbo/nn/parameters.js";
import { decodings, type TextNetwork } from "#elbo/nn/texts/network.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Random } from "#elbo/runtime/random.js";
import { Runner } from "#elbo/runtime/runner.js";
import { worst } from "../oracle/fixture.ts";
import { evaluate } from "../oracle/index.ts";
import { groupOptions } from "./groups/build.ts";
import { measuredBy } from "./measured-by.ts";
import { chunkOf, column, schemaOf, text as textField, texts } from "./schemas.ts";

const text = (more: Partial<TextField> = {}) => textField("t", { gaps: false, ...more });

const readable = (values: (string | null)[]): Readable => ({
  source: "texts in memory",
  rows: values.length,
  columns: [column.text("t")],
  async *chunks() {
    yield chunkOf(values.length, texts(...values));
  },
});

async function learned(values: string[], choice: "characters" | "bytes" | number) {
  const empty = text({ vocabulary: [], length: 0 });
  const [field] = await learnVocabularies(readable(values), [empty], choice);
  return field as TextField;
}

describe("vocabularies", () => {
  test("of characters, bytes or pairs give every text back", async () => {
    const own = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { minLength: 1 });
    const property = fc.asyncProperty(
      own,
      fc.constantFrom("characters" as const, "bytes" as const, 40),
      async (values, choice) => {
        const field = await learned(values, choice);
        const tokenizer = new Tokenizer(field);
        for (const value of values) expect(textOf(tokenizer.codes(value), field)).toBe(value);
        expect(tokenizer.unknown).toBe(0);
      },
    );
    await fc.assert(property, { seed: 1, numRuns: 60 });
  });

  test("the pairs of Sennrich, Haddow and Birch's example come in order of frequency", async () => {
    const repeat = (word: string, times: number) => new Array<string>(times).fill(word);
    const words = [
      ...repeat("low", 5),
      ...repeat("lower", 2),
      ...repeat("newest", 6),
      ...repeat("widest", 3),
    ];
    const letters = new Set(words.join("")).size;
    const { vocabulary } = await learned(words, letters + 4);
    // es and st stand 9 times, and of equals the first in order is taken; then est; then low.
    expect(vocabulary.slice(letters)).toEqual(["es", "est", "lo", "low"]);
    expect(new Tokenizer({ vocabulary, unit: "pairs" }).codes("lowest").length).toBe(2);
  });

  test("the length holds the longest text and its end, in eights, up to 256", async () => {
    expect((await learned(["abc", "abcdefg"], "characters")).length).toBe(8);
    expect((await learned(["abcdefgh"], "characters")).length).toBe(16);
    expect((await learned(["x".repeat(1000)], "characters")).length).toBe(256);
  });
});

test("packing: ends, cuts, gaps and unseen symbols", () => {
  const schema = schemaOf(text());
  const packer = new Packer(schema, { source: "s", columns: [column.text("t")] }, "training");
  const packed = packer.pack(chunkOf(4, texts("ab", "", null, "aaaaaaaaab?")));
  const [group] = packed.groups.values();
  if (group?.type !== "dense") throw new Error("texts are dense");
  const row = (i: number) => [...group.values.subarray(8 * i, 8 * i + 8)];
  expect(row(0)).toEqual([1, 2, END, END, END, END, END, END]);
  expect(row(1)).toEqual(new Array(8).fill(END));
  expect(row(2)).toEqual(new Array(8).fill(MISSING));
  expect(row(3)).toEqual(new Array(8).fill(1));
  expect(packer.notes().map(({ code }) => code)).toEqual(["text-cut", "symbol-unseen"]);
});

test("measuring: shares of symbols and ends, and the cuts that pad least", async () => {
  const field = text({ length: 32, gaps: true });
  const values = ["a", "ab", null, "b".repeat(10), "a".repeat(31), "b".repeat(40)];
  const schema = schemaOf(field);
  const packer = new Packer(schema, { source: "s", columns: [column.text("t")] }, "training");
  const packed = packer.pack(chunkOf(values.length, texts(...values)));
  const measured = await measuredBy(schema, [packed]);
  const [{ shares, cuts, gaps }] = measured.fields as [TextField];
  // Ends of four texts; 1 + 1 + 31 a; 1 + 10 + 32 b, of the last text what is not cut.
  expect(shares.map((share) => share * 80)).toEqual([4, 33, 43, 0]);
  expect(cuts).toEqual([8, 16, 32]);
  expect(gaps).toBe(true);
});

const networks: TextNetwork[] = [
  { kind: "conv", channels: [8, 6, 4] },
  { kind: "transformer", width: 4, layers: 2 },
];
const variants = networks.flatMap((network) =>
  decodings.map((decoding) => ({ name: `${network.kind}, ${decoding}`, network, decoding })),
);
const inTurn = variants.filter(({ decoding }) => decoding === "autoregressive");

/** A group of texts with its graph's inputs; weights are drawn, biases and the like too. */
function build(
  texts: GroupOptions["texts"],
  more: Partial<TextField> = {},
  cut: number | null = null,
) {
  const field = text(more);
  const [group] = groupsOf(schemaOf(field), { ...groupOptions, texts, cut });
  if (!group) throw new Error("one field is one group");
  const { length } = field;
  const parameters = new Parameters();
  const raw = rawOf(group, true);
  const outputs = input("outputs", [BATCH, group.outputs]);
  const features = group.features(parameters, raw);
  const logProb = group.logProb(parameters, raw, outputs);
  const weights = new Map(
    parameters.specs.map(({ name, shape }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, new Random(3).uniform(0, i, size).map((u) => u - 0.5)];
    }),
  );
  const feeds = (rows: readonly number[][], mask = 1) => ({
    [rowsInput(group.layout)]: { shape: [rows.length, length], data: rows.flat() },
    [maskInput(group.layout)]: { shape: [rows.length, 1], data: rows.map(() => mask) },
    outputs: {
      shape: [rows.length, group.outputs],
      data: rows.flatMap(() => Array.from({ length: group.outputs }, (_, i) => Math.sin(i))),
    },
    ...Object.fromEntries(
      parameters.specs.map(({ name, shape }) => [
        name,
        { shape: [...shape], data: [...weights.get(name)!] },
      ]),
    ),
  });
  return { group, raw, parameters, outputs, features, logProb, weights, feeds };
}

async function runnerOf(
  graph: Record<string, Tensor>,
  weights: ReadonlyMap<string, Float32Array>,
  batch: number,
  carried = new Map<string, string>(),
) {
  const { device } = await openDevice("cpu");
  return Runner.create(device, toOnnx(graph, weights), { batch, threads: 1, carried });
}

describe.each(variants)("texts: $name", (texts) => {
  test("the probabilities of all texts of up to 6 symbols sum to 1", async () => {
    const { logProb, weights, feeds } = build(texts, { length: 6 });
    const codes = Array.from({ length: codesOf(text()) - 1 }, (_, i) => i + 1);
    let open: number[][] = [[]];
    const rows: number[][] = [];
    for (let place = 0; place < 6; place++) {
      for (const prefix of open) rows.push([...prefix, ...new Array(6 - place).fill(END)]);
      open = open.flatMap((prefix) => codes.map((code) => [...prefix, code]));
    }
    rows.push(...open);
    const runner = await runnerOf({ logProb }, weights, rows.length);
    for (const [name, { data }] of Object.entries(feeds(rows))) {
      const slot = runner.inputs.get(name);
      if (slot) runner.memory.view(slot).set(data);
    }
    await runner.run(rows.length);
    const logs = runner.output("logProb").subarray(0, rows.length);
    const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
    expect(rows.length).toBe((3 ** 6 - 1) / 2 + 3 ** 6);
    expect(Math.abs(total - 1)).toBeLessThan(1e-5);
  });

  test("a missing text has no part in features, terms or gradients", () => {
    const { logProb, features, parameters, feeds } = build(texts);
    const [table] = parameters.tensors("decoder.") as [Tensor];
    const [gradient] = gradients(logProb.sum(), [table]);
    const results = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 2, 2, 1, 0, 0, 0, 0],
    ].map((row) => evaluate([features, logProb, gradient!], feeds([row], 0), 1));
    for (const [seen, term, slope] of results) {
      for (const { data } of [seen!, term!, slope!]) {
        expect([...data].every((value) => Math.abs(value) === 0)).toBe(true);
      }
    }
  });

  test("untrained, a text's probability is that of its symbols' shares", () => {
    const shares = [0.25, 0.5, 0.125, 0.125];
    const { logProb, parameters, feeds } = build(texts, { shares });
    const beginning = parameters.initialize(new Random(1));
    const fed = { ...feeds([[1, 1, 2, 0, 0, 0, 0, 0]]) };
    for (const { name, shape } of parameters.specs) {
      fed[name] = { shape: [...shape], data: [...beginning.get(name)!] };
    }
    const [out] = evaluate([logProb], fed, 1);
    expect(Math.abs(out!.data[0]! - Math.log(0.5 * 0.5 * 0.125 * 0.25))).toBeLessThan(1e-6);
  });
});

describe.each(inTurn)("texts in turn: $name", (texts) => {
  test("texts cut to a size that they fit in give what whole ones give", () => {
    const rows = [
      [1, 2, 1, 0],
      [3, 3, 1, 2],
      [0, 0, 0, 0],
    ].map((row) => [...row, ...new Array(16).fill(0)]);
    const cuts = [8, 16, 20];
    const whole = build(texts, { length: 20, cuts });
    const [features, logProb] = evaluate(
      [whole.features, whole.logProb],
      whole.feeds(rows),
      rows.length,
    );
    for (const cut of [0, 1]) {
      const short = build(texts, { length: 20, cuts }, cut);
      const [some, terms] = evaluate(
        [short.features, short.logProb],
        short.feeds(rows),
        rows.length,
      );
      for (const [a, b] of [
        [some!, features!],
        [terms!, logProb!],
      ] as const) {
        expect([...a.shape]).toEqual([...b.shape]);
        expect(worst(a.data, [...b.data]).largest).toBeLessThan(1e-12);
      }
    }
  });

  test("symbol by symbol the probabilities are those of all places at once, in float32", async () => {
    const length = 24;
    const { group, logProb, parameters, raw, outputs, weights } = build(texts, { length });
    const depth = codesOf(text());
    const codes = Array.from({ length }, (_, i) => 1 + ((i * i + (i >> 2)) % 3));
    // A text, and every beginning of it with an end: log p of each tells each place's apart.
    const rows = Array.from({ length: length + 1 }, (_, n) =>
      codes.map((code, i) => (i < n ? code : END)),
    );
    const emitted = new Random(5).normal(0, 0, group.outputs);
    const told = group.expected(parameters, outputs, raw);
    const together = await runnerOf({ logProb, told }, weights, rows.length);
    const fill = (runner: Runner, name: string, values: readonly number[]) =>
      runner.memory.view(runner.inputs.get(name)!).set(values);
    fill(together, rowsInput(group.layout), rows.flat());
    fill(
      together,
      maskInput(group.layout),
      rows.map(() => 1),
    );
    fill(
      together,
      "outputs",
      rows.flatMap(() => [...emitted]),
    );
    await together.run(rows.length);
    const expected = together.output("logProb").slice(0, rows.length);
    const size = group.written!.outputs;
    const graph = writingGraph(group);
    const kept = Object.keys(graph).length - 1;
    const carried = new Map(
      Array.from({ length: kept }, (_, i) => [keptName(i), keptInput(group.layout, i)]),
    );
    const runner = await runnerOf(graph, weights, 1, carried);
    fill(runner, OUTPUTS, [...together.output("told").subarray(0, size)]);
    // Twice, since what the first text left must not reach the second.
    for (let round = 0; round < 2; round++) {
      runner.clear();
      let before = 0;
      for (let place = 0; place < length; place++) {
        fill(runner, placeInput(group.layout), [place]);
        fill(runner, writtenInput(group.layout), [place === 0 ? END : codes[place - 1]!]);
        await runner.run(1);
        const logits = [...runner.output(LOGITS).subarray(0, depth)];
        const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        const ended = before + logits[END]! - total;
        expect(Math.abs(ended - expected[place]!), `the end at ${place}`).toBeLessThan(1e-4);
        before += logits[codes[place]!]! - total;
      }
      expect(Math.abs(before - expected[length]!)).toBeLessThan(1e-4);
    }
    await runner.release();
    await together.release();
  });
});
