// Values that are one of a few levels, given the log-probability of each: an axis of levels, last.
import { constant, type Tensor } from "../graph/index.ts";

/** From `(…, levels)`, which may broadcast, the entry of each code of x: x's shape. */
export function pick(x: Tensor, table: Tensor): Tensor {
  const depth = table.shape.at(-1)!;
  return x.oneHot(depth).cast("bool").where(table, 0).sum(-1);
}

/** Σ k·pₖ: the mean code, which says something where levels are in order. */
export function expectedCode(probabilities: Tensor): Tensor {
  const codes = Array.from({ length: probabilities.shape.at(-1)! }, (_, k) => k);
  return probabilities.mul(constant(codes)).sum(-1);
}
