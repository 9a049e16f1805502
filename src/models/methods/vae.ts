// The variational autoencoder (Kingma and Welling 2014, Auto-Encoding Variational Bayes). The loss
// is the negative of equation 3 with one draw z = μ + σ·ε of the posterior q(z | x) = N(μ, σ²):
//   −log p(x | z) + β · KL(q(z | x) ‖ N(0, I)),
// in nats for each row, summed over dimensions. β = 1 is the ELBO; others are the β-VAE (Higgins
// et al. 2017, equation 4). Targets y add −log p(y | z).
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { elboLoss } from "../kl.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const vae = method({
  title: "VAE",
  summary: "a Gaussian posterior under a standard normal prior; with --beta, the β-VAE",
  paper: "Kingma and Welling 2014, Auto-Encoding Variational Bayes",
  probabilistic: true,
  hasKl: true,
  options: {},
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { latent } = input.body.config;
    const prior = { prior: standardNormal(latent), parameters: [] };
    const terms = variational(input, diagonalGaussian(latent), prior);
    return { ...terms, ...elboLoss(terms, input) };
  },
});
