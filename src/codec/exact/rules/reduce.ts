// Steps of operators that work along axes. The order of every sum is ../assembly/reduce.ts's.
import type { Tensor } from "../../../graph/tensor.ts";
import { count, type Place, type Rule } from "./rule.ts";

/** The input as (outer, size, inner) around `axes`, which are side by side. */
function around(node: Tensor, { shapeOf }: Place, axes: readonly number[]) {
  const shape = shapeOf(node.inputs[0]!);
  const first = axes[0] ?? shape.length;
  const end = first + axes.length;
  const parts = [shape.slice(0, first), shape.slice(first, end), shape.slice(end)];
  return parts.map(count) as [outer: number, size: number, inner: number];
}

const reduction =
  (name: "sum" | "prod" | "max" | "min"): Rule =>
  (node, place) => {
    const { kernels, target } = place;
    const [outer, size, inner] = around(node, place, node.attributes["axes"] as number[]);
    const from = place.address(node.inputs[0]!);
    return () => kernels[name](target, from, outer, size, inner);
  };

export const reduce: Readonly<Record<string, Rule>> = {
  sum: reduction("sum"),
  prod: reduction("prod"),
  max: reduction("max"),
  min: reduction("min"),
  argmax(node, place) {
    const { kernels, target } = place;
    const [outer, size, inner] = around(node, place, [node.attributes["axis"] as number]);
    const from = place.address(node.inputs[0]!);
    return () => kernels.argmax(target, from, outer, size, inner);
  },
  cumulativeSum(node, place) {
    const { kernels, target } = place;
    const [outer, size, inner] = around(node, place, [node.attributes["axis"] as number]);
    const from = place.address(node.inputs[0]!);
    const reverse = node.attributes["reverse"] ? 1 : 0;
    return () => kernels.cumulativeSum(target, from, outer, size, inner, reverse);
  },
};
