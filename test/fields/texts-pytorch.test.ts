// Networks of texts against PyTorch's own layers: what they give, and projections of every gradient.
import { expect, test } from "vitest";
import { groupsOf, rawOf } from "#elbo/fields/groups/index.js";
import { rowsInput } from "#elbo/fields/layout.js";
import { BATCH, gradients, input, type Tensor } from "#elbo/graph/index.js";
import { Parameters } from "#elbo/nn/parameters.js";
import type { Decoding, TextNetwork } from "#elbo/nn/texts/network.js";
import { expectPyTorch, type Numbers, readFixture } from "../graph/pytorch.ts";
import { groupOptions } from "./groups/build.ts";
import { schemaOf, text } from "./schemas.ts";

interface Case {
  network: TextNetwork;
  decoding: Decoding;
  features: Numbers;
  logProb: Numbers;
  gradients: Record<string, number[]>;
}
const { rows, shares, cases } = readFixture<{ rows: Numbers; shares: Numbers; cases: Case[] }>(
  "texts",
);

/** What make_texts.py begins parameters with, and projects gradients by. */
function formula(name: string, size: number, scale = 0.3): number[] {
  const seed = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  return Array.from({ length: size }, (_, i) => scale * Math.sin(1.7 * i + seed));
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);

/** PyTorch's names are of a layout called text. */
const nameThere = (name: string, layout: string) => name.replace(`.${layout}.`, ".text.");

test.each(cases)("$network.kind, $network.width, $decoding", async (fixture) => {
  const { network, decoding } = fixture;
  const field = text("t", { length: 6, gaps: false, shares: shares.data, cuts: [6] });
  const [group] = groupsOf(schemaOf(field), {
    ...{ ...groupOptions, activation: "gelu", texts: { network, decoding } },
  });
  const layout = group!.layout;
  const parameters = new Parameters();
  const context = input("context", [BATCH, group!.outputs]);
  const raw = rawOf(group!, false);
  const features = group!.features(parameters, raw);
  const logProb = group!.logProb(parameters, raw, context).sum(1);
  const count = rows.shape[0]!;
  const each = features.shape[1]!;
  const weights = input("weights", [BATCH, each]);
  const loss = features.mul(weights).sum().add(logProb.sum());
  const there = parameters.specs.map(({ name }) => nameThere(name, layout.name));
  expect(["context", ...there].sort()).toEqual(Object.keys(fixture.gradients).sort());
  const slopes = gradients(loss, [context, ...parameters.tensors()]);
  const along: Record<string, Numbers> = {};
  const projected = slopes.flatMap((slope, i): [Tensor, number][] => {
    const name = i === 0 ? "context" : there[i - 1]!;
    const shape = slope.shape.map((d) => (d < 0 ? count : d));
    return fixture.gradients[name]!.map((value, k) => {
      along[`${name}${k}`] = { shape, data: formula(`${name}${k}`, sizeOf(shape), 1) };
      return [slope.mul(input(`${name}${k}`, slope.shape)).sum(), value];
    });
  });
  const feeds = {
    ...along,
    [rowsInput(layout)]: rows,
    context: {
      shape: [count, group!.outputs],
      data: formula("context", count * group!.outputs),
    },
    weights: { shape: [count, each], data: formula("features", count * each) },
    ...Object.fromEntries(
      parameters.specs.map(({ name, shape }, i) => [
        name,
        { shape: [...shape], data: formula(there[i]!, sizeOf(shape)) },
      ]),
    ),
  };
  await expectPyTorch(
    [features, logProb, ...projected.map(([tensor]) => tensor)],
    feeds,
    [fixture.features, fixture.logProb, ...projected.map(([, value]) => value)],
    undefined,
    count,
  );
});
