// Graphs against PyTorch's values: the oracle in float64, and ONNX Runtime's float32 against that.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { gradients, input, type Tensor } from "#elbo/graph/index.js";
import { worst } from "../oracle/fixture.ts";
import { evaluate, type Feeds, type Value } from "../oracle/index.ts";
import { compile, expectLikeOracle } from "./onnx.ts";

export interface Numbers {
  shape: number[];
  data: number[];
}

export function readFixture<T>(name: string): T {
  const url = new URL(`../fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

/** An input for each array, of its shape. */
export function inputsOf(arrays: Readonly<Record<string, Numbers>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape }]) => [name, input(name, shape)]),
  );
}

/** Constants of a graph are float32: 1/3 is off by 1e-8 of it. */
const CONSTANTS = 1e-6;

/** Expects `outputs` to be what PyTorch gave, with error below `limit` · (1 + |value|) in float64. */
export async function expectPyTorch(
  outputs: readonly Tensor[],
  feeds: Feeds,
  expected: readonly (Numbers | number)[],
  limit = CONSTANTS,
  batch = 1,
): Promise<void> {
  const values = evaluate(outputs, feeds, batch);
  for (const [i, reference] of expected.entries()) {
    const { shape, data } = typeof reference === "number" ? scalar(reference) : reference;
    expect([...values[i]!.shape], `shape of output ${i}`).toEqual(shape);
    expect(worst(values[i]!.data, data).largest, `output ${i}`).toBeLessThan(limit);
  }
  const model = await compile(outputs, feeds);
  const received: Value[] = await model.run(feeds);
  await model.release();
  expectLikeOracle(received, outputs, feeds, batch);
}

const scalar = (value: number): Numbers => ({ shape: [], data: [value] });

/** A layer's output and the gradients of sum(output · upstream). */
export interface LayerFixture {
  output: Numbers;
  upstream: Numbers;
  gradients: Record<string, Numbers>;
}

export async function expectLayer(
  fixture: LayerFixture,
  inputs: Readonly<Record<string, Tensor>>,
  output: Tensor,
  feeds: Feeds,
  limit?: number,
): Promise<void> {
  const names = Object.keys(fixture.gradients);
  const loss = output.mul(input("upstream", fixture.upstream.shape)).sum();
  const parts = gradients(
    loss,
    names.map((name) => inputs[name]!),
  );
  const expected = [fixture.output, ...names.map((name) => fixture.gradients[name]!)];
  await expectPyTorch(
    [output, ...parts],
    { ...feeds, upstream: fixture.upstream },
    expected,
    limit,
  );
}
