// The Gaussian: as a likelihood with learned scale, and as a diagonal posterior.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, LOG_SCALE_BOUNDS } from "./bounds.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

export { bounded, LOG_SCALE_BOUNDS } from "./bounds.ts";

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** log N(z; 0, 1) − log σ = −½z² − log σ − ½ log 2π. */
export function standardizedLogProb(z: Tensor, logScale: Tensor): Tensor {
  return z
    .square()
    .mul(-0.5)
    .sub(logScale)
    .sub(LOG_TWO_PI / 2);
}

/**
 * log N(x; mean, exp(logScale)²) for each value, constants kept: nats of density.
 * −½((x − μ)/σ)² − log σ − ½ log 2π.
 */
export function gaussianLogProb(x: Tensor, mean: Tensor, logScale: Tensor): Tensor {
  return standardizedLogProb(x.sub(mean).mul(logScale.neg().exp()), logScale);
}

/** N(mean, exp(logScale)²), the log scale within `LOG_SCALE_BOUNDS`. */
export const gaussian: Likelihood = {
  name: "gaussian",
  parameters: [
    { name: "mean", size: 1 },
    { name: "logScale", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [mean, raw] = parameters as [Tensor, Tensor];
    const { z, logScale } = standardized(x, mean, raw);
    return standardizedLogProb(z, logScale);
  },
  mean: ([mean]) => mean!,
  mode: ([mean]) => mean!,
  fixedDraw: {
    noise: { normal: 1, uniform: 0 },
    draw: ([mean, logScale], { normal }) =>
      mean!.add(bounded(logScale!, LOG_SCALE_BOUNDS).exp().mul(normal!)),
  },
  sample(parameters, out, draws) {
    const [mean, logScale] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
      out[i] = at(mean, i) + scale * draws.normal();
    }
  },
};

/** μ + σ·ε: a draw whose gradient reaches mean and variance (Kingma and Welling 2014, §2.4). */
export function reparameterize(mean: Tensor, logVariance: Tensor, noise: Tensor): Tensor {
  return mean.add(logVariance.mul(0.5).exp().mul(noise));
}

/**
 * KL(N(mean, exp(logVariance)) ‖ N(0, 1)) for each dimension, in nats:
 * ½(μ² + σ² − log σ² − 1) (Kingma and Welling 2014, appendix B).
 */
export function gaussianKl(mean: Tensor, logVariance: Tensor): Tensor {
  return mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5);
}
