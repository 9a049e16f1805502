// The graph as the kernels take it: composites written out, equal nodes shared, axes to be reduced
// side by side. Nothing is folded by JavaScript's functions, and no sum is put in another order: a
// value is what the graph says, in the order in which it says it.
import { ElboError } from "../../base/errors.ts";
import { rebuild, withInputs } from "../../graph/rebuild.ts";
import { expandAndShare } from "../../graph/simplify.ts";
import { apply, type Operator, type Tensor, topological } from "../../graph/tensor.ts";

const sources = new Set(["input", "parameter", "constant"]);
const reductions = new Set(["sum", "prod", "max", "min"]);
/** Operators that give what they are given. */
const same = new Set(["stopGradient", "standIn", "straightThrough"]);

/** A transposed convolution whose kernel is `(out, …taps, in)`: one row of a product for each tap. */
export const transposedByTaps: Operator = {
  name: "transposedByTaps",
  infer: (_, { shape }) => ({ shape: [...(shape as number[])], dtype: "float32" }),
  emit: () => {
    throw new Error("transposedByTaps is not for ONNX");
  },
};

/** A reduction whose axes are side by side: the others first, where they were not. */
function reduceTogether(node: Tensor, x: Tensor): Tensor {
  const axes = node.attributes["axes"] as number[];
  const together = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
  if (together) return withInputs(node, [x]);
  const kept = x.shape.map((_, i) => i).filter((axis) => !axes.includes(axis));
  const moved = x.transpose([...kept, ...axes]);
  const last = axes.map((_, i) => kept.length + i);
  const reduced = apply(node.operator, [moved], { axes: last, keepDims: false });
  return reduced.reshape(node.shape);
}

function lowered(node: Tensor, inputs: readonly Tensor[]): Tensor {
  const { name } = node.operator;
  if (same.has(name)) return inputs[0]!;
  if (name === "cast" && inputs[0]!.dtype === node.dtype) return inputs[0]!;
  if (reductions.has(name)) return reduceTogether(node, inputs[0]!);
  if (name === "convTranspose") {
    const [x, kernel] = inputs as [Tensor, Tensor];
    const taps = kernel.shape.slice(2);
    const order = [1, ...taps.map((_, i) => i + 2), 0];
    const attributes = { ...node.attributes, taps, shape: node.shape };
    return apply(transposedByTaps, [x, kernel.transpose(order)], attributes);
  }
  return withInputs(node, inputs);
}

export interface Lowered {
  outputs: Tensor[];
  /** What the outputs need, inputs before the nodes that use them. */
  nodes: Tensor[];
  /** Those that are the same at each run: of constants and parameters alone. */
  fixed: ReadonlySet<Tensor>;
}

export function lower(outputs: readonly Tensor[]): Lowered {
  const simple = rebuild(expandAndShare(outputs), lowered);
  const nodes = topological(simple);
  const fixed = new Set<Tensor>();
  for (const node of nodes) {
    const { name } = node.operator;
    if (name === "input" || node.shape.some((d) => d < 0)) continue;
    if (sources.has(name) || node.inputs.every((x) => fixed.has(x))) fixed.add(node);
  }
  return { outputs: simple, nodes, fixed };
}

/** Whether a tensor has its input's bytes: another shape, or bytes that are held as int32 already. */
function isView({ operator: { name }, inputs, dtype }: Tensor): boolean {
  return (
    name === "reshape" || (name === "cast" && inputs[0]!.dtype === "uint8" && dtype === "int32")
  );
}

/** The tensor whose bytes a tensor has. */
export const rootOf = (node: Tensor): Tensor => (isView(node) ? rootOf(node.inputs[0]!) : node);

export const isSource = (node: Tensor): boolean => sources.has(node.operator.name);

/** The error of an operator that has no exact form. */
export function notExact(node: Tensor): ElboError {
  return new ElboError({
    code: "not-exact",
    message: `lossless coding computes with operators that are exact to the bit; ${node.operator.name} of ${node.dtype} is none of them`,
    hint: "Train a model without it, or compress with loss.",
  });
}
