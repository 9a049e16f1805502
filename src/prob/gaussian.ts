// The Gaussian: as a likelihood with learned scale, and as a diagonal posterior.
import type { Tensor } from "../graph/index.ts";

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** Log standard deviations are held within these, so that no density or gradient overflows. */
export const LOG_SCALE_BOUNDS = [-10, 10] as const;

/**
 * x held within [low, high], with the gradient of x itself, so that a value outside can return:
 * the KL term and the likelihood pull it back.
 */
export function bounded(x: Tensor, [low, high]: readonly [number, number]): Tensor {
  return x.clip(low, high).straightThrough(x);
}

/**
 * log N(x; mean, exp(logScale)²) for each value, constants kept: nats of density.
 * −½((x − μ)/σ)² − log σ − ½ log 2π.
 */
export function gaussianLogProb(x: Tensor, mean: Tensor, logScale: Tensor): Tensor {
  const standardized = x.sub(mean).mul(logScale.neg().exp());
  return standardized
    .square()
    .mul(-0.5)
    .sub(logScale)
    .sub(LOG_TWO_PI / 2);
}

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
