// The VAE with a posterior made of flows (Kingma et al. 2016, Improved Variational Inference with
// Inverse Autoregressive Flow; Dinh et al. 2017, Density estimation using Real NVP): a Gaussian draw
// z₀ passes through T invertible steps, each by what the row says,
//   log q(z_T | x) = log q(z₀ | x) − Σₜ Σⱼ log σₜⱼ  (algorithm 1).
// iaf lets each latent see those before it, by masked weights; coupling lets one half see the other.
// The KL is log q − log p at the draw.
import type { Tensor } from "../../graph/index.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { throughFlow } from "../flows.ts";
import { elboLoss } from "../kl.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";
import { noiseFor, posteriorOf } from "../variational.ts";

export const flowVae = method({
  title: "VAE with a flow posterior",
  summary: "a posterior of any shape, made of invertible steps",
  paper: "Kingma et al. 2016, Improved Variational Inference with Inverse Autoregressive Flow",
  probabilistic: true,
  hasKl: true,
  options: {
    flow: choice("which latents a step lets see which", ["iaf", "coupling"]),
    steps: number("T, how many steps", 4, { min: 1, integer: true, max: 100 }),
    width: number("hidden units of a step", 64, { min: 1, integer: true, max: 10_000 }),
  },
  refuses: ({ flow }, { latent }) =>
    latent > 1
      ? null
      : {
          message: `the flow ${flow} of flow-vae lets latents see each other, received --latent 1`,
          hint: "Give --latent 2 or more, or --method vae.",
        },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, noise, options } = input;
    const { parameters, config } = body;
    const family = diagonalGaussian(config.latent);
    const prior = standardNormal(config.latent);
    const context = body.encode();
    const posterior = posteriorOf(body, family, context);
    const through = (z: Tensor) => throughFlow(parameters, z, context, options);
    const drawn = family.draw(posterior, noiseFor(family, noise));
    const { z, logDeterminant } = through(drawn.z);
    const logProb = drawn.logProb.sub(logDeterminant);
    const logProbs = body.logProbs(body.decode(z));
    const likelihood = body.total(logProbs, "data")!;
    const logPrior = prior.logProb(z, []);
    const kl = logProb.sub(logPrior);
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: kl.reshape([...kl.shape, 1]),
      // Where the Gaussian's mean ends up, for want of the flow's own.
      mean: through(family.mean(posterior)).z,
      standardDeviation: null,
      latent: z,
      logWeight: likelihood.sub(kl),
    };
    return { ...terms, ...elboLoss(terms, input) };
  },
});
