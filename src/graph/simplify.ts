// Before ONNX sees a graph: composites are written out, constants folded, equal nodes shared,
// transposes and biases taken into Gemm.
import { addOperator } from "./operators/arithmetic.ts";
import { gemmOf, isBias, matmulOperator } from "./operators/matmul.ts";
import { type Attributes, apply, type Tensor, topological } from "./tensor.ts";

/** A copy of the graph in which each node is what `rewrite` makes of its rewritten inputs. */
function rebuild(
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

function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  const same = inputs.every((input, i) => input === node.inputs[i]);
  return same ? node : apply(node.operator, inputs, node.attributes);
}

function expandComposites(outputs: readonly Tensor[]): readonly Tensor[] {
  let current = outputs;
  while (topological(current).some((node) => node.operator.expand)) {
    current = rebuild(current, (node, inputs) =>
      node.operator.expand
        ? node.operator.expand(inputs, node.attributes)
        : withInputs(node, inputs),
    );
  }
  return current;
}

/** Long constants are told apart by identity, short ones by value. */
const longConstants = new WeakMap<object, number>();
let longConstantCount = 0;

function attributeKey(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => {
      if (ArrayBuffer.isView(value) && value.length > 64) {
        if (!longConstants.has(value)) longConstants.set(value, longConstantCount++);
        return `${name}=#${longConstants.get(value)}`;
      }
      const list = Array.isArray(value) || ArrayBuffer.isView(value) ? [...value] : [value];
      // 0 and −0 print alike.
      return `${name}=${list.map((v) => (Object.is(v, -0) ? "-0" : v))}`;
    })
    .join(";");
}

function shareAndFold(outputs: readonly Tensor[]): Tensor[] {
  const known = new Map<string, Tensor>();
  return rebuild(outputs, (node, inputs) => {
    const simpler = node.operator.simplify?.(inputs, node.attributes);
    const result = simpler ?? withInputs(node, inputs);
    const ids = result.inputs.map((input) => input.id);
    const key = `${result.operator.name}(${ids})${attributeKey(result.attributes)}`;
    const equal = known.get(key);
    if (equal) return equal;
    known.set(key, result);
    return result;
  });
}

function fuseGemm(outputs: readonly Tensor[]): Tensor[] {
  const uses = new Map<Tensor, number>();
  for (const node of topological(outputs)) {
    for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  for (const output of outputs) uses.set(output, (uses.get(output) ?? 0) + 1);
  const isProduct = (node: Tensor) => node.operator === matmulOperator && node.rank === 2;
  const result = rebuild(outputs, (node, inputs) => {
    if (node.operator === addOperator) {
      for (const [product, bias] of [node.inputs, node.inputs.toReversed()] as [Tensor, Tensor][]) {
        if (isProduct(product) && uses.get(product) === 1 && isBias(bias, product)) {
          const flipped = product === node.inputs[0] ? inputs : inputs.toReversed();
          return gemmOf(unfused.get(flipped[0]!) ?? flipped[0]!, flipped[1]);
        }
      }
    }
    const copy = withInputs(node, inputs);
    if (!isProduct(node)) return copy;
    const fused = gemmOf(copy);
    unfused.set(fused, copy);
    return fused;
  });
  return result;
}
const unfused = new WeakMap<Tensor, Tensor>();

/** Tensors of equal values that need fewer and faster nodes. */
export function simplify(outputs: readonly Tensor[]): Tensor[] {
  let current = shareAndFold(expandComposites(outputs));
  // A simplified node may let another be simplified: a handful of rounds settles every graph.
  for (let size = -1, round = 0; round < 8; round++) {
    current = shareAndFold(current);
    const next = topological(current).length;
    if (next === size) break;
    size = next;
  }
  return shareAndFold(fuseGemm(current));
}
