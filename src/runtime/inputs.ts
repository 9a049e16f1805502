// The inputs that a graph takes.
import type { Tensor } from "../graph/index.ts";

/** The tensors fed at each run that `outputs` depend on. */
export function topologicalInputs(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(outputs);
  for (const tensor of seen) for (const source of tensor.inputs) seen.add(source);
  return [...seen].filter((tensor) => tensor.operator.name === "input").sort((a, b) => a.id - b.id);
}
