// The InfoVAE (Zhao et al. 2019, InfoVAE: Balancing Learning and Inference in Variational
// Autoencoders, equation 6), with the maximum mean discrepancy as its divergence:
//   −log p(x | z) + (1 − α)·KL(q(z | x) ‖ p(z)) + (α + λ − 1)·MMD(q(z) ‖ p(z)).
// α = 1 is the MMD-VAE, α = 0 and λ = 1 the VAE. MMD is squared and of the batch's draws.
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { dataLoss, elboLoss, klLoss } from "../kl.ts";
import { mmd, mmdKernels } from "../latent-losses.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const infoVae = method({
  title: "InfoVAE",
  summary:
    "latents that keep what they tell of the row, near the prior as a whole; with alpha 1, the MMD-VAE",
  paper: "Zhao et al. 2019, InfoVAE: Balancing Learning and Inference in Variational Autoencoders",
  probabilistic: true,
  hasKl: true,
  options: {
    alpha: number("α: 1 less the weight of the KL", 0, { max: 1 }),
    lambda: number("λ: with α, less 1, the weight of the MMD", 100, { min: 1 }),
    kernel: choice("of the MMD", mmdKernels),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, noise, options, training, klWeight } = input;
    const { latent } = body.config;
    const prior = { prior: standardNormal(latent), parameters: [] };
    const terms = variational(input, diagonalGaussian(latent), prior);
    if (!training) return { ...terms, ...elboLoss(terms, input) };
    const { alpha, lambda, kernel } = options;
    const data = dataLoss(terms);
    const part = klLoss(terms.kl, { ...input, klWeight: klWeight.mul(1 - alpha) });
    const penalty = mmd(terms.drawn.z, noise.normal(latent), kernel).mul(alpha + lambda - 1);
    return {
      ...terms,
      loss: "rows" in part ? data.add(part.rows) : data,
      batchLoss: "batch" in part ? penalty.add(part.batch) : penalty,
    };
  },
});
