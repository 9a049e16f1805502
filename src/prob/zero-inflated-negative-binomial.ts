// The zero-inflated negative binomial: a zero of its own beside the negative binomial's.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS, sigmoid } from "./bounds.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { negativeBinomial } from "./negative-binomial.ts";

function split(parameters: readonly Tensor[]): { counts: Tensor[]; logit: Tensor } {
  return { counts: parameters.slice(0, 2), logit: bounded(parameters[2]!, LOGIT_BOUNDS) };
}

function logProb(x: Tensor, parameters: readonly Tensor[]): Tensor {
  const { counts, logit } = split(parameters);
  const inner = negativeBinomial.logProb(x, counts);
  // log(e^logit + e^inner), around the larger.
  const either = logit.maximum(inner).add(logit.sub(inner).abs().neg().softplus());
  return x.less(0.5).where(either, inner).sub(logit.softplus());
}

/**
 * p(0) = π + (1 − π) NB(0), p(x) = (1 − π) NB(x): with probability π = sigmoid(zeroLogit) a zero,
 * else the negative binomial of the first two parameters (as in Lopez et al. 2018, scVI).
 */
export const zeroInflatedNegativeBinomial: Likelihood = {
  name: "zero-inflated-negative-binomial",
  parameters: [...negativeBinomial.parameters, { name: "zeroLogit", size: 1 }],
  mass: true,
  dtype: "float32",
  logProb,
  mean(parameters) {
    const { counts, logit } = split(parameters);
    return negativeBinomial.mean(counts).mul(logit.neg().sigmoid());
  },
  mode(parameters) {
    const inner = negativeBinomial.mode(split(parameters).counts);
    const isInner = logProb(inner, parameters).greater(logProb(inner.mul(0), parameters));
    return isInner.where(inner, 0);
  },
  sample(parameters, out, draws) {
    const [logMean, logR, logit] = parameters as [Float32Array, Float32Array, Float32Array];
    negativeBinomial.sample([logMean, logR], out, draws);
    for (let i = 0; i < out.length; i++) {
      if (draws.uniform() < sigmoid(clamp(at(logit, i), LOGIT_BOUNDS))) out[i] = 0;
    }
  },
};
