// The variational autoencoder (Kingma and Welling 2014, Auto-Encoding Variational Bayes). The loss
// is the negative of equation 3 with one draw z = μ + σ·ε of the posterior q(z | x) = N(μ, σ²):
//   −log p(x | z) + β · KL(q(z | x) ‖ N(0, I)),
// in nats for each row, summed over dimensions. β = 1 is the ELBO; others are the β-VAE (Higgins
// et al. 2017, equation 4). Targets y add −log p(y | z).
import type { Tensor } from "../graph/index.ts";
import { linearHeads } from "../nn/layers.ts";
import { bounded, gaussianKl, reparameterize } from "../prob/gaussian.ts";
import type { Method } from "./model.ts";

/** Posterior variances from e⁻²⁰ to e²⁰: wider than any that trains, and exp cannot overflow. */
const LOG_VARIANCE_BOUNDS = [-20, 20] as const;

export const vae: Method = {
  probabilistic: true,
  terms({ body, noise, klWeight }) {
    const { latent } = body.config;
    const [mean, raw] = linearHeads(body.parameters, "encoder.posterior", body.encode(), [
      latent,
      latent,
    ]) as [Tensor, Tensor];
    const logVariance = bounded(raw, LOG_VARIANCE_BOUNDS);
    const z = reparameterize(mean, logVariance, noise);
    const logProbs = body.logProbs(body.decode(z));
    const reconstruction = body.total(logProbs, "data")!.neg();
    const target = body.total(logProbs, "target")?.neg() ?? null;
    const kl = gaussianKl(mean, logVariance);
    const bound = reconstruction.add(kl.sum(1).mul(klWeight));
    return {
      loss: target ? bound.add(target) : bound,
      reconstruction,
      target,
      logProbs,
      kl,
      mean,
      standardDeviation: logVariance.mul(0.5).exp(),
      // The Gaussians' constants cancel: log q = −½ε² − ½ log σ² + c, log p = −½z² + c.
      logWeight: noise
        .square()
        .add(logVariance)
        .sub(z.square())
        .mul(0.5)
        .sum(1)
        .sub(reconstruction),
    };
  },
};
