// Intervals of the logistic distribution: what ordered levels are made of.
import type { Tensor } from "../graph/index.ts";

/**
 * log(1 − exp(−width)): with it, log(σ(b) − σ(a)) is
 * logOneMinusExp(b − a) + log σ(b) + log σ(−a), a sum without cancellation.
 */
export function logOneMinusExp(width: Tensor): Tensor {
  return width.neg().expm1().neg().log();
}

/** The logistic quantile log(u / (1 − u)). */
export function logit(u: number): number {
  return Math.log(u) - Math.log1p(-u);
}
