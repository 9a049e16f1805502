// Reverse-mode differentiation: the gradient of a graph is a graph of the same operators, so it
// can be differentiated again.
import { ElboError } from "../base/errors.ts";
import { graphError } from "./errors.ts";
import { standInOperator } from "./operators/control.ts";
import { constant, parameterOperator } from "./operators/sources.ts";
import { sizeOf } from "./shape.ts";
import { apply, type Tensor, topological } from "./tensor.ts";

/** Equal for two tensors that are one parameter, made twice. */
function identity(tensor: Tensor): Tensor | string {
  const isParameter = tensor.operator === parameterOperator;
  return isParameter ? `parameter ${tensor.attributes["name"]}` : tensor;
}

/**
 * Σ upstream · ∂output/∂x for each x of `wrt`, of x's shape; null where `output` does not
 * depend on x.
 */
function vectorJacobian(
  output: Tensor,
  wrt: readonly Tensor[],
  upstream: Tensor,
): (Tensor | null)[] {
  const wanted = new Set(wrt.map(identity));
  const nodes = topological([output]);
  const depends = new Set<Tensor>();
  for (const node of nodes) {
    if (wanted.has(identity(node)) || node.inputs.some((input) => depends.has(input))) {
      depends.add(node);
    }
  }
  const received = new Map<Tensor | string, Tensor>();
  const receive = (node: Tensor, gradient: Tensor) => {
    const key = identity(node);
    const sum = received.get(key);
    received.set(key, sum ? sum.add(gradient) : gradient);
  };
  receive(output, upstream);
  for (const node of nodes.toReversed()) {
    const gradient = received.get(node);
    if (!gradient || !node.inputs.some((input) => depends.has(input))) continue;
    for (const [i, part] of inputGradients(node, gradient).entries()) {
      const input = node.inputs[i]!;
      if (part && depends.has(input)) receive(input, part);
    }
  }
  return wrt.map((x) => received.get(identity(x)) ?? null);
}

function inputGradients(node: Tensor, upstream: Tensor): readonly (Tensor | null)[] {
  const { operator, inputs, attributes } = node;
  if (operator.gradient) return operator.gradient({ inputs, output: node, attributes, upstream });
  if (operator.expand) {
    // Stand-ins for the inputs keep the walk inside the expansion, and let a second one through.
    const standIns = inputs.map((input) => apply(standInOperator, [input]));
    return vectorJacobian(operator.expand(standIns, attributes), standIns, upstream);
  }
  throw new ElboError({
    code: "gradient-missing",
    message: `the operator ${operator.name} has no gradient`,
    hint: "Keep it out of what the loss depends on, or use stopGradient().",
  });
}

/**
 * The derivatives of a scalar `loss` by each tensor of `wrt`: tensors of their shapes, zero where
 * the loss does not depend on one. Throws `gradient-missing` with the operator's name where one
 * cannot be differentiated.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1 || loss.dtype !== "float32") {
    throw graphError("gradients", "a float32 loss with one value", [loss], "Sum the loss first.");
  }
  const one = constant([1], loss.shape as number[]);
  return vectorJacobian(loss, wrt, one).map(
    (gradient, i) => gradient ?? constant(0).broadcastTo(wrt[i]!.shape),
  );
}
