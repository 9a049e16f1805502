// Walking a graph to make another.
import { apply, type Tensor, topological } from "./tensor.ts";

/** A copy of the graph in which each node is what `rewrite` makes of its rewritten inputs. */
export function rebuild(
  outputs: readonly Tensor[],
  rewrite: (node: Tensor, inputs: readonly Tensor[]) => Tensor,
): Tensor[] {
  const done = new Map<Tensor, Tensor>();
  for (const node of topological(outputs)) {
    done.set(
      node,
      rewrite(
        node,
        node.inputs.map((input) => done.get(input)!),
      ),
    );
  }
  return outputs.map((output) => done.get(output)!);
}

/** The node over other inputs. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  const same = inputs.every((input, i) => input === node.inputs[i]);
  return same ? node : apply(node.operator, inputs, node.attributes);
}
