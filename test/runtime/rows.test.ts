// A row's result does not depend on the rows around it, in the form that infers.
import { beforeAll, describe, expect, test } from "vitest";
import type { FieldSchema } from "#elbo/fields/field.js";
import { layoutOf, maskInput, maskSize, rowsInput } from "#elbo/fields/layout.js";
import { toOnnx } from "#elbo/graph/index.js";
import { encodingGraph, trainingGraph } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import type { Device } from "#elbo/runtime/device.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Random } from "#elbo/runtime/random.js";
import { Runner } from "#elbo/runtime/runner.js";
import {
  binary,
  categorical,
  count,
  image,
  ordinal,
  positive,
  real,
  schemaOf,
  time,
  vector,
} from "../fields/schemas.ts";
import { modelConfig } from "../models/config.ts";

const common = { method: "vae", latent: 5, activation: "relu", output: "sigmoid" } as const;
const images = schemaOf(image("image", [12, 12, 1]));
const levels = Array.from({ length: 300 }, (_, i) => `level ${i}`);
const plain = schemaOf(
  ...[real("a", { mean: 100, deviation: 60 }), real("b", { mean: 90 }), binary("f")],
  ...[categorical("g", levels.slice(0, 9)), ordinal("h", levels.slice(0, 5))],
  categorical("i", levels),
  vector("k", 21, { mean: new Array(21).fill(128), deviation: new Array(21).fill(70) }),
);
const mixed = schemaOf(
  ...plain.fields,
  ...[positive("d", { mean: 4, deviation: 2, offset: 1 }), count("e", { mean: 3 })],
  time("j", false, { mean: 128, deviation: 70 }),
);
const mlp = { kind: "mlp", hidden: [100, 37] } as const;
const conv = { kind: "conv", channels: [8, 16], dense: [33] } as const;
const models: Record<string, { schema: FieldSchema; model: ModelConfig }> = {
  mlp: { schema: images, model: modelConfig({ ...common, network: mlp }) },
  conv: { schema: images, model: modelConfig({ ...common, network: conv }) },
  columns: { schema: plain, model: modelConfig({ ...common, network: mlp, output: "linear" }) },
  "columns, logarithms and calendars": {
    schema: mixed,
    model: modelConfig({ ...common, network: mlp, output: "linear" }),
  },
};

const rows = 64;
const order = new Random(12).permutation(100, 1, rows);

/** Rows of a schema's groups by the names of their inputs: whole numbers, and gaps in a fifth. */
function rowsOf(schema: FieldSchema): Map<string, number[][]> {
  const inputs = new Map<string, number[][]>();
  for (const [step, layout] of layoutOf(schema).entries()) {
    const [field] = layout.fields;
    const end = "levels" in field! ? field.levels.length + 1 : 256;
    const matrix = (size: number, stream: number, of: (u: number) => number) => {
      const drawn = new Random(11).uniform(stream, step, rows * size);
      return Array.from({ length: rows }, (_, i) =>
        [...drawn.subarray(i * size, (i + 1) * size)].map(of),
      );
    };
    // Binary columns hold 0 and 1.
    const top = field!.kind === "binary" ? 2 : end;
    inputs.set(
      rowsInput(layout),
      matrix(layout.elements, 100, (u) => Math.floor(top * u)),
    );
    const cells = maskSize(layout);
    if (cells > 0) {
      inputs.set(
        maskInput(layout),
        matrix(cells, 101, (u) => +(u > 0.2)),
      );
    }
  }
  return inputs;
}

/** The codes of the rows at these places, computed as one batch. */
async function encoder(
  device: Device,
  threads: number,
  { schema, model }: (typeof models)[string],
) {
  const weights = trainingGraph(schema, model).parameters.initialize(new Random(5));
  const { mean, standardDeviation } = encodingGraph(schema, model);
  const onnx = toOnnx({ mean, standardDeviation: standardDeviation! }, weights);
  const runner = await Runner.create(device, onnx, { batch: rows, threads });
  const values = rowsOf(schema);
  expect([...values.keys()].sort()).toEqual(onnx.inputs.map(({ name }) => name).sort());
  return async (places: readonly number[]) => {
    for (const [name, own] of values) {
      for (const [i, place] of places.entries())
        runner.memory.view(runner.inputs.get(name)!).set(own[place]!, i * own[0]!.length);
    }
    await runner.run(places.length);
    const [mean, deviation] = [runner.output("mean"), runner.output("standardDeviation")];
    return places.map((_, i) => {
      const part = (values: typeof mean) => [...values.slice(5 * i, 5 * i + 5)];
      return [...part(mean), ...part(deviation)];
    });
  };
}

describe.each([
  ["cpu", 1],
  ["cpu", 2],
  ["wasm", 1],
] as const)("on %s with %i threads", (name, threads) => {
  let device: Device;
  beforeAll(async () => {
    ({ device } = await openDevice(name));
  });
  test.each(Object.entries(models))("an encoder (%s) gives the same bits", async (_, specimen) => {
    const encode = await encoder(device, threads, specimen);
    const whole = await encode(Array.from({ length: rows }, (_, i) => i));
    expect(new Set(whole.map(String)).size).toBe(rows);
    const permuted = await encode([...order]);
    expect(permuted).toEqual(Array.from(order, (place) => whole[place]!));
    for (const batch of [1, 7]) {
      for (let start = 0; start + batch <= rows; start += 3 * batch) {
        const places = Array.from({ length: batch }, (_, i) => start + i);
        expect(await encode(places)).toEqual(whole.slice(start, start + batch));
      }
    }
  });
});
