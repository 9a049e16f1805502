// The hierarchical VAE with top-down inference (Sønderby et al. 2016, Ladder Variational
// Autoencoders): levels of latents of which each is drawn given those above it,
//   p(z) = p(z_L) Πₗ p(zₗ | zₗ₊₁),   q(z | x) = q(z_L | x) Πₗ q(zₗ | x, zₗ₊₁),
// where posterior and prior share the way down. Each q is told relative to its p, q = N(μₗ + σₗ·Δμₗ,
// (σₗ·Δσₗ)²), from the encoder's hidden vector beside the draw above (Vahdat and Kautz 2020, NVAE, section
// 3.2, with Δμ in units of σ). The paper's own q, the product of the row's Gaussian and p, counts a row's
// Gaussian that says nothing yet as much as p itself, and leaves levels below unused. p(z_L) is N(0, I), or
// the mean of q(z_L | uₖ) at K pseudo-inputs (Tomczak and Welling 2018, VAE with a VampPrior, section 4). The
// decoder sees all levels. `latent` counts all; each level has half of the one above.
import { concat, type Tensor } from "../../graph/index.ts";
import { beside } from "../../nn/network.ts";
import { diagonalGaussian, type Posterior } from "../../prob/posteriors/index.ts";
import { kl, productPrior, standardNormal } from "../../prob/priors/index.ts";
import type { Body } from "../body.ts";
import { balancedKl, elboLoss } from "../kl.ts";
import {
  expected,
  type Levels,
  levelSizes,
  levelsRefused,
  placed,
  posteriorAt,
  wayDown,
} from "../levels.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";
import { priorAtPseudoInputs } from "../pseudo-inputs.ts";

interface Options {
  levels: number;
  width: number;
  balance: "no" | "yes";
  prior: "normal" | "vamp";
  components: number;
}

const levelsOf = ({ config }: Body, { levels, width }: Options): Levels => ({
  sizes: levelSizes(config.latent, levels),
  width,
});

/** The prior of where latents stand in each level, the lowest first. */
function priorsOf(body: Body, options: Options) {
  const levels = levelsOf(body, options);
  const top = levels.sizes.length - 1;
  return levels.sizes.map((size, l) => {
    if (l < top || options.prior === "normal")
      return { prior: standardNormal(size), parameters: [] };
    return priorAtPseudoInputs(body, diagonalGaussian(size), options.components, (hidden) =>
      posteriorAt(body, l, hidden, undefined, levels),
    );
  });
}

/**
 * The way down of rows' posteriors, the lowest level first.
 * @param at where latents of level l stand in their prior: drawn, or at the mean.
 */
function waysDown<Place extends { z: Tensor }>(
  body: Body,
  options: Options,
  at: (family: Posterior, parameters: readonly Tensor[], l: number) => Place,
) {
  const levels = levelsOf(body, options);
  const hidden = body.encode();
  const drawn: { z: Tensor; place: Place; parameters: Tensor[]; standardDeviation: Tensor }[] = [];
  for (const [l, size] of [...levels.sizes.entries()].reverse()) {
    const above = drawn[0]?.z;
    const family = diagonalGaussian(size);
    const parameters = posteriorAt(body, l, hidden, above, levels);
    const place = at(family, parameters, l);
    const p = above && expected(body, l, above, levels);
    const deviation = family.standardDeviation(parameters)!;
    drawn.unshift({
      ...{ place, parameters, z: p ? placed(p, place.z) : place.z },
      standardDeviation: p ? deviation.mul(p.logVariance.mul(0.5).exp()) : deviation,
    });
  }
  return drawn;
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
    prior: choice("of the top level; vamp: the posterior at pseudo-inputs", ["normal", "vamp"]),
    components: number("K, how many pseudo-inputs vamp has", 100, {
      ...{ min: 1, integer: true, max: 10_000, of: ["prior", ["vamp"]] },
    }),
  },
  refuses({ levels, balance }, { latent, klRises }) {
    const refused = levelsRefused("ladder-vae", levels, latent);
    if (refused) return refused;
    if (balance === "no" || klRises) return null;
    return {
      message:
        "balance of ladder-vae is of the steps in which the KL's weight rises to 1, received yes, and there are none",
      hint: "Give --warmup 1 or more, or leave balance out.",
    };
  },
  prior(body, options) {
    const { latent } = body.config;
    if (options.prior === "normal") return { prior: standardNormal(latent), parameters: [] };
    const priors = priorsOf(body, options);
    return {
      prior: productPrior(priors.map(({ prior }) => prior)),
      parameters: priors.flatMap(({ parameters }) => parameters),
    };
  },
  fromPrior(body, drawn, options) {
    const levels = levelsOf(body, options);
    return concat(wayDown(body, drawn.split(1, levels.sizes), 0, levels), 1);
  },
  levels(body, options) {
    const levels = levelsOf(body, options);
    const hidden = body.encode();
    return levels.sizes.map((size, l) => ({
      size,
      posterior(drawn) {
        const above = wayDown(body, drawn, l + 1, levels)[0];
        const parameters = posteriorAt(body, l, hidden, above, levels);
        const family = diagonalGaussian(size);
        return {
          mean: family.mean(parameters),
          standardDeviation: family.standardDeviation(parameters)!,
        };
      },
    }));
  },
  terms(input) {
    const { body, noise, options } = input;
    const noises = noise.normal(body.config.latent).split(1, levelsOf(body, options).sizes);
    const levels = waysDown(body, options, (family, parameters, l) => ({
      family,
      ...family.draw(parameters, { normal: noises[l]!, uniform: null }),
    }));
    const latent = beside(...levels.map(({ z }) => z));
    const logProbs = body.logProbs(body.decode(latent));
    const likelihood = body.total(logProbs, "data")!;
    const priors = priorsOf(body, options);
    // Of where latents stand in their priors: the change to z is the same for p and q.
    const logWeight = levels
      .map(({ place: { z, logProb } }, l) =>
        priors[l]!.prior.logProb(z, priors[l]!.parameters).sub(logProb),
      )
      .reduce((sum, ratio) => sum.add(ratio), likelihood);
    const kls = levels.map(({ place, parameters }, l) => {
      const { prior, parameters: own } = priors[l]!;
      return kl(place.family, parameters, prior, own, place);
    });
    // Along the means, so that a row's posterior is the same whatever was drawn.
    const still = waysDown(body, options, (family, parameters) => ({ z: family.mean(parameters) }));
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: beside(...kls),
      mean: beside(...still.map(({ z }) => z)),
      standardDeviation: beside(...still.map(({ standardDeviation }) => standardDeviation)),
      latent,
      logWeight,
    };
    const counted = options.balance === "yes" ? { ...terms, kl: balancedKl(kls, input) } : terms;
    return { ...terms, ...elboLoss(counted, input) };
  },
});
