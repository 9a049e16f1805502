// Draws in the graph from noise of a fixed size, which a run's caller gives: for files that draw rows
// without this library.
import type { Tensor } from "../graph/index.ts";

/** Standard normal numbers, and numbers even in [0, 1). */
export type FixedNoise = Readonly<Record<"normal" | "uniform", Tensor | null>>;

/** How many of them a draw takes. */
export interface NoiseCount {
  normal: number;
  uniform: number;
}

/** A draw by a fixed number of them. */
export interface FixedDraw {
  /** Of a likelihood for each value, of a prior for each row. */
  noise: NoiseCount;
  /** float32, by noise `(batch, n)`, of a likelihood's values of their shape. */
  draw(parameters: readonly Tensor[], noise: FixedNoise): Tensor;
}

/** Even numbers as the host draws them, never 0 or 1: what logarithms need. */
const inside = (uniform: Tensor) => uniform.clip(2 ** -33, 1 - 2 ** -24);

/** The logistic quantile log(u / (1 − u)). */
export function logisticOf(uniform: Tensor): Tensor {
  const u = inside(uniform);
  return u.log().sub(u.neg().log1p());
}

/** The standard Laplace quantile. */
export function laplaceOf(uniform: Tensor): Tensor {
  const u = inside(uniform);
  const tail = u.minimum(u.neg().add(1)).mul(2).log();
  return u.less(0.5).where(tail, tail.neg());
}

/**
 * The level whose stretch of [0, 1) holds u, where probabilities `(…, levels)` lie one after the
 * other: a float32 code of the shape of u.
 */
export function levelAt(probabilities: Tensor, uniform: Tensor): Tensor {
  const axis = probabilities.rank - 1;
  const ends = probabilities.cumulativeSum(axis);
  const levels = probabilities.shape[axis]!;
  // Of their own sum, so that the last level ends at 1 whatever was rounded.
  const shares = ends.div(ends.slice(axis, levels - 1, levels));
  const u = uniform.reshape([...uniform.shape, 1]);
  return shares.lessOrEqual(u).cast("float32").sum(-1);
}

/** 1 at the level, `(…, levels)`. */
export const chosen = (code: Tensor, levels: number) => code.cast("int32").oneHot(levels);
