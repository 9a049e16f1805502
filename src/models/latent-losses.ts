// Losses of a batch's latents as a whole: how far they are, together, from what is wanted of them.
import { constant, type Tensor } from "../graph/index.ts";
import { linear } from "../nn/layers.ts";
import { mlp } from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";
import { number } from "./method-options.ts";

/** Rows of `x (batch, n)`, as a scalar. */
const countOf = (x: Tensor) => constant(1).broadcastTo([x.shape[0]!]).sum();

/** ‖xᵢ − yⱼ‖² of all pairs of rows, `(batch, batch)`. */
function squaredDistances(x: Tensor, y: Tensor): Tensor {
  const squares = (t: Tensor) => t.square().sum(1, true);
  return squares(x).add(squares(y).transpose()).sub(x.matmul(y.transpose()).mul(2)).maximum(0);
}

/** Kernels of the maximum mean discrepancy; both are 1 at distance 0. */
export const mmdKernels = ["imq", "rbf"] as const;
export type MmdKernel = (typeof mmdKernels)[number];

/**
 * The squared maximum mean discrepancy of rows and of draws of a standard normal, without bias
 * (Gretton et al. 2012, lemma 6). The inverse multiquadratic kernel is the sum of C/(C + d²) over
 * C = 2·latent·s, s from 0.1 to 10, by 7 to be 1 at 0 (Tolstikhin et al. 2018, §4); the Gaussian
 * kernel is exp(−d²/latent).
 */
export function mmd(z: Tensor, prior: Tensor, kernel: MmdKernel): Tensor {
  const latent = z.shape[1]!;
  const scales = [0.1, 0.2, 0.5, 1, 2, 5, 10];
  const apply = (squared: Tensor) =>
    kernel === "rbf"
      ? squared.mul(-1 / latent).exp()
      : scales
          .map((s) => constant(2 * latent * s).div(squared.add(2 * latent * s)))
          .reduce((sum, term) => sum.add(term))
          .mul(1 / scales.length);
  const count = countOf(z);
  const pairs = count.mul(count.sub(1)).maximum(1);
  const among = (x: Tensor) => apply(squaredDistances(x, x)).sum().sub(count).div(pairs);
  const across = apply(squaredDistances(z, prior)).sum().div(count.square());
  return among(z).add(among(prior)).sub(across.mul(2));
}

/** Covariance over rows of `x (batch, n)`: `(n, n)`, divided by the number of rows. */
export function covariance(x: Tensor): Tensor {
  const count = countOf(x);
  const far = x.sub(x.sum(0).div(count));
  return far.transpose().matmul(far).div(count);
}

/** The options of a method that has one, of so many layers by default. */
export const discriminatorOptions = (layers: number) => ({
  width: number("hidden units of each of the discriminator's layers", 256, {
    min: 1,
    integer: true,
    max: 10_000,
  }),
  layers: number("the discriminator's layers", layers, { min: 1, integer: true, max: 20 }),
  rate: number("the discriminator's learning rate, times the model's", 1),
});

/** −½ log D(first) − ½ log(1 − D(second)) of logits, `(batch,)`: what a discriminator lowers. */
export const discriminatorLoss = (first: Tensor, second: Tensor): Tensor =>
  first.neg().softplus().add(second.softplus()).mul(0.5);

/** Whether rows are of one sort or another, as a logit `(batch,)`: an adversary's network. */
export function discriminator(
  parameters: Parameters,
  x: Tensor,
  { width, layers }: { width: number; layers: number },
): Tensor {
  const sizes = new Array<number>(layers).fill(width);
  const hidden = mlp(parameters, "discriminator", x, sizes, "leakyRelu");
  const logit = linear(parameters, "discriminator.output", hidden, 1);
  return logit.reshape([x.shape[0]!]);
}
