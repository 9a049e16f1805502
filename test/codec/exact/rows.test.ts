// A row's bytes do not depend on the rows around it, on its place among them, or on what ran before.
import { describe, expect, test } from "vitest";
import { exactProgram } from "#elbo/codec/exact/program.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import { concreteShape, type Tensor } from "#elbo/graph/index.js";
import { topological } from "#elbo/graph/tensor.js";
import { decodedFrom, encodingGraph, LATENT, trainingGraph } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { Random } from "#elbo/runtime/random.js";
import {
  binary,
  categorical,
  count,
  image,
  ordinal,
  positive,
  real,
  schemaOf,
  text,
  time,
  vector,
} from "../../fields/schemas.ts";
import { modelConfig } from "../../models/config.ts";

const images = schemaOf(image("image", [12, 12, 1]));
const levels = Array.from({ length: 300 }, (_, i) => `level ${i}`);
const columns = schemaOf(
  ...[real("a", { mean: 1, deviation: 0.6 }), positive("d", { mean: 4 }), count("e", { mean: 3 })],
  ...[binary("f"), categorical("g", levels.slice(0, 9)), ordinal("h", levels.slice(0, 5))],
  ...[categorical("i", levels), time("j", false), vector("k", 21)],
);
const texts = schemaOf(text("t", { length: 12, vocabulary: ["a", "b", "c"] }));

const common = { latent: 5, activation: "gelu", output: "sigmoid" } as const;
const models: Record<string, { schema: FieldSchema; model: ModelConfig; end: number }> = {
  "mlp of an image": {
    schema: images,
    model: modelConfig({ ...common, network: { kind: "mlp", hidden: [100, 37] } }),
    end: 256,
  },
  "residual convolutions": {
    schema: images,
    model: modelConfig({
      ...common,
      network: { kind: "conv", channels: [8, 13], dense: [33], blocks: 1 },
    }),
    end: 256,
  },
  "columns of every kind": {
    schema: columns,
    model: modelConfig({ ...common, output: "linear", network: { kind: "mlp", hidden: [50] } }),
    end: 2,
  },
  "convolutions over text": {
    schema: texts,
    model: modelConfig({
      ...common,
      decoding: "one-shot",
      network: { kind: "conv", channels: [8, 12], dense: [16] },
    }),
    end: 4,
  },
  transformer: {
    schema: texts,
    model: modelConfig({
      ...common,
      decoding: "one-shot",
      network: { kind: "transformer", width: 64, layers: 1, dense: [16] },
    }),
    end: 4,
  },
};

const rows = 23;

type Outputs = Readonly<Record<string, Tensor>>;

/** What is computed of rows at given places of a table of random rows, as one string of bytes each. */
function rowsOf(outputs: Outputs, weights: ReadonlyMap<string, Float32Array>, end: number) {
  const program = exactProgram(outputs, weights);
  const inputs = topological(Object.values(outputs)).filter(
    ({ operator }) => operator.name === "input",
  );
  const table = inputs.map(({ attributes, shape, dtype }, step) => {
    const size = concreteShape(shape, 1).reduce((p, d) => p * d, 1);
    const random = new Random(7);
    const name = attributes["name"] as string;
    const isFloat = dtype === "float32";
    const drawn =
      name === LATENT
        ? random.normal(1, step, rows * size)
        : random
            .uniform(1, step, rows * size)
            .map((u) => (isFloat ? end * u : Math.floor(end * u)));
    return { name, size, drawn, isFloat };
  });
  return (places: readonly number[]): string[] => {
    const feeds = table.map(({ name, size, drawn, isFloat }) => {
      const values = places.flatMap((i) => [...drawn.subarray(i * size, (i + 1) * size)]);
      return [name, isFloat ? Float32Array.from(values) : Int32Array.from(values)] as const;
    });
    const results = Object.values(program.run(Object.fromEntries(feeds), places.length));
    for (const values of results) expect(values.every(Number.isFinite)).toBe(true);
    return places.map((_, i) =>
      results
        .map(({ buffer }) => {
          const bytes = Buffer.from(buffer);
          const size = bytes.length / places.length;
          return bytes.subarray(i * size, (i + 1) * size).toString("hex");
        })
        .join(" "),
    );
  };
}

const everyRow = Array.from({ length: rows }, (_, i) => i);

function expectSameRows(compute: (places: readonly number[]) => string[]): void {
  const whole = compute(everyRow);
  expect(new Set(whole).size).toBe(rows);
  for (let trial = 0; trial < 6; trial++) {
    const order = [...new Random(trial).permutation(1, 0, rows)];
    expect(compute(order)).toEqual(order.map((place) => whole[place]!));
    const some = order.slice(0, 1 + 3 * trial);
    expect(compute(some)).toEqual(some.map((place) => whole[place]!));
  }
  for (const place of everyRow) expect(compute([place])).toEqual([whole[place]!]);
}

describe("the same bytes", () => {
  for (const [name, { schema, model, end }] of Object.entries(models)) {
    const weights = trainingGraph(schema, model).parameters.initialize(new Random(5));
    test(`of an encoder: ${name}`, () => {
      const { mean, standardDeviation } = encodingGraph(schema, model);
      const outputs = { mean, standardDeviation: standardDeviation! };
      expectSameRows(rowsOf(outputs, weights, end));
    });
    test(`of a decoder: ${name}`, () => {
      const { outputs: tensors } = decodedFrom(schema, model, "latent");
      const outputs = Object.fromEntries(tensors.map((tensor, i) => [`${i}`, tensor]));
      expectSameRows(rowsOf(outputs, weights, end));
    });
  }
});
