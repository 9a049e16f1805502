// The Bernoulli by its logit.
import type { Tensor } from "../graph/index.ts";

/**
 * log p of each value in [0, 1] under Bernoulli(sigmoid(logits)): x·logit − softplus(logit). For
 * x between 0 and 1 this is the expected log-probability of pixels drawn with brightness x.
 */
export function bernoulliLogProb(x: Tensor, logits: Tensor): Tensor {
  return x.mul(logits).sub(logits.softplus());
}
