// The decoder's likelihood: log p(x | z) of each row, and its mean.
import type { Tensor } from "../graph/index.ts";
import type { Parameters } from "../nn/parameters.ts";
import { bernoulliLogProb } from "../prob/bernoulli.ts";
import { bounded, gaussianLogProb, LOG_SCALE_BOUNDS } from "../prob/gaussian.ts";
import type { ModelConfig } from "./model.ts";

/** The mean of the likelihood whose parameters are `outputs`, `(batch, size)`. */
export function likelihoodMean(config: ModelConfig, outputs: Tensor): Tensor {
  const squashed = config.likelihood === "bernoulli" || config.output === "sigmoid";
  return squashed ? outputs.sigmoid() : outputs;
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
      return bernoulliLogProb(x, outputs).sum(1).neg();
    case "gaussian": {
      // One scale for each value of a table, learned beside the networks.
      const size = x.shape[1]!;
      const raw = parameters.define("decoder.logScale", [size], { value: 0 });
      const logScale = bounded(raw, LOG_SCALE_BOUNDS);
      return gaussianLogProb(x, likelihoodMean(config, outputs), logScale).sum(1).neg();
    }
    case "squared-error":
      return likelihoodMean(config, outputs).sub(x).square().mean(1);
    default:
      return config.likelihood satisfies never;
  }
}
