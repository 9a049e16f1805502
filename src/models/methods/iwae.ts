// Bounds of many draws. The importance-weighted autoencoder (Burda et al. 2016, Importance Weighted
// Autoencoders, equation 8): log (1/K) Σₖ p(x, zₖ) / q(zₖ | x) of K draws of the posterior. Of the
// bounds of Rainforth et al. 2018, Tighter Variational Bounds are Not Necessarily Better: the MIWAE
// (equation 8) is the mean of M such bounds, the CIWAE (equation 9) λ·ELBO + (1 − λ)·IWAE.
// Outside training the loss is the same bound, by which the best epoch is chosen; all else is the ELBO's.
import { BATCH, type Tensor } from "../../graph/index.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { repeatRows } from "../body.ts";
import { choice, number } from "../method-options.ts";
import { type ModelInput, method, type RowTerms } from "../model.ts";
import { noiseFor, posteriorOf, variational } from "../variational.ts";

const whole = { min: 1, integer: true, max: 10_000 } as const;

type Options = Readonly<{
  samples: number;
  bound: "iwae" | "miwae" | "ciwae";
  groups: number;
  combination: number;
}>;

/** The bound that is lowered, of draws of each row side by side. */
function boundOf({ body, noise, options }: ModelInput<Options>): RowTerms {
  const { latent } = body.config;
  const family = diagonalGaussian(latent);
  const prior = standardNormal(latent);
  const groups = options.bound === "miwae" ? options.groups : 1;
  const draws = groups * options.samples;
  const posterior = posteriorOf(body, family);
  const { normal } = noiseFor(family, noise, draws);
  const { z, logProb } = family.draw(
    posterior.map((parameter) => repeatRows(parameter, draws)),
    { normal: normal!.reshape([-draws, latent]), uniform: null },
  );
  const each = body.repeated(draws);
  const logProbs = each.logProbs(each.decode(z));
  const ofDraws = (rows: Tensor) =>
    rows
      .reshape([BATCH, draws])
      .sum(1)
      .mul(1 / draws);
  const likelihood = each.total(logProbs, "data")!;
  const target = each.total(logProbs, "target");
  const ratio = logProb.sub(prior.logProb(z, []));
  const logWeights = (target ? likelihood.add(target) : likelihood).sub(ratio);
  const bound = logWeights
    .reshape([BATCH, groups, options.samples])
    .logSumExp(2)
    .sub(Math.log(options.samples))
    .sum(1)
    .mul(1 / groups);
  const share = options.bound === "ciwae" ? options.combination : 0;
  const loss = bound.mul(share - 1).sub(ofDraws(logWeights).mul(share));
  return {
    loss,
    reconstruction: ofDraws(likelihood).neg(),
    target: target && ofDraws(target).neg(),
    logProbs,
    kl: ofDraws(ratio).reshape([BATCH, 1]),
    mean: family.mean(posterior),
    standardDeviation: family.standardDeviation(posterior),
    latent: null,
    logWeight: null,
  };
}

export const iwae = method({
  title: "IWAE",
  summary: "a tighter bound by several weighted draws of each row; also MIWAE and CIWAE",
  paper: "Burda et al. 2016, Importance Weighted Autoencoders",
  probabilistic: true,
  hasKl: false,
  options: {
    samples: number("K, the draws in a bound", 8, whole),
    bound: choice("of the draws", ["iwae", "miwae", "ciwae"]),
    groups: number("M, the bounds that miwae takes the mean of", 4, {
      ...{ ...whole, of: ["bound", ["miwae"]] },
    }),
    combination: number("λ, the ELBO's share in ciwae", 0.5, { max: 1, of: ["bound", ["ciwae"]] }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const bound = boundOf(input);
    if (input.training) return bound;
    const { latent } = input.body.config;
    const family = diagonalGaussian(latent);
    const terms = variational(input, family, { prior: standardNormal(latent), parameters: [] });
    return { ...terms, loss: bound.loss };
  },
});
