// The hierarchical VAE with top-down inference (Sønderby et al. 2016, Ladder Variational
// Autoencoders): levels of latents of which each is drawn given those above it,
//   p(z) = p(z_L) Πₗ p(zₗ | zₗ₊₁),   q(zₗ | x, zₗ₊₁) ∝ N(μ̂ₗ, σ̂ₗ²)·p(zₗ | zₗ₊₁)  (equations 17 to 19),
// the row's own Gaussian of each level, from the way up, times what the way down expects, by their
// precisions. The decoder sees all levels. `latent` counts all; each level has half of the one below.

import { concat, type Tensor } from "../../graph/index.ts";
import { linearHeads } from "../../nn/layers.ts";
import { beside, mlp } from "../../nn/network.ts";
import { bounded } from "../../prob/bounds.ts";
import { standardizedLogProb } from "../../prob/gaussian.ts";
import { LOG_VARIANCE_BOUNDS } from "../../prob/posteriors/diagonal-gaussian.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import type { Body } from "../body.ts";
import { balancedKl, elboLoss } from "../kl.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";

interface Options {
  levels: number;
  width: number;
  balance: "no" | "yes";
}

/** Latents of each level from the lowest, which sum to all; each level has one at least. */
export function levelSizes(latent: number, levels: number): number[] {
  const count = Math.min(levels, latent);
  const shares = Array.from({ length: count }, (_, l) => 2 ** -l);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const above = shares.slice(1).map((s) => Math.max(1, Math.floor((latent * s) / whole)));
  return [latent - above.reduce((sum, size) => sum + size, 0), ...above];
}

interface Gaussian {
  mean: Tensor;
  logVariance: Tensor;
}

/** What a level expects of latents, given those of the level above. */
function expected(
  { parameters, config }: Body,
  l: number,
  above: Tensor,
  size: number,
  width: number,
): Gaussian {
  const hidden = mlp(parameters, `decoder.level${l}`, above, [width], config.activation);
  const [mean, raw] = linearHeads(parameters, `decoder.level${l}.prior`, hidden, [size, size]);
  return { mean: mean!, logVariance: bounded(raw!, LOG_VARIANCE_BOUNDS) };
}

/** The product of two Gaussians, by their precisions. */
function product(a: Gaussian, b: Gaussian): Gaussian {
  const [p, q] = [a.logVariance.neg().exp(), b.logVariance.neg().exp()];
  const precision = p.add(q);
  return {
    mean: a.mean.mul(p).add(b.mean.mul(q)).div(precision),
    logVariance: precision.log().neg(),
  };
}

const drawn = ({ mean, logVariance }: Gaussian, noise: Tensor) =>
  mean.add(logVariance.mul(0.5).exp().mul(noise));

/** KL of one Gaussian from another, of each latent. */
function klOf(q: Gaussian, p: Gaussian): Tensor {
  const far = q.mean.sub(p.mean).square().add(q.logVariance.exp());
  return p.logVariance.sub(q.logVariance).add(far.mul(p.logVariance.neg().exp())).sub(1).mul(0.5);
}

/** Draws of every level given the one above, lowest level first, from standard normal noise. */
function fromPrior(body: Body, noise: Tensor, { levels, width }: Options): Tensor {
  const sizes = levelSizes(body.config.latent, levels);
  const parts = noise.split(1, sizes);
  const z: Tensor[] = [];
  for (let l = sizes.length - 1; l >= 0; l--) {
    const above = z[0];
    const level = above ? drawn(expected(body, l, above, sizes[l]!, width), parts[l]!) : parts[l]!;
    z.unshift(level);
  }
  return concat(z, 1);
}

const logNormal = ({ mean, logVariance }: Gaussian, z: Tensor) => {
  const logScale = logVariance.mul(0.5);
  return standardizedLogProb(z.sub(mean).mul(logScale.neg().exp()), logScale).sum(1);
};

export const ladderVae = method({
  title: "ladder VAE",
  summary: "levels of latents, each drawn given those above it",
  paper: "Sønderby et al. 2016, Ladder Variational Autoencoders",
  probabilistic: true,
  hasKl: true,
  options: {
    levels: number("L, how many levels share the latents", 2, { min: 1, integer: true, max: 20 }),
    balance: choice("KL balanced between levels while its weight rises (NVAE)", ["no", "yes"]),
    width: number("hidden units between levels", 128, { min: 1, integer: true, max: 10_000 }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  fromPrior,
  terms(input) {
    const { body, noise, options } = input;
    const { parameters, config } = body;
    const sizes = levelSizes(config.latent, options.levels);
    const noises = noise.normal(config.latent).split(1, sizes);
    // The way up: what the row says of each level.
    let hidden = body.encode();
    const own = sizes.map((size, l): Gaussian => {
      if (l > 0) {
        hidden = mlp(parameters, `encoder.level${l}`, hidden, [options.width], config.activation);
      }
      const [mean, raw] = linearHeads(parameters, `encoder.posterior${l}`, hidden, [size, size]);
      return { mean: mean!, logVariance: bounded(raw!, LOG_VARIANCE_BOUNDS) };
    });
    /** The way down, with noise or along the means. */
    const down = (noisy: boolean) => {
      const levels: { z: Tensor; q: Gaussian; p: Gaussian }[] = [];
      for (let l = sizes.length - 1; l >= 0; l--) {
        const above = levels[0]?.z;
        const zero = own[l]!.mean.mul(0);
        const p = above
          ? expected(body, l, above, sizes[l]!, options.width)
          : { mean: zero, logVariance: zero };
        const q = above ? product(own[l]!, p) : own[l]!;
        levels.unshift({ q, p, z: noisy ? drawn(q, noises[l]!) : q.mean });
      }
      return levels;
    };
    const levels = down(true);
    const all = (of: (level: (typeof levels)[number]) => Tensor) => beside(...levels.map(of));
    const latent = all(({ z }) => z);
    const logProbs = body.logProbs(body.decode(latent));
    const likelihood = body.total(logProbs, "data")!;
    const ratio = levels
      .map(({ z, q, p }) => logNormal(p, z).sub(logNormal(q, z)))
      .reduce((sum, part) => sum.add(part));
    // Along the means, so that a row's posterior is the same whatever was drawn.
    const still = down(false);
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: all(({ q, p }) => klOf(q, p)),
      mean: beside(...still.map(({ z }) => z)),
      standardDeviation: beside(...still.map(({ q }) => q.logVariance.mul(0.5).exp())),
      latent,
      logWeight: likelihood.add(ratio),
    };
    const counted =
      options.balance === "yes"
        ? {
            ...terms,
            kl: balancedKl(
              levels.map(({ q, p }) => klOf(q, p)),
              input,
            ),
          }
        : terms;
    return { ...terms, ...elboLoss(counted, input) };
  },
});
