// How much latents tell of which row they came from, of posteriors that are diagonal Gaussians.
import type { Draws } from "../runtime/sequence.ts";

export interface LatentInformation {
  /** Nats that z tells of x, on these rows; never more than `most`. */
  mutualInformation: number;
  /** The logarithm of the number of rows. */
  most: number;
}

/**
 * I(x; z) = E log q(z | x) − E log q(z), with q(z) the mean of the rows' posteriors (Hoffman and
 * Johnson 2016, "ELBO surgery", §2; estimated as by Chen et al. 2018, "Isolating Sources of
 * Disentanglement in VAEs", appendix C, with one draw of each row and its own posterior among those
 * of the mean). So many rows can tell no more than log rows apart: near that, the figure is a
 * lower bound of what more rows would tell. The mean KL less this is KL(q(z) ‖ p(z)).
 * @param means `(rows, latent)`
 * @param deviations of the same shape, above 0.
 */
export function latentInformation(
  means: ArrayLike<number>,
  deviations: ArrayLike<number>,
  latent: number,
  draws: Draws,
): LatentInformation {
  const rows = means.length / latent;
  const precision = Float64Array.from(deviations, (deviation) => 1 / deviation);
  const centers = Float64Array.from(means, (mean, i) => mean * precision[i]!);
  const logNormalizers = new Float64Array(rows);
  for (let i = 0; i < rows * latent; i++) {
    logNormalizers[Math.floor(i / latent)]! += Math.log(precision[i]!);
  }
  const z = new Float64Array(latent);
  const logs = new Float64Array(rows);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < latent; j++) {
      const place = row * latent + j;
      z[j] = means[place]! + deviations[place]! * draws.normal();
    }
    let peak = -Infinity;
    for (let other = 0; other < rows; other++) {
      let distance = 0;
      for (let j = 0, place = other * latent; j < latent; j++, place++) {
        const standard = z[j]! * precision[place]! - centers[place]!;
        distance += standard * standard;
      }
      const log = logNormalizers[other]! - 0.5 * distance;
      logs[other] = log;
      if (log > peak) peak = log;
    }
    let total = 0;
    for (let other = 0; other < rows; other++) total += Math.exp(logs[other]! - peak);
    sum += logs[row]! - (Math.log(total / rows) + peak);
  }
  const most = Math.log(rows);
  return { mutualInformation: Math.min(most, Math.max(0, sum / rows)), most };
}
