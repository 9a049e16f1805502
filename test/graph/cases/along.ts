// Examples of operators along axes: reductions, softmax, running sums.
import type { Tensor } from "#elbo/graph/index.js";
import type { Case, Draw } from "../draw.ts";

function reduction(
  f: (x: Tensor, axes: number[] | number | undefined, keep: boolean) => Tensor,
): Case {
  return (d) => {
    const x = d.real();
    const axes = x.shape.map((_, i) => i).filter(() => d.bool());
    return f(x, d.pick([axes, d.axis(x), undefined]), d.bool());
  };
}

/** The batch's size is no part of a graph, so a mean is over other axes. */
function mean(d: Draw): Tensor {
  const x = d.real([...d.shape(1), 3, 2]);
  return x.mean(d.pick([1, -1, [1, 2], [2], []]), d.bool());
}

const along =
  (f: (x: Tensor, axis: number) => Tensor): Case =>
  (d) => {
    const x = d.real();
    return f(x, d.axis(x));
  };

export const alongAxes: Record<string, Case> = {
  sum: reduction((x, axes, keep) => x.sum(axes, keep)),
  mean,
  max: reduction((x, axes, keep) => x.max(axes, keep)),
  min: reduction((x, axes, keep) => x.min(axes, keep)),
  prod: reduction((x, axes, keep) => x.prod(axes, keep)),
  logSumExp: (d) => {
    const x = d.real();
    return x.logSumExp(d.axis(x), d.bool());
  },
  softmax: along((x, axis) => x.softmax(axis)),
  logSoftmax: along((x, axis) => x.logSoftmax(axis)),
  cumulativeSum: (d) => {
    const x = d.real();
    return x.cumulativeSum(d.axis(x), d.bool());
  },
};
