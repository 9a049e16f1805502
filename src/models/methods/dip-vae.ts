// The DIP-VAE (Kumar et al. 2018, Variational Inference of Disentangled Latent Concepts from
// Unlabeled Observations): the ELBO and, of a covariance C of the batch's latents,
//   λ_od Σ_{i≠j} C_ij² + λ_d Σ_i (C_ii − 1)²  (equations 6 and 7),
// where C is that of the posterior means (DIP-VAE-I), or of the latents themselves, to which the
// posteriors' variances add (DIP-VAE-II).
import { constant } from "../../graph/index.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { elboLoss } from "../kl.ts";
import { covariance } from "../latent-losses.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const dipVae = method({
  title: "DIP-VAE",
  summary: "latents without covariance over the rows",
  paper:
    "Kumar et al. 2018, Variational Inference of Disentangled Latent Concepts from Unlabeled Observations",
  probabilistic: true,
  hasKl: true,
  options: {
    of: choice("whether posterior means (DIP-VAE-I) or latents (DIP-VAE-II) are uncorrelated", [
      "means",
      "latents",
    ]),
    "off-diagonal": number("λ_od, the weight of covariances", 10),
    diagonal: number("λ_d, the weight of variances that are not 1", 100),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, options, training, average } = input;
    const { latent } = body.config;
    const prior = { prior: standardNormal(latent), parameters: [] };
    const terms = variational(input, diagonalGaussian(latent), prior);
    const bound = elboLoss(terms, input);
    if (!training) return { ...terms, ...bound };
    const places = Array.from({ length: latent ** 2 }, (_, i) => i % (latent + 1) === 0);
    const identity = constant(
      places.map((diagonal) => +diagonal),
      [latent, latent],
    );
    const weights = constant(
      places.map((diagonal) => options[diagonal ? "diagonal" : "off-diagonal"]),
      [latent, latent],
    );
    const ofMeans = covariance(terms.mean);
    const variances = average(terms.standardDeviation!.square());
    const matrix = options.of === "means" ? ofMeans : ofMeans.add(identity.mul(variances));
    const penalty = matrix.sub(identity).square().mul(weights).sum();
    return { ...terms, ...bound, batchLoss: bound.batchLoss?.add(penalty) ?? penalty };
  },
});
