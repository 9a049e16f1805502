// The adversarial autoencoder (Makhzani et al. 2015, Adversarial Autoencoders, §2): codes whose
// distribution a discriminator cannot tell from the prior's. The encoder lowers
//   ‖x − x̂‖² / size − λ·log D(z),
// the discriminator −½ log D(prior's draw) − ½ log(1 − D(z)), in turn on each batch.
import { standardNormal } from "../../prob/priors/index.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { discriminator, discriminatorLoss, discriminatorOptions } from "../latent-losses.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

export const adversarial = method({
  title: "adversarial autoencoder",
  summary: "codes that a network cannot tell from draws of a standard normal prior",
  paper: "Makhzani et al. 2015, Adversarial Autoencoders",
  probabilistic: false,
  hasKl: false,
  options: {
    lambda: number("λ, the weight of the discriminator beside the error of a value", 0.01),
    ...discriminatorOptions(2),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms({ body, noise, options, training }) {
    const terms = codeTerms(body, codeOf(body, body.encode()));
    if (!training) return terms;
    const judged = discriminator(body.parameters, terms.mean, options);
    const made = discriminator(body.parameters, terms.mean.stopGradient(), options);
    const real = discriminator(body.parameters, noise.normal(body.config.latent), options);
    return {
      ...terms,
      loss: terms.loss.add(judged.neg().softplus().mul(options.lambda)),
      adversary: {
        loss: discriminatorLoss(real, made),
        prefix: "discriminator.",
        rate: options.rate,
      },
    };
  },
});
