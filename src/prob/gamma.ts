// The gamma distribution, by its mean and shape.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, heldPositive, LOG_POSITIVE_BOUNDS, logOfPositive } from "./bounds.ts";
import { drawLogGamma } from "./draws.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { stirlingCorrection } from "./stirling.ts";

const LOG_SHAPE_BOUNDS = [-10, 10] as const;

/** log(x / mean) is held within these: its exp times the largest shape is finite. */
const LOG_RATIO_BOUNDS = [-200, 60] as const;

/**
 * log p(x) = a log(a/μ) + (a − 1) log x − ax/μ − log Γ(a), μ = exp(logMean), a = exp(logShape)
 * within exp(±10). Written as a(t − (eᵗ − 1)) + ½ log(a/2π) − c(a) − log x, t = log(x/μ), c
 * Stirling's correction, which does not cancel for large a. A zero counts as the smallest normal
 * float32.
 */
export const gamma: Likelihood = {
  name: "gamma",
  parameters: [
    { name: "logMean", size: 1 },
    { name: "logShape", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [rawMean, rawShape] = parameters as [Tensor, Tensor];
    const logX = logOfPositive(x);
    const logShape = bounded(rawShape, LOG_SHAPE_BOUNDS);
    const shape = logShape.exp();
    const t = bounded(logX.sub(bounded(rawMean, LOG_POSITIVE_BOUNDS)), LOG_RATIO_BOUNDS);
    const normalizer = logShape
      .sub(Math.log(2 * Math.PI))
      .mul(0.5)
      .sub(stirlingCorrection(shape));
    return shape.mul(t.sub(t.expm1())).add(normalizer).sub(logX);
  },
  mean: ([logMean]) => bounded(logMean!, LOG_POSITIVE_BOUNDS).exp(),
  /** μ(1 − 1/a), and 0 where a < 1 and the density is unbounded there. */
  mode(parameters) {
    const [logMean, logShape] = parameters as [Tensor, Tensor];
    const inverse = bounded(logShape, LOG_SHAPE_BOUNDS).neg().exp();
    return bounded(logMean, LOG_POSITIVE_BOUNDS).exp().mul(inverse.neg().add(1).relu());
  },
  sample(parameters, out, draws) {
    const [logMean, logShape] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const log = clamp(at(logShape, i), LOG_SHAPE_BOUNDS);
      const scale = clamp(at(logMean, i), LOG_POSITIVE_BOUNDS) - log;
      out[i] = heldPositive(Math.exp(scale + drawLogGamma(draws, Math.exp(log))));
    }
  },
};
