// What every family of approximate posteriors q(z | x) gives: draws, log-densities and moments, in
// the graph. How far it is from a prior is in ../priors/divergence.ts.
import type { Tensor } from "../../graph/index.ts";

/** Where latents lie; densities are by length in every direction, or by area on the unit sphere. */
export type Space = "euclidean" | "sphere";

/** What an encoder's head emits for a row. */
export interface PosteriorParameter {
  name: string;
  /** Numbers a row. */
  size: number;
}

/** Random numbers that a draw takes, a row: standard normal, and uniform in [0, 1). */
export interface NoiseSizes {
  normal: number;
  uniform: number;
}

/** The same in the graph, `(batch, n)` each; null where n is 0. */
export interface Noise {
  normal: Tensor | null;
  uniform: Tensor | null;
}

export interface Drawn {
  /** `(batch, latent)`. */
  z: Tensor;
  /**
   * log q(z | x) at this draw, `(batch,)`, in nats: by the noise, which is shorter and more exact
   * than by z.
   */
  logProb: Tensor;
}

/**
 * A family of distributions of a row's latents. Parameters are an encoder's outputs as they are:
 * any finite float32, `(batch, size)`, which the family holds within what float32 can compute with.
 */
export interface Posterior {
  /** Kebab-case: `diagonal-gaussian`. */
  name: string;
  space: Space;
  /** Numbers of z. */
  latent: number;
  parameters: readonly PosteriorParameter[];
  noise: NoiseSizes;
  /** A draw whose gradient reaches the parameters. */
  draw(parameters: readonly Tensor[], noise: Noise): Drawn;
  /**
   * log q(z) in nats, constants kept. z is `(…, latent)` and a parameter `(…, size)`, whose leading
   * axes broadcast; they are the result's.
   */
  logProb(z: Tensor, parameters: readonly Tensor[]): Tensor;
  /** The mean, `(batch, latent)`; on the sphere the mean direction, where decoders expect z. */
  mean(parameters: readonly Tensor[]): Tensor;
  /** Of each latent, `(batch, latent)`; null where one number a latent does not tell the spread. */
  standardDeviation(parameters: readonly Tensor[]): Tensor | null;
  /**
   * KL(q ‖ N(0, I)) in closed form: terms of 0 or more, `(batch, latent)`, that sum to it. Only of
   * Euclidean families that have one.
   */
  klFromStandardNormal?(parameters: readonly Tensor[]): Tensor;
  /** KL(q ‖ uniform on the sphere) in closed form, `(batch, 1)`. */
  klFromUniform?(parameters: readonly Tensor[]): Tensor;
}

/** Means are held within this, so that their squares are finite float32. */
export const MEAN_BOUNDS = [-1e9, 1e9] as const;

/** One of the numbers of a row, `(…, size)`, as `(…, 1)`. */
export function column(x: Tensor, i: number): Tensor {
  return x.slice(-1, i, i + 1);
}
