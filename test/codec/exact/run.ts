// Exact programs fed as the oracle is.

import { type ExactProgram, exactProgram } from "#elbo/codec/exact/program.js";
import type { Tensor } from "#elbo/graph/index.js";
import { topological } from "#elbo/graph/tensor.js";
import type { Feeds } from "../../oracle/index.ts";

type Input = Parameters<ExactProgram["run"]>[0][string];

const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array };

/** The outputs' values, of a program made for this run. */
export function compute(
  outputs: readonly Tensor[],
  feeds: Feeds,
  batch = 1,
): (Float32Array | Int32Array)[] {
  const inputs: Record<string, Input> = {};
  const parameters = new Map<string, Float32Array>();
  for (const { operator, attributes, dtype } of topological(outputs)) {
    const name = attributes["name"] as string;
    if (operator.name === "input") inputs[name] = arrays[dtype].from(feeds[name]!.data);
    if (operator.name === "parameter") parameters.set(name, Float32Array.from(feeds[name]!.data));
  }
  const named = Object.fromEntries(outputs.map((output, i) => [`out${i}`, output]));
  return Object.values(exactProgram(named, parameters).run(inputs, batch));
}
