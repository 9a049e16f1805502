// The categorical distribution of levels without an order, or of an image's 256.
import type { Tensor } from "../graph/index.ts";
import { bounded, LOGIT_BOUNDS } from "./bounds.ts";
import { drawLevel } from "./draws.ts";
import { levelAt } from "./fixed-noise.ts";
import { expectedCode, pick } from "./levels.ts";
import { type Likelihood, partAt, withLastAxis } from "./likelihood.ts";

/**
 * log p(k) = logitₖ − log Σ exp(logits), of codes 0 … levels − 1. The mean is that of the codes.
 * @param levels how many; the parameter has as many numbers.
 */
export function categorical(levels: number): Likelihood {
  const held = ([logits]: readonly Tensor[]) =>
    bounded(withLastAxis(logits!, levels), LOGIT_BOUNDS);
  return {
    name: "categorical",
    parameters: [{ name: "logits", size: levels }],
    mass: true,
    dtype: "int32",
    logProb(x, parameters) {
      const logits = held(parameters);
      return pick(x, logits).sub(logits.logSumExp(-1));
    },
    mean: (parameters) => expectedCode(held(parameters).softmax(-1)),
    mode: (parameters) => held(parameters).argmax(-1),
    probabilities: (parameters) => held(parameters).softmax(-1),
    fixedDraw: {
      noise: { normal: 0, uniform: 1 },
      draw: (parameters, { uniform }) => levelAt(held(parameters).softmax(-1), uniform!),
    },
    sample([logits], out, draws) {
      for (let i = 0; i < out.length; i++) out[i] = drawLevel(draws, partAt(logits!, i, levels));
    },
  };
}
