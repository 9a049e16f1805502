// The Laplace distribution: its maximum-likelihood location is the median.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, LOG_SCALE_BOUNDS } from "./bounds.ts";
import { laplaceOf } from "./fixed-noise.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/** log p(x) = −|x − location| / b − log 2b, b = exp(logScale) within `LOG_SCALE_BOUNDS`. */
export const laplace: Likelihood = {
  name: "laplace",
  parameters: [
    { name: "location", size: 1 },
    { name: "logScale", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [location, raw] = parameters as [Tensor, Tensor];
    const { z, logScale } = standardized(x, location, raw);
    return z.abs().neg().sub(logScale).sub(Math.LN2);
  },
  mean: ([location]) => location!,
  mode: ([location]) => location!,
  fixedDraw: {
    noise: { normal: 0, uniform: 1 },
    draw: ([location, logScale], { uniform }) =>
      location!.add(bounded(logScale!, LOG_SCALE_BOUNDS).exp().mul(laplaceOf(uniform!))),
  },
  sample(parameters, out, draws) {
    const [location, logScale] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
      const u = draws.uniform();
      const z = u < 0.5 ? Math.log(2 * u) : -Math.log(2 * (1 - u));
      out[i] = at(location, i) + scale * z;
    }
  },
};
