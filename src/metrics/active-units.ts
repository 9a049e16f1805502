// How many latents a model uses.

/** The variance over rows of a latent's posterior mean above which it counts as used. */
const ACTIVE_VARIANCE = 0.01;

/**
 * Latents whose posterior means differ from row to row (Burda, Grosse and Salakhutdinov 2016,
 * "Importance Weighted Autoencoders", §5.2: variance above 0.01).
 * @param meanVariance the variance over rows of each latent's posterior mean.
 */
export function activeUnits(meanVariance: ArrayLike<number>): number {
  return Array.from(meanVariance).filter((variance) => variance > ACTIVE_VARIANCE).length;
}
