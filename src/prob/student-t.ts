// Student's t: a Gaussian whose tails are as heavy as the data's.
import { constant, type Tensor } from "../graph/index.ts";
import { bounded, clamp, LOG_SCALE_BOUNDS, softplus } from "./bounds.ts";
import { drawGamma } from "./draws.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/**
 * Of the raw degrees of freedom: from where 1 + softplus(raw) is just above 1, so that the mean
 * exists, to where the distribution is a Gaussian but for its far tails.
 */
const RAW_FREEDOM_BOUNDS = [-10, 1000] as const;

/**
 * log p(x) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log πν − log s − (ν+1)/2 · log(1 + z²/ν),
 * z = (x − location)/s, s = exp(logScale) within `LOG_SCALE_BOUNDS`, ν = 1 + softplus(raw degrees
 * of freedom), in (1, 1001].
 */
export const studentT: Likelihood = {
  name: "student-t",
  parameters: [
    { name: "location", size: 1 },
    { name: "logScale", size: 1 },
    { name: "degreesOfFreedom", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [location, rawScale, rawFreedom] = parameters as [Tensor, Tensor, Tensor];
    const { z, logScale } = standardized(x, location, rawScale);
    const freedom = bounded(rawFreedom, RAW_FREEDOM_BOUNDS).softplus().add(1);
    const normalizer = constant(0.5)
      .lgammaDifference(freedom.mul(0.5))
      .sub(freedom.log().mul(0.5))
      .sub(0.5 * Math.log(Math.PI));
    const tail = z.square().div(freedom).log1p().mul(freedom.add(1).mul(0.5));
    return normalizer.sub(logScale).sub(tail);
  },
  mean: ([location]) => location!,
  mode: ([location]) => location!,
  sample(parameters, out, draws) {
    const [location, logScale, freedom] = parameters as [Float32Array, Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
      const half = (1 + softplus(clamp(at(freedom, i), RAW_FREEDOM_BOUNDS))) / 2;
      const z = draws.normal() / Math.sqrt(drawGamma(draws, half) / half);
      out[i] = at(location, i) + scale * z;
    }
  },
};
