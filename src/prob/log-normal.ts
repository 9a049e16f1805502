// The log-normal: positive values whose logarithm is Gaussian.
import type { Tensor } from "../graph/index.ts";
import {
  bounded,
  clamp,
  heldPositive,
  LOG_POSITIVE_BOUNDS,
  LOG_SCALE_BOUNDS,
  logOfPositive,
} from "./bounds.ts";
import { standardizedLogProb } from "./gaussian.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/** Exponents whose exp is a normal float32. */
const EXPONENT_BOUNDS = [-87, 88] as const;

/** exp(μ + factor · σ²) as a finite number. */
function expOf(parameters: readonly Tensor[], factor: number): Tensor {
  const [location, raw] = parameters as [Tensor, Tensor];
  const variance = bounded(raw, LOG_SCALE_BOUNDS).mul(2).exp();
  const exponent = bounded(location, LOG_POSITIVE_BOUNDS).add(variance.mul(factor));
  return exponent.clip(...EXPONENT_BOUNDS).exp();
}

/**
 * log p(x) = log N(log x; location, σ²) − log x, the density of x itself: the last term is the
 * Jacobian of the logarithm. σ = exp(logScale) within `LOG_SCALE_BOUNDS`; a zero counts as the
 * smallest normal float32. The mean exp(μ + ½σ²) and the mode exp(μ − σ²) are held within float32.
 */
export const logNormal: Likelihood = {
  name: "log-normal",
  parameters: [
    { name: "location", size: 1 },
    { name: "logScale", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [location, raw] = parameters as [Tensor, Tensor];
    const logX = logOfPositive(x);
    const { z, logScale } = standardized(logX, bounded(location, LOG_POSITIVE_BOUNDS), raw);
    return standardizedLogProb(z, logScale).sub(logX);
  },
  mean: (parameters) => expOf(parameters, 0.5),
  mode: (parameters) => expOf(parameters, -1),
  fixedDraw: {
    noise: { normal: 1, uniform: 0 },
    draw: ([location, logScale], { normal }) =>
      bounded(location!, LOG_POSITIVE_BOUNDS)
        .add(bounded(logScale!, LOG_SCALE_BOUNDS).exp().mul(normal!))
        .clip(...EXPONENT_BOUNDS)
        .exp(),
  },
  sample(parameters, out, draws) {
    const [location, logScale] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
      const median = clamp(at(location, i), LOG_POSITIVE_BOUNDS);
      out[i] = heldPositive(Math.exp(median + scale * draws.normal()));
    }
  },
};
