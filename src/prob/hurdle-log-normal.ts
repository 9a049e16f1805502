// The hurdle log-normal: a zero with a probability of its own, and a log-normal of all that is above.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS, sigmoid } from "./bounds.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { logNormal } from "./log-normal.ts";

/** What the log-normal is parametrised by, and the logit of a zero. */
function split(parameters: readonly Tensor[]): { above: Tensor[]; logit: Tensor } {
  return { above: parameters.slice(0, 2), logit: bounded(parameters[2]!, LOGIT_BOUNDS) };
}

/**
 * P(0) = π, and (1 − π) times the log-normal's density above 0, π = sigmoid(zeroLogit): the
 * delta-lognormal distribution (Aitchison 1955), as a hurdle model (Mullahy 1986). A zero is told by
 * a probability, and all else by a density. The mode is 0 where a zero is likelier than not, and else the
 * log-normal's.
 */
export const hurdleLogNormal: Likelihood = {
  name: "hurdle-log-normal",
  parameters: [...logNormal.parameters, { name: "zeroLogit", size: 1 }],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const { above, logit } = split(parameters);
    const isZero = x.lessOrEqual(0);
    // Where x is 0 the density is of 1, so that no gradient of it is more than it can be.
    const inner = logNormal.logProb(isZero.where(1, x), above);
    return isZero.where(logit.logSigmoid(), inner.add(logit.neg().logSigmoid()));
  },
  mean(parameters) {
    const { above, logit } = split(parameters);
    return logNormal.mean(above).mul(logit.neg().sigmoid());
  },
  limitedMean(parameters, limit) {
    const { above, logit } = split(parameters);
    return logNormal.limitedMean!(above, limit).mul(logit.neg().sigmoid());
  },
  mode(parameters) {
    const { above, logit } = split(parameters);
    return logit.greater(0).where(0, logNormal.mode(above));
  },
  fixedDraw: {
    noise: { normal: 1, uniform: 1 },
    draw(parameters, noise) {
      const { above, logit } = split(parameters);
      const drawn = logNormal.fixedDraw!.draw(above, noise);
      return noise.uniform!.less(logit.sigmoid()).where(0, drawn);
    },
  },
  sample(parameters, out, draws) {
    const [location, logScale, logit] = parameters as [Float32Array, Float32Array, Float32Array];
    logNormal.sample([location, logScale], out, draws);
    for (let i = 0; i < out.length; i++) {
      if (draws.uniform() < sigmoid(clamp(at(logit, i), LOGIT_BOUNDS))) out[i] = 0;
    }
  },
};
