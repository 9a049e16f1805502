// The decoder's likelihood: log p(x | z) of each row, and its mean.
import type { Tensor } from "../graph/index.ts";
import type { Parameters } from "../nn/parameters.ts";
import { bernoulliLogLikelihood } from "../prob/bernoulli.ts";
import { bounded, gaussianLogProb, LOG_SCALE_BOUNDS } from "../prob/gaussian.ts";
import type { ModelConfig } from "./model.ts";

/** The mean of the likelihood whose parameters are `outputs`, `(batch, size)`. */
export function likelihoodMean(config: ModelConfig, outputs: Tensor): Tensor {
  const squashed = config.likelihood === "bernoulli" || config.output === "sigmoid";
  return squashed ? outputs.sigmoid() : outputs;
}

/** One log standard deviation for each value of a row, learned beside the networks: `(size,)`. */
function gaussianLogScale(parameters: Parameters, size: number): Tensor {
  const raw = parameters.define("decoder.logScale", [size], { value: 0 });
  return bounded(raw, LOG_SCALE_BOUNDS);
}

/**
 * A value of the likelihood on the network's scale, from standard normal `noise` of its shape. The
 * Bernoulli gives its mean, the brightness, which as a picture says more than its bits.
 */
export function likelihoodDraw(
  config: ModelConfig,
  parameters: Parameters,
  outputs: Tensor,
  noise: Tensor,
): Tensor {
  const mean = likelihoodMean(config, outputs);
  if (config.likelihood !== "gaussian") return mean;
  return gaussianLogScale(parameters, outputs.shape[1]!).exp().mul(noise).add(mean);
}

/** −log p(x | outputs) summed over a row's values, or their mean squared error: `(batch,)`. */
export function reconstructionLoss(
  config: ModelConfig,
  parameters: Parameters,
  x: Tensor,
  outputs: Tensor,
): Tensor {
  switch (config.likelihood) {
    case "bernoulli":
      return bernoulliLogLikelihood(x, outputs).neg();
    case "gaussian": {
      const logScale = gaussianLogScale(parameters, x.shape[1]!);
      return gaussianLogProb(x, likelihoodMean(config, outputs), logScale).sum(1).neg();
    }
    case "squared-error":
      return likelihoodMean(config, outputs).sub(x).square().mean(1);
    default:
      return config.likelihood satisfies never;
  }
}
