// The hierarchical VAE with top-down inference (Sønderby et al. 2016, Ladder Variational
// Autoencoders): levels of latents of which each is drawn given those above it,
//   p(z) = p(z_L) Πₗ p(zₗ | zₗ₊₁),   q(z | x) = q(z_L | x) Πₗ q(zₗ | x, zₗ₊₁),
// where posterior and prior share the way down. Each q is told relative to its p, q = N(μₗ + σₗ·Δμₗ,
// (σₗ·Δσₗ)²), from what the way up has of the row beside the draw above (Vahdat and Kautz 2020, NVAE,
// section 3.2, with Δμ in units of σ). The paper's own q, the product of the row's Gaussian and p,
// counts a row's Gaussian that says nothing yet as much as p itself, and leaves levels below unused.
// The decoder sees all levels. `latent` counts all; each level has half of the one below.

import { concat, type Tensor } from "../../graph/index.ts";
import { linearHeads } from "../../nn/layers.ts";
import { beside, mlp } from "../../nn/network.ts";
import { bounded } from "../../prob/bounds.ts";
import { gaussianKl, standardizedLogProb } from "../../prob/gaussian.ts";
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

/** LeCun's uniform weights that keep a signal's size (1998, section 4.6): the way is long. */
const GAIN = Math.sqrt(3);

function hiddenOf({ parameters, config }: Body, name: string, x: Tensor, width: number): Tensor {
  return mlp(parameters, name, x, [width], config.activation, GAIN);
}

/** @param gain see `linear`. */
function gaussianOf(
  { parameters }: Body,
  name: string,
  x: Tensor,
  size: number,
  gain = 1,
): Gaussian {
  const [mean, raw] = linearHeads(parameters, name, x, [size, size], gain);
  return { mean: mean!, logVariance: bounded(raw!, LOG_VARIANCE_BOUNDS) };
}

/** What a level expects of latents, given those of the level above; at first nearly N(0, 1). */
function expected(body: Body, l: number, above: Tensor, size: number, width: number): Gaussian {
  const hidden = hiddenOf(body, `decoder.level${l}`, above, width);
  return gaussianOf(body, `decoder.level${l}.prior`, hidden, size, 0);
}

/** Latents that stand at u, counted from p's mean in p's deviations. */
const placed = ({ mean, logVariance }: Gaussian, u: Tensor) =>
  mean.add(logVariance.mul(0.5).exp().mul(u));

/** The latents of levels from `first` up, by where they stand in their priors; lowest level first. */
function wayDown(body: Body, u: readonly Tensor[], first: number, { levels, width }: Options) {
  const sizes = levelSizes(body.config.latent, levels);
  const z: Tensor[] = [];
  for (let l = sizes.length - 1; l >= first; l--) {
    const [above, here] = [z[0], u[l - first]!];
    z.unshift(above ? placed(expected(body, l, above, sizes[l]!, width), here) : here);
  }
  return z;
}

/** Draws of every level given the one above, lowest level first, from standard normal noise. */
function fromPrior(body: Body, noise: Tensor, options: Options): Tensor {
  const sizes = levelSizes(body.config.latent, options.levels);
  return concat(wayDown(body, noise.split(1, sizes), 0, options), 1);
}

/** The way up: what the row says to each level. */
function wayUp(body: Body, { levels, width }: Options): Tensor[] {
  let hidden = body.encode();
  return levelSizes(body.config.latent, levels).map((_, l) => {
    if (l > 0) hidden = hiddenOf(body, `encoder.level${l}`, hidden, width);
    return hidden;
  });
}

/** The posterior of where a level's latents stand in their prior, given those of the level above. */
function posteriorAt(
  body: Body,
  l: number,
  seen: Tensor,
  above: Tensor | undefined,
  { levels, width }: Options,
): Gaussian {
  const size = levelSizes(body.config.latent, levels)[l]!;
  const joint = above ? hiddenOf(body, `encoder.joint${l}`, beside(seen, above), width) : seen;
  return gaussianOf(body, `encoder.posterior${l}`, joint, size);
}

export const ladderVae = method({
  title: "ladder VAE",
  summary: "levels of latents, each drawn given those above it",
  paper: "Sønderby et al. 2016, Ladder Variational Autoencoders",
  probabilistic: true,
  hasKl: true,
  warmup: 0.1,
  options: {
    levels: number("L, how many levels share the latents", 2, { min: 1, integer: true, max: 20 }),
    balance: choice("KL balanced between levels while its weight rises (NVAE)", ["no", "yes"]),
    width: number("hidden units between levels", 128, { min: 1, integer: true, max: 10_000 }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  fromPrior,
  levels(body, options) {
    const seen = wayUp(body, options);
    return levelSizes(body.config.latent, options.levels).map((size, l) => ({
      size,
      posterior(drawn) {
        const above = wayDown(body, drawn, l + 1, options)[0];
        const { mean, logVariance } = posteriorAt(body, l, seen[l]!, above, options);
        return { mean, standardDeviation: logVariance.mul(0.5).exp() };
      },
    }));
  },
  terms(input) {
    const { body, noise, options } = input;
    const { latent: count } = body.config;
    const sizes = levelSizes(count, options.levels);
    const noises = noise.normal(count).split(1, sizes);
    const seen = wayUp(body, options);
    /** The way down, with noise or along the means. */
    const down = (noisy: boolean) => {
      const levels: { z: Tensor; u: Tensor; apart: Gaussian; deviation: Tensor }[] = [];
      for (let l = sizes.length - 1; l >= 0; l--) {
        const [size, above] = [sizes[l]!, levels[0]?.z];
        const apart = posteriorAt(body, l, seen[l]!, above, options);
        const p = above && expected(body, l, above, size, options.width);
        const u = noisy ? placed(apart, noises[l]!) : apart.mean;
        const spread = p ? apart.logVariance.add(p.logVariance) : apart.logVariance;
        const deviation = spread.mul(0.5).exp();
        levels.unshift({ z: p ? placed(p, u) : u, u, apart, deviation });
      }
      return levels;
    };
    const levels = down(true);
    const all = (of: (level: (typeof levels)[number]) => Tensor) => beside(...levels.map(of));
    const latent = all(({ z }) => z);
    const logProbs = body.logProbs(body.decode(latent));
    const likelihood = body.total(logProbs, "data")!;
    // Of u: the change to z is the same for p and q.
    const ratio = levels
      .map(({ u, apart: { logVariance } }, l) => {
        const logScale = logVariance.mul(0.5);
        return standardizedLogProb(u, logScale.mul(0))
          .sub(standardizedLogProb(noises[l]!, logScale))
          .sum(1);
      })
      .reduce((sum, part) => sum.add(part));
    const kls = levels.map(({ apart }) => gaussianKl(apart.mean, apart.logVariance));
    // Along the means, so that a row's posterior is the same whatever was drawn.
    const still = down(false);
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: beside(...kls),
      mean: beside(...still.map(({ z }) => z)),
      standardDeviation: beside(...still.map(({ deviation }) => deviation)),
      latent,
      logWeight: likelihood.add(ratio),
    };
    const counted = options.balance === "yes" ? { ...terms, kl: balancedKl(kls, input) } : terms;
    return { ...terms, ...elboLoss(counted, input) };
  },
});
