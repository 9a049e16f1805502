// The Gaussian whose latents are independent: N(μ, diag σ²) (Kingma and Welling 2014, §3).
import type { Tensor } from "../../graph/index.ts";
import { bounded } from "../bounds.ts";
import { gaussianKl, reparameterize, standardizedLogProb } from "../gaussian.ts";
import { standardized } from "../location-scale.ts";
import { MEAN_BOUNDS, type Posterior } from "./posterior.ts";

/** Variances from e⁻²⁰ to e²⁰: wider than any that trains, and exp cannot overflow. */
export const LOG_VARIANCE_BOUNDS = [-20, 20] as const;

function held(parameters: readonly Tensor[]) {
  const [mean, logVariance] = parameters as [Tensor, Tensor];
  return {
    mean: bounded(mean, MEAN_BOUNDS),
    logVariance: bounded(logVariance, LOG_VARIANCE_BOUNDS),
  };
}

/** z = μ + exp(½ logVariance) · ε, log variances within `LOG_VARIANCE_BOUNDS`. */
export function diagonalGaussian(latent: number): Posterior {
  return {
    name: "diagonal-gaussian",
    space: "euclidean",
    latent,
    parameters: [
      { name: "mean", size: latent },
      { name: "logVariance", size: latent },
    ],
    noise: { normal: latent, uniform: 0 },
    draw(parameters, { normal }) {
      const { mean, logVariance } = held(parameters);
      return {
        z: reparameterize(mean, logVariance, normal!),
        logProb: standardizedLogProb(normal!, logVariance.mul(0.5)).sum(-1),
      };
    },
    logProb(z, parameters) {
      const { mean, logVariance } = held(parameters);
      const distance = standardized(z, mean, logVariance.mul(0.5));
      return standardizedLogProb(distance.z, distance.logScale).sum(-1);
    },
    mean: (parameters) => held(parameters).mean,
    standardDeviation: (parameters) => held(parameters).logVariance.mul(0.5).exp(),
    klFromStandardNormal(parameters) {
      const { mean, logVariance } = held(parameters);
      return gaussianKl(mean, logVariance);
    },
  };
}
