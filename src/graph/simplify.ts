// Before ONNX sees a graph: composites are written out, constants folded, equal nodes shared,
// transposes and biases taken into products.
import { fuse } from "./fuse.ts";
import { rebuild, withInputs } from "./rebuild.ts";
import { type Attributes, type Tensor, topological } from "./tensor.ts";

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

type Simplify = (node: Tensor, inputs: readonly Tensor[]) => Tensor | null | undefined;

function share(outputs: readonly Tensor[], simplified: Simplify): Tensor[] {
  const known = new Map<string, Tensor>();
  return rebuild(outputs, (node, inputs) => {
    const result = simplified(node, inputs) ?? withInputs(node, inputs);
    const ids = result.inputs.map((input) => input.id);
    const key = `${result.operator.name}(${ids})${attributeKey(result.attributes)}`;
    const equal = known.get(key);
    if (equal) return equal;
    known.set(key, result);
    return result;
  });
}

function shareAndFold(outputs: readonly Tensor[]): Tensor[] {
  return share(outputs, (node, inputs) => node.operator.simplify?.(inputs, node.attributes));
}

/** Composites written out and equal nodes shared; nothing is folded or put in another order. */
export function expandAndShare(outputs: readonly Tensor[]): Tensor[] {
  return share(expandComposites(outputs), () => null);
}

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
  return shareAndFold(shareAndFold(fuse(current)));
}
