// The hyperspherical VAE (Davidson et al. 2018, Hyperspherical Variational Auto-Encoders): latents on
// the unit sphere, a von Mises-Fisher posterior, and a prior that is uniform on the sphere; the KL
// between them (equation 9) is in closed form.
import { vonMisesFisher } from "../../prob/posteriors/index.ts";
import { uniformSphere } from "../../prob/priors/index.ts";
import { elboLoss } from "../kl.ts";
import { method } from "../model.ts";
import { variational } from "../variational.ts";

export const hyperspherical = method({
  title: "hyperspherical VAE",
  summary: "latents on a sphere, evenly spread over it",
  paper: "Davidson et al. 2018, Hyperspherical Variational Auto-Encoders",
  probabilistic: true,
  hasKl: true,
  options: {},
  prior: ({ config }) => ({ prior: uniformSphere(config.latent), parameters: [] }),
  terms(input) {
    const { latent } = input.body.config;
    const prior = { prior: uniformSphere(latent), parameters: [] };
    const terms = variational(input, vonMisesFisher(latent), prior);
    return { ...terms, ...elboLoss(terms, input) };
  },
});
