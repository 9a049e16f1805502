// The FactorVAE (Kim and Mnih 2018, Disentangling by Factorising, equations 2 and 3, algorithm 2):
//   −log p(x | z) + KL(q(z | x) ‖ p(z)) + γ·log(D(z) / (1 − D(z))),
// where a discriminator D tells draws of q(z) from draws whose latents are shuffled over the batch,
// each on its own, so that its odds are the ratio of q(z) to the product of its marginals. The paper
// shuffles a second batch; here it is the same.
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { elboLoss } from "../kl.ts";
import { discriminator, discriminatorLoss, discriminatorOptions } from "../latent-losses.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const factorVae = method({
  title: "FactorVAE",
  summary: "latents that vary on their own, by a network that tells them from shuffled ones",
  paper: "Kim and Mnih 2018, Disentangling by Factorising",
  probabilistic: true,
  hasKl: true,
  options: {
    // Of 10, 20 and 35 the one by which seeds agree on the shapes of docs/results.md; those were others.
    gamma: number("γ, the weight of the total correlation", 20),
    ...discriminatorOptions(3),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, noise, options, training } = input;
    const { latent } = body.config;
    const prior = { prior: standardNormal(latent), parameters: [] };
    const terms = variational(input, diagonalGaussian(latent), prior);
    const bound = elboLoss(terms, input);
    if (!training) return { ...terms, ...bound };
    const { z } = terms.drawn;
    const correlation = discriminator(body.parameters, z, options);
    const own = discriminator(body.parameters, z.stopGradient(), options);
    const shuffled = discriminator(body.parameters, noise.permuted(z), options);
    return {
      ...terms,
      ...bound,
      loss: bound.loss.add(correlation.mul(options.gamma)),
      adversary: {
        loss: discriminatorLoss(own, shuffled),
        prefix: "discriminator.",
        rate: options.rate,
      },
      metrics: { totalCorrelation: correlation },
    };
  },
});
