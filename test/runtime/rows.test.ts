// A row's result does not depend on the rows around it, in the form that infers.
import { beforeAll, describe, expect, test } from "vitest";
import { layoutOf, rowsInput } from "#elbo/fields/layout.js";
import { toOnnx } from "#elbo/graph/index.js";
import { encodingGraph, trainingGraph } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { allocate, type Device } from "#elbo/runtime/device.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Random } from "#elbo/runtime/random.js";
import { image, schemaOf } from "../fields/schemas.ts";

const schema = schemaOf(image("image", [12, 12, 1]));
const rowsName = rowsInput(layoutOf(schema)[0]!);
const size = 144;
const common = { method: "vae", latent: 5, activation: "relu", output: "sigmoid" } as const;
const models: Record<string, ModelConfig> = {
  mlp: { ...common, network: { kind: "mlp", hidden: [100, 37] } },
  conv: { ...common, network: { kind: "conv", channels: [8, 16], dense: [33] } },
};

const rows = 64;
const pixels = new Random(11).uniform(100, 1, rows * size).map((u) => Math.floor(256 * u));
const order = new Random(12).permutation(100, 1, rows);

/** The codes of the rows at these places, computed as one batch. */
async function encoder(device: Device, model: ModelConfig) {
  const weights = trainingGraph(schema, model).parameters.initialize(new Random(5));
  const onnx = toOnnx({ ...encodingGraph(schema, model) }, weights);
  const executable = await device.compile(onnx);
  const buffers = allocate([...onnx.inputs, ...onnx.outputs], rows);
  return async (places: readonly number[]) => {
    const input = buffers[rowsName]!;
    places.forEach((place, i) => {
      input.set(pixels.subarray(place * size, (place + 1) * size), i * size);
    });
    await executable.bind(places.length, buffers)();
    const [mean, deviation] = [buffers["mean"]!, buffers["standardDeviation"]!];
    return places.map((_, i) => {
      const part = (values: typeof mean) => [...values.slice(5 * i, 5 * i + 5)];
      return [...part(mean), ...part(deviation)];
    });
  };
}

describe.each(["cpu", "wasm"] as const)("on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    ({ device } = await openDevice(name));
  });
  test.each(Object.entries(models))("an encoder (%s) gives the same bits", async (_, model) => {
    const encode = await encoder(device, model);
    const whole = await encode(Array.from({ length: rows }, (_, i) => i));
    expect(new Set(whole.map(String)).size).toBe(rows);
    const permuted = await encode([...order]);
    order.forEach((place, i) => {
      expect(permuted[i]).toEqual(whole[place]);
    });
    for (const batch of [1, 7]) {
      for (let start = 0; start + batch <= rows; start += 3 * batch) {
        const places = Array.from({ length: batch }, (_, i) => start + i);
        expect(await encode(places)).toEqual(whole.slice(start, start + batch));
      }
    }
  });
});
