// Runs the families' graphs, and the reference values they are held against.
import type { Tensor } from "#elbo/graph/index.js";
import type { Likelihood } from "#elbo/prob/likelihood.js";
import { compile, type Device } from "../graph/onnx.ts";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import type { Feeds } from "../oracle/index.ts";
import { inputsOf } from "./families.ts";

export interface LikelihoodFixture {
  x: Numbers;
  parameters: Record<string, Numbers>;
  logProb: Numbers;
  gradients: Record<string, Numbers>;
  /** How far each gradient moves where every parameter moves by its own size. */
  conditions: Record<string, Numbers>;
}

export interface MomentsFixture {
  parameters: Record<string, Numbers>;
  mean: Numbers;
  mode: Numbers;
}

/** By mpmath and SciPy: see the file's provenance. */
export const fixture = readFixture<{
  cases: Record<string, LikelihoodFixture>;
  moments: Record<string, MomentsFixture>;
  limitedMeans: { parameters: Record<string, Numbers>; limit: Numbers; limitedMean: Numbers };
}>("likelihoods");

/** The values of graphs on a device. */
export async function run(
  outputs: readonly Tensor[],
  feeds: Feeds,
  device: Device = "cpu",
): Promise<Float64Array[]> {
  const model = await compile(outputs, feeds, { device });
  const values = await model.run(feeds);
  await model.release();
  return values.map(({ data }) => Float64Array.from(data));
}

/** The feeds of one set of raw parameters, the same for each x. */
export function feedsOf(family: Likelihood, raw: readonly number[][], x: readonly number[]): Feeds {
  const entries = family.parameters.map(({ name, size }, p) => {
    const data = x.flatMap(() => raw[p]!);
    return [name, { shape: size === 1 ? [x.length] : [x.length, size], data }] as const;
  });
  return { x: { shape: [x.length], data: [...x] }, ...Object.fromEntries(entries) };
}

/** log p of each x under one set of raw parameters. */
export async function logProbs(
  family: Likelihood,
  raw: readonly number[][],
  x: readonly number[],
): Promise<Float64Array> {
  const inputs = inputsOf(family);
  const output = family.logProb(inputs.x, inputs.parameters);
  return (await run([output], feedsOf(family, raw, x)))[0]!;
}
