// The VAE with a mixture of Gaussians as its prior, learned with everything else (Jiang et al. 2017,
// Variational Deep Embedding, equation 9; Dilokthanakul et al. 2016): p(z) = Σₖ wₖ N(z; μₖ, σₖ²). The
// KL has no closed form and is log q(z | x) − log p(z) at the draw. Components are clusters of rows.
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { gaussianMixture, priorTensors } from "../../prob/priors/index.ts";
import type { Body } from "../body.ts";
import { elboLoss } from "../kl.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

function priorOf({ config, parameters }: Body, { components }: { components: number }) {
  const prior = gaussianMixture(config.latent, components);
  return { prior, parameters: priorTensors(prior, parameters, "prior") };
}

export const mixtureVae = method({
  title: "VaDE",
  summary: "a mixture of Gaussians as the prior, whose components are clusters",
  paper: "Jiang et al. 2017, Variational Deep Embedding",
  probabilistic: true,
  hasKl: true,
  options: {
    components: number("K, how many Gaussians", 10, { min: 1, integer: true, max: 10_000 }),
  },
  prior: priorOf,
  terms(input) {
    const { body, options } = input;
    const terms = variational(input, diagonalGaussian(body.config.latent), priorOf(body, options));
    return { ...terms, ...elboLoss(terms, input) };
  },
});
