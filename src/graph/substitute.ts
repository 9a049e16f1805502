// The same graph with some tensors in the place of others.
import { withInputs } from "./rebuild.ts";
import { type Tensor, topological } from "./tensor.ts";

/** `outputs` with every key of `replacements` replaced by its value, of the same type. */
export function substitute(
  outputs: readonly Tensor[],
  replacements: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const done = new Map<Tensor, Tensor>(replacements);
  for (const node of topological(outputs)) {
    if (done.has(node)) continue;
    const inputs = node.inputs.map((input) => done.get(input)!);
    done.set(node, withInputs(node, inputs));
  }
  return outputs.map((output) => done.get(output)!);
}
