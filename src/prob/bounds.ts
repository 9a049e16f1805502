// What holds a network's outputs, which may be any finite numbers, within what float32 can compute
// with; and the same functions on the host, for draws.
import type { Tensor } from "../graph/index.ts";

export type Bounds = readonly [low: number, high: number];

/** Log standard deviations are held within these, so that no density or gradient overflows. */
export const LOG_SCALE_BOUNDS = [-10, 10] as const;

/** Logits: beyond, differences of two of them would overflow. */
export const LOGIT_BOUNDS = [-1e6, 1e6] as const;

/** Logarithms of expected counts: up to 7e10. */
export const LOG_RATE_BOUNDS = [-25, 25] as const;

/** Logarithms of positive values' means or medians: up to 1e26. */
export const LOG_POSITIVE_BOUNDS = [-60, 60] as const;

/** The smallest normal float32: zero counts as this where a logarithm is taken. */
const SMALLEST = 2 ** -126;

/**
 * x held within [low, high], with the gradient of x itself, so that a value outside can return:
 * the KL term and the likelihood pull it back.
 */
export function bounded(x: Tensor, [low, high]: Bounds): Tensor {
  return x.clip(low, high).straightThrough(x);
}

/** log x of x >= 0, where zero counts as the smallest normal float32, 1.2e-38. */
export function logOfPositive(x: Tensor): Tensor {
  return x.maximum(SMALLEST).log();
}

/** A positive number as a float32 above zero and below infinity. */
export function heldPositive(x: number): number {
  return Math.min(Math.max(x, SMALLEST), 3.4e38);
}

export function clamp(x: number, [low, high]: Bounds): number {
  return Math.min(Math.max(x, low), high);
}

/** log(1 + exp(x)). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
