// Runs graphs in ONNX Runtime, and holds the results against the oracle.
import type { InferenceSession } from "onnxruntime-node";
import { expect } from "vitest";
import { type Tensor, toOnnx } from "#elbo/graph/index.js";
import { evaluateAll, type Feeds, type Value } from "../oracle/index.ts";
import type { Draw } from "./draw.ts";

export type Device = "cpu" | "wasm";

async function runtime(device: Device) {
  if (device === "cpu") return import("onnxruntime-node");
  const web = await import("onnxruntime-web");
  web.env.wasm.numThreads = 1;
  return web;
}

const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array };

/** How a model holds its parameters. */
export type Form = "inputs" | "initializers";

export interface Model {
  /** The outputs' values, as float64. */
  run(feeds: Feeds): Promise<Value[]>;
  release(): Promise<void>;
}

export async function compile(
  outputs: readonly Tensor[],
  feeds: Feeds,
  { form = "inputs", device = "cpu" }: { form?: Form; device?: Device } = {},
): Promise<Model> {
  const named = Object.fromEntries(outputs.map((output, i) => [`y${i}`, output]));
  const weights = new Map(
    Object.entries(feeds).map(([name, { data }]) => [name, Float32Array.from(data)]),
  );
  const model = toOnnx(named, form === "initializers" ? weights : undefined);
  const inputs = form === "inputs" ? [...model.inputs, ...model.parameters] : model.inputs;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  };
  const ort = await runtime(device);
  const session = await ort.InferenceSession.create(model.bytes, options);
  return {
    async run(feeds) {
      const entries = inputs.map(({ name, dtype }) => {
        const { shape, data } = feeds[name]!;
        return [name, new ort.Tensor(dtype, arrays[dtype].from(data), shape)] as const;
      });
      const results = await session.run(Object.fromEntries(entries));
      return model.outputs.map(({ name }) => {
        const { dims, data } = results[name]!;
        return { shape: dims, data: Float64Array.from(data as Float32Array) };
      });
    },
    release: () => session.release(),
  };
}

/**
 * Expects float32 results to be those of the oracle. The largest value on the way sets the size of
 * a rounding error (2⁻²⁴ of it); a few dozen of them may add up, or be amplified.
 */
export function expectLikeOracle(
  received: readonly Value[],
  outputs: readonly Tensor[],
  feeds: Feeds,
  batch: number,
): void {
  const values = evaluateAll(outputs, feeds, batch);
  let largest = 1;
  for (const [node, { data }] of values) {
    if (node.dtype !== "float32") continue;
    for (const x of data) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  }
  for (const [i, output] of outputs.entries()) {
    const expected = values.get(output)!;
    expect(received[i]!.shape, `shape of output ${i}`).toEqual(expected.shape);
    for (const [j, y] of expected.data.entries()) {
      const error = Math.abs(received[i]!.data[j]! - y);
      const allowed = output.dtype === "float32" ? 32 * 2 ** -24 * largest : 0;
      const text = `output ${i}[${j}]: ${received[i]!.data[j]}, oracle ${y}`;
      expect(error <= allowed || Object.is(received[i]!.data[j], y), text).toBe(true);
    }
  }
}

const BATCHES = [1, 3, 5];

/** Both forms of a graph, at several batches, against the oracle. */
export async function checkForms(outputs: readonly Tensor[], draw: Draw): Promise<void> {
  for (const form of ["inputs", "initializers"] as const) {
    const model = await compile(outputs, draw.feeds(1), { form });
    for (const batch of BATCHES) {
      const feeds = draw.feeds(batch);
      expectLikeOracle(await model.run(feeds), outputs, feeds, batch);
    }
    await model.release();
  }
}
