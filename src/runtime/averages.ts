// Exponential moving averages of the weights: often better than the last weights, whose place
// among those near by is the last batches' doing (Polyak & Juditsky 1992).
import type { Memory } from "./memory.ts";
import type { Slot } from "./slots.ts";

/** What names of averages begin with, beside those of moments. */
export const AVERAGE = "average";

/**
 * The share of the new weights in the average after `count` updates, this one included:
 * 1 − min(decay, (1 + count) / (10 + count)). The early averages, which begin at weights that were
 * drawn, forget them at once (as TensorFlow's ExponentialMovingAverage does with `num_updates`).
 */
export function averageRate(decay: number, count: number): number {
  return 1 - Math.min(decay, (1 + count) / (10 + count));
}

/** a ← a − rate (a − p), in one pass: a step of gradient descent on (a − p)² / 2. */
export function applyAverage(
  memory: Memory,
  averages: Slot<"float32">,
  parameters: Slot<"float32">,
  rate: number,
): void {
  memory.kernels.sgd({
    parameters: averages,
    gradients: parameters,
    gradientScale: -1,
    learningRate: rate,
    weightDecay: 1,
  });
}
