// The hierarchical VAE that Bit-Swap codes by (Kingma, Abbeel and Ho 2019, Bit-Swap, section 3): levels of
// latents in a Markov chain, inferred from the row up,
//   p(x, z) = p(x | z₁) Πₗ p(zₗ | zₗ₊₁) p(z_L),   q(z | x) = q(z₁ | x) Πₗ q(zₗ₊₁ | zₗ),
// all of them Gaussians, p(z_L) = N(0, I). As each level is inferred from the one below alone and explained by
// the one above, latents can be coded level by level; see src/codec/bit-swap.ts. The decoder sees the lowest
// level. `latent` counts all; levels are alike.
import { concat, type Tensor } from "../../graph/index.ts";
import { beside } from "../../nn/network.ts";
import { gaussianLogProb } from "../../prob/gaussian.ts";
import { diagonalGaussian, type Posterior } from "../../prob/posteriors/index.ts";
import { kl, standardNormal } from "../../prob/priors/index.ts";
import type { Body } from "../body.ts";
import { elboLoss } from "../kl.ts";
import {
  evenSizes,
  expected,
  type Levels,
  levelsRefused,
  posteriorAt,
  wayDown,
} from "../levels.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

interface Options {
  levels: number;
  width: number;
}

const levelsOf = ({ config }: Body, { levels, width }: Options): Levels => ({
  sizes: evenSizes(config.latent, levels),
  width,
});

/** Parameters of q of a level: given the row on the lowest, else given the draw below. */
const inferred = (body: Body, l: number, below: Tensor | undefined, levels: Levels) =>
  posteriorAt(body, l, below ? null : body.encode(), below, levels);

/**
 * The way up of rows' posteriors, the lowest level first.
 * @param at where latents of level l are: drawn, or at the mean.
 */
function wayUp<Place extends { z: Tensor }>(
  body: Body,
  levels: Levels,
  at: (family: Posterior, parameters: readonly Tensor[], l: number) => Place,
) {
  const drawn: (Place & { family: Posterior; parameters: Tensor[] })[] = [];
  for (const [l, size] of levels.sizes.entries()) {
    const family = diagonalGaussian(size);
    const parameters = inferred(body, l, drawn.at(-1)?.z, levels);
    drawn.push({ ...at(family, parameters, l), family, parameters });
  }
  return drawn;
}

export const bitSwap = method({
  title: "Bit-Swap VAE",
  summary: "a chain of levels inferred from the row up, each from the one below, as Bit-Swap codes",
  paper:
    "Kingma et al. 2019, Bit-Swap: Recursive Bits-Back Coding for Lossless Compression with Hierarchical Latent Variables",
  probabilistic: true,
  hasKl: true,
  warmup: 0.1,
  options: {
    levels: number("L, how many levels share the latents", 2, { min: 1, integer: true, max: 20 }),
    width: number("hidden units between levels", 128, { min: 1, integer: true, max: 10_000 }),
  },
  refuses: ({ levels }, { latent }) => levelsRefused("bit-swap", levels, latent),
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  fromPrior(body, drawn, options) {
    const levels = levelsOf(body, options);
    return concat(wayDown(body, drawn.split(1, levels.sizes), 0, levels), 1);
  },
  decode(body, latents, options) {
    return body.decode(latents.slice(1, 0, levelsOf(body, options).sizes[0]!));
  },
  chain(body, options) {
    const levels = levelsOf(body, options);
    return levels.sizes.map((size, l) => ({
      size,
      posterior(below) {
        const family = diagonalGaussian(size);
        const parameters = inferred(body, l, below, levels);
        return {
          mean: family.mean(parameters),
          standardDeviation: family.standardDeviation(parameters)!,
        };
      },
      prior(above) {
        const { mean, logVariance } = expected(body, l, above, levels);
        return { mean, standardDeviation: logVariance.mul(0.5).exp() };
      },
    }));
  },
  terms(input) {
    const { body, noise, options } = input;
    const levels = levelsOf(body, options);
    const noises = noise.normal(body.config.latent).split(1, levels.sizes);
    const drawn = wayUp(body, levels, (family, parameters, l) =>
      family.draw(parameters, { normal: noises[l]!, uniform: null }),
    );
    const logProbs = body.logProbs(body.decode(drawn[0]!.z));
    const likelihood = body.total(logProbs, "data")!;
    const top = drawn.at(-1)!;
    const prior = standardNormal(top.family.latent);
    // Of each latent below the top log p(zₗ | zₗ₊₁): its mean over draws above has no closed form.
    const explained = drawn.slice(0, -1).map(({ z }, l) => {
      const { mean, logVariance } = expected(body, l, drawn[l + 1]!.z, levels);
      return gaussianLogProb(z, mean, logVariance.mul(0.5));
    });
    const logPrior = [...explained.map((each) => each.sum(1)), prior.logProb(top.z, [])];
    const kls = drawn.map(({ family, parameters, ...place }, l) => {
      const p = explained[l];
      if (!p) return kl(family, parameters, prior, [], place);
      const logDeviation = family.standardDeviation(parameters)!.log();
      return gaussianLogProb(place.z, family.mean(parameters), logDeviation).sub(p);
    });
    // Along the means, so that a row's posterior is the same whatever was drawn.
    const still = wayUp(body, levels, (family, parameters) => ({ z: family.mean(parameters) }));
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: beside(...kls),
      mean: beside(...still.map(({ z }) => z)),
      standardDeviation: beside(
        ...still.map(({ family, parameters }) => family.standardDeviation(parameters)!),
      ),
      latent: beside(...drawn.map(({ z }) => z)),
      logWeight: drawn.reduce(
        (sum, { logProb }, l) => sum.add(logPrior[l]!).sub(logProb),
        likelihood,
      ),
    };
    return { ...terms, ...elboLoss(terms, input) };
  },
});
