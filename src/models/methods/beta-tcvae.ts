// The β-TCVAE (Chen et al. 2018, Isolating Sources of Disentanglement in Variational Autoencoders).
// The KL is taken apart (equation 2) and its parts are weighed on their own (equation 4):
//   −log p(x | z) + α·I(z; x) + β·TC(z) + γ·Σⱼ KL(q(zⱼ) ‖ p(zⱼ)),
// where q(z) is the mixture of the batch's own posteriors (the paper's minibatch estimates, appendix
// C, also count the rows outside the batch: another constant, which no gradient sees).
import { BATCH } from "../../graph/index.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { dataLoss, elboLoss } from "../kl.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const betaTcvae = method({
  title: "β-TCVAE",
  summary: "latents that vary on their own, by a weight on their total correlation",
  paper: "Chen et al. 2018, Isolating Sources of Disentanglement in Variational Autoencoders",
  probabilistic: true,
  hasKl: true,
  ownKl: "its loss takes the KL apart",
  options: {
    "mutual-information": number("α, the weight of what latents tell of the row", 1),
    "total-correlation": number("β, the weight of what latents tell of each other", 6),
    dimensions: number("γ, the weight of each latent's own distance from the prior", 1),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, options, training, klWeight } = input;
    const { latent } = body.config;
    const family = diagonalGaussian(latent);
    const prior = standardNormal(latent);
    const terms = variational(input, family, { prior, parameters: [] });
    if (!training) return { ...terms, ...elboLoss(terms, input) };
    const { z, logProb } = terms.drawn;
    const [mean, logVariance] = terms.posterior.map((t) => t.reshape([1, BATCH, latent]));
    const logScale = logVariance!.mul(0.5);
    // log q(zᵢⱼ | x of row k): (i, k, j).
    const each = z
      .reshape([BATCH, 1, latent])
      .sub(mean!)
      .mul(logScale.neg().exp())
      .square()
      .mul(-0.5)
      .sub(logScale)
      .sub(Math.log(2 * Math.PI) / 2);
    const logRows = z.mul(0).add(1).sum().div(latent).log();
    const aggregate = each.sum(2).logSumExp(1).sub(logRows);
    const product = each.logSumExp(1).sub(logRows).sum(1);
    const information = logProb.sub(aggregate);
    const correlation = aggregate.sub(product);
    const dimensions = product.sub(prior.logProb(z, []));
    const weighed = information
      .mul(options["mutual-information"])
      .add(correlation.mul(options["total-correlation"]))
      .add(dimensions.mul(options.dimensions));
    return {
      ...terms,
      loss: dataLoss(terms).add(weighed.mul(klWeight)),
      metrics: { mutualInformation: information, totalCorrelation: correlation },
    };
  },
});
