// A plain float64 interpreter of graphs: loops over definitions, independent of the ONNX forms.
// Composite operators are evaluated by their own mathematics, not by their expansion.
import { concreteShape, type Tensor } from "#elbo/graph/index.js";
import { bessel } from "./bessel.ts";
import { elementwise } from "./elementwise.ts";
import { layout } from "./layout.ts";
import { linear } from "./linear.ts";
import { reduce } from "./reduce.ts";
import { count, type Rule, type Value } from "./value.ts";

export type { Value } from "./value.ts";

/** What inputs and parameters hold, by name. */
export type Feeds = Readonly<
  Record<string, { shape: readonly number[]; data: ArrayLike<number> & Iterable<number> }>
>;

const rules: Readonly<Record<string, Rule>> = {
  ...elementwise,
  ...bessel,
  ...layout,
  ...linear,
  ...reduce,
};

function source(node: Tensor, feeds: Feeds, shape: readonly number[]): Value | undefined {
  if (node.operator.name === "constant") {
    return { shape, data: Float64Array.from(node.attributes["values"] as Float32Array) };
  }
  if (node.operator.name !== "input" && node.operator.name !== "parameter") return undefined;
  const feed = feeds[node.attributes["name"] as string];
  if (feed?.data.length !== count(shape)) {
    throw new Error(`${node.attributes["name"]} of shape (${shape}) is fed (${feed?.shape})`);
  }
  return { shape, data: Float64Array.from(feed.data) };
}

/** The values of `outputs`, and of every tensor on the way to them. */
export function evaluateAll(
  outputs: readonly Tensor[],
  feeds: Feeds,
  batch: number,
): Map<Tensor, Value> {
  const values = new Map<Tensor, Value>();
  const visit = (node: Tensor): Value => {
    const known = values.get(node);
    if (known) return known;
    const inputs = node.inputs.map(visit);
    const shape = concreteShape(node.shape, batch);
    const rule = rules[node.operator.name];
    const { dtype, attributes } = node;
    const value = source(node, feeds, shape) ?? rule?.({ inputs, shape, dtype, attributes });
    if (!value) throw new Error(`the oracle has no rule for ${node.operator.name}`);
    if (value.data.length !== count(shape)) {
      throw new Error(`${node.operator.name} gave ${value.data.length} values for (${shape})`);
    }
    values.set(node, value);
    return value;
  };
  for (const output of outputs) visit(output);
  return values;
}

/** The values of `outputs` in float64. */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds, batch = 1): Value[] {
  const values = evaluateAll(outputs, feeds, batch);
  return outputs.map((output) => values.get(output)!);
}
