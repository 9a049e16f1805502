// Texts: how they are cut into symbols, how pairs are learned, and what the model makes of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Readable } from "#elbo/fields/columns.js";
import type { TextField } from "#elbo/fields/field.js";
import { groupsOf, rawOf } from "#elbo/fields/groups/index.js";
import { MISSING, maskInput, rowsInput } from "#elbo/fields/layout.js";
import { Packer } from "#elbo/fields/pack.js";
import { codesOf, END, Tokenizer, textOf } from "#elbo/fields/tokens.js";
import { learnVocabularies } from "#elbo/fields/vocabulary.js";
import { BATCH, gradients, input, toOnnx } from "#elbo/graph/index.js";
import { Parameters } from "#elbo/nn/parameters.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Random } from "#elbo/runtime/random.js";
import { Runner } from "#elbo/runtime/runner.js";
import { evaluate } from "../oracle/index.ts";
import { chunkOf, column, schemaOf, texts } from "./schemas.ts";

const text = (more: Partial<TextField> = {}): TextField => ({
  ...{ name: "t", kind: "text", role: "data", likelihood: "categorical", gaps: false },
  ...{ vocabulary: ["a", "b"], unit: "characters", length: 8, ...more },
});

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

describe("the network of texts", () => {
  const [group] = groupsOf(schemaOf(text()), { output: "linear", drawn: true, training: false });
  if (!group) throw new Error("one field is one group");
  const parameters = new Parameters();
  const raw = rawOf(group, true);
  const outputs = input("outputs", [BATCH, group.outputs]);
  const features = group.features(parameters, raw);
  const logProb = group.logProb(parameters, raw, outputs);
  const weights = parameters.initialize(new Random(3));
  const feeds = (rows: readonly number[][], mask = 1) => ({
    [rowsInput(group.layout)]: { shape: [rows.length, 8], data: rows.flat() },
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

  test("the probabilities of all texts of up to 8 symbols sum to 1", async () => {
    const codes = Array.from({ length: codesOf(text()) - 1 }, (_, i) => i + 1);
    let open: number[][] = [[]];
    const rows: number[][] = [];
    for (let place = 0; place < 8; place++) {
      for (const prefix of open) rows.push([...prefix, ...new Array(8 - place).fill(END)]);
      open = open.flatMap((prefix) => codes.map((code) => [...prefix, code]));
    }
    rows.push(...open);
    const { device } = await openDevice("cpu");
    const model = toOnnx({ logProb }, weights);
    const runner = await Runner.create(device, model, { batch: rows.length, threads: 2 });
    for (const [name, { data }] of Object.entries(feeds(rows))) {
      const slot = runner.inputs.get(name);
      if (slot) runner.memory.view(slot).set(data);
    }
    await runner.run(rows.length);
    const logs = runner.output("logProb").subarray(0, rows.length);
    const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
    expect(rows.length).toBe((3 ** 8 - 1) / 2 + 3 ** 8);
    expect(Math.abs(total - 1)).toBeLessThan(1e-5);
  });

  test("a symbol is given from those before it alone", () => {
    const codes = input(`written:${group.layout.name}`, [BATCH, 8], "int32");
    const [logits] = group.drawn(parameters, outputs, null) as [typeof logProb];
    const first = [1, 2, 1, 2, 1, 2, 1, 2];
    for (let changed = 0; changed < 8; changed++) {
      const other = first.with(changed, 3);
      const [out] = evaluate(
        [logits],
        {
          ...feeds([first, other]),
          [codes.attributes["name"] as string]: { shape: [2, 8], data: [...first, ...other] },
        },
        2,
      );
      const depth = codesOf(text());
      const place = (row: number, at: number) =>
        [...out!.data].slice((row * 8 + at) * depth, (row * 8 + at + 1) * depth);
      for (let at = 0; at <= changed; at++) expect(place(1, at)).toEqual(place(0, at));
      if (changed < 7) expect(place(1, changed + 1)).not.toEqual(place(0, changed + 1));
    }
  });

  test("a missing text has no part in features, terms or gradients", () => {
    const [table] = parameters.tensors("decoder.") as [typeof logProb];
    const [gradient] = gradients(logProb.sum(), [table]);
    const results = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 2, 2, 1, 0, 0, 0, 0],
    ].map((row) => evaluate([features, logProb, gradient!], feeds([row], 0), 1));
    for (const [seen, term, slope] of results) {
      for (const { data } of [seen!, term!, slope!]) {
        expect([...data].every((value) => value === 0)).toBe(true);
      }
    }
  });
});
