// Priors that are mixtures of a family of posteriors: of Gaussians, and the VampPrior.
import { BATCH, constant, type Tensor } from "../../graph/index.ts";
import { bounded, LOGIT_BOUNDS } from "../bounds.ts";
import { chosen, type FixedDraw, levelAt } from "../fixed-noise.ts";
import { diagonalGaussian } from "../posteriors/diagonal-gaussian.ts";
import type { Posterior } from "../posteriors/posterior.ts";
import type { Prior } from "./prior.ts";

/** log q(z | k) of each component, `(batch, components)`. */
function eachLogProb(family: Posterior, z: Tensor, components: readonly Tensor[]): Tensor {
  return family.logProb(z.reshape(z.shape.toSpliced(-1, 0, 1)), components);
}

/** A draw of the component that the first even number chooses, by what noise is left. */
function fixedDrawOf(
  family: Posterior,
  components: number,
  split: (parameters: readonly Tensor[]) => { shares: Tensor; parts: readonly Tensor[] },
): FixedDraw {
  const { normal, uniform } = family.noise;
  return {
    noise: { normal, uniform: 1 + uniform },
    draw(parameters, noise) {
      const { shares, parts } = split(parameters);
      const choice = noise.uniform!.slice(1, 0, 1);
      const rest = uniform > 0 ? noise.uniform!.slice(1, 1, 1 + uniform) : null;
      const code = levelAt(shares.reshape([1, 1, components]), choice);
      const one = chosen(code, components).reshape([BATCH, components]);
      const own = parts.map((part) => one.matmul(part));
      return family.draw(own, { normal: noise.normal, uniform: rest }).z;
    },
  };
}

/**
 * Σₖ wₖ N(z; μₖ, diag σₖ²), w the softmax of `logits`, all learned. Means begin evenly within ±1,
 * apart from one another; else all components would learn the same.
 * @param components how many Gaussians, K; parameters are `(K,)`, `(K, latent)` and `(K, latent)`.
 */
export function gaussianMixture(latent: number, components: number): Prior {
  const family = diagonalGaussian(latent);
  return {
    name: "gaussian-mixture",
    space: family.space,
    latent,
    parameters: [
      { name: "logits", shape: [components], initializer: { value: 0 } },
      { name: "mean", shape: [components, latent], initializer: { uniform: 1 } },
      { name: "logVariance", shape: [components, latent], initializer: { value: 0 } },
    ],
    logProb(z, [logits, ...parts]) {
      const logWeights = bounded(logits!, LOGIT_BOUNDS).logSoftmax(-1);
      return eachLogProb(family, z, parts).add(logWeights).logSumExp(-1);
    },
    fixedDraw: fixedDrawOf(family, components, ([logits, ...parts]) => ({
      shares: bounded(logits!, LOGIT_BOUNDS).softmax(-1),
      parts,
    })),
  };
}

/** p(k | z) of each component of a `gaussianMixture`, `(batch, components)`, by its parameters. */
export function gaussianShares(z: Tensor, [logits, ...parts]: readonly Tensor[]): Tensor {
  const family = diagonalGaussian(z.shape[1] as number);
  const logWeights = bounded(logits!, LOGIT_BOUNDS).logSoftmax(-1);
  return eachLogProb(family, z, parts).add(logWeights).softmax(-1);
}

/**
 * 1/K Σₖ q(z | uₖ), the posterior at K learned pseudo-inputs uₖ (Tomczak and Welling 2018, "VAE with
 * a VampPrior", equation 9). Its parameters are the posterior's, `(K, size)` each, which the model
 * computes by its encoder.
 */
export function vampPrior(posterior: Posterior, components: number): Prior {
  return {
    name: "vamp",
    space: posterior.space,
    latent: posterior.latent,
    parameters: posterior.parameters.map(({ name, size }) => ({
      name,
      shape: [components, size],
      initializer: null,
    })),
    logProb: (z, parts) => eachLogProb(posterior, z, parts).logSumExp(-1).sub(Math.log(components)),
    fixedDraw: fixedDrawOf(posterior, components, (parts) => ({
      shares: constant(new Float32Array(components).fill(1 / components)),
      parts,
    })),
  };
}
