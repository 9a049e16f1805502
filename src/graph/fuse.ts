// Products with what stands around them: a Gemm takes up the transposes of its operands, and it and
// the convolutions take the bias that is added to them.
import { addOperator } from "./operators/arithmetic.ts";
import { convolutionOperators } from "./operators/convolution.ts";
import { gemmOf, gemmOperator, matmulOperator } from "./operators/matmul.ts";
import { rebuild, withInputs } from "./rebuild.ts";
import { sameShape, sizeOf } from "./shape.ts";
import { apply, type Tensor, topological } from "./tensor.ts";

/** The axis of a product whose elements have one bias each; −1 where it takes none. */
function biasAxis(product: Tensor): number {
  if (product.inputs.length > 2) return -1;
  return product.operator === gemmOperator || convolutionOperators.has(product.operator) ? 1 : -1;
}

/**
 * product + addend as one node, where the addend is one value for each element of an axis, or one
 * for each of a Gemm.
 */
function withAddend(product: Tensor, addend: Tensor): Tensor | null {
  const plain = product.operator === gemmOperator && product.inputs.length === 2;
  if (plain && sameShape(product.shape, addend.shape)) {
    return apply(gemmOperator, [...product.inputs, addend], product.attributes);
  }
  const axis = biasAxis(product);
  const size = product.shape[axis];
  if (size === undefined || sizeOf(addend.shape) !== size) return null;
  if (addend.shape.at(axis - product.rank) !== size) return null;
  const bias = addend.reshape([size]);
  return apply(product.operator, [...product.inputs, bias], product.attributes);
}

export function fuse(outputs: readonly Tensor[]): Tensor[] {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor) => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const node of topological(outputs)) node.inputs.forEach(count);
  outputs.forEach(count);
  return rebuild(outputs, (node, inputs) => {
    if (node.operator === addOperator) {
      for (const [i, j] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const once = uses.get(node.inputs[i]!) === 1;
        const fused = once ? withAddend(inputs[i]!, inputs[j]!) : null;
        if (fused) return fused;
      }
    }
    const copy = withInputs(node, inputs);
    return node.operator === matmulOperator && node.rank === 2 ? gemmOf(copy) : copy;
  });
}
