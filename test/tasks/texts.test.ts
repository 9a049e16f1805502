// Texts from training to use: in turn and at once, through convolutions and a transformer.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { sample } from "#elbo/tasks/sample.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";

/** Words of one letter repeated, of even shares: 2 bits of letter, 8 lengths. */
const words = Array.from({ length: 1600 }, (_, i) => "abcd"[i % 4]!.repeat(1 + ((i >> 2) % 8)));
const data = columnsOf({ word: words });

const textsOf = (values: readonly unknown[]) => (values as { values: string[] }[])[0]!.values;

const cases = [
  ["conv:16,16/32", "autoregressive"],
  ["conv:16,16/32", "one-shot"],
  ["transformer:16x1/32", "autoregressive"],
] as const;

describe.each(cases)("%s, %s", (network, decoding) => {
  test("trains, tells what it knows, writes texts like the data's", async () => {
    const out = join(testFolder(), "run");
    const options = { kind: { word: "text" as const }, network, decoding, latent: 4, epochs: 12 };
    await train(data, { ...options, out, learningRate: 4e-3, threads: 1, beta: 0.5 });
    const { elbo, baselines, symbolAccuracy, activeUnits } = await evaluate(out, data);
    // Of 32 texts, all likely alike, no model knows more.
    expect(elbo).toBeLessThan(-Math.log(32));
    expect(elbo).toBeGreaterThan(baselines.independent!.elbo);
    expect(activeUnits).toBeGreaterThan(0);
    expect(symbolAccuracy).toBeGreaterThan(0.7);
    const drawn = textsOf((await sample(out, 300, { seed: 2 })).values);
    const known = new Set(words);
    const share = drawn.filter((word) => known.has(word)).length / drawn.length;
    expect(share).toBeGreaterThan(0.5);
    // Row i is the same however many are drawn.
    expect(textsOf((await sample(out, 40, { seed: 2 })).values)).toEqual(drawn.slice(0, 40));
    const { values } = await reconstruct(out, data);
    const right = textsOf(values).filter((word, i) => word === words[i]).length / words.length;
    // Without a latent one text of 32 is right; five standard deviations of that share above it.
    expect(right).toBeGreaterThan(1 / 32 + 5 * Math.sqrt(1 / 32 / words.length));
  });
});
