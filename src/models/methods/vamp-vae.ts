// The VAE with a VampPrior (Tomczak and Welling 2018, VAE with a VampPrior): p(z) = 1/K Σₖ q(z | uₖ)
// (equation 9), the posterior at K pseudo-inputs, learned with everything else.
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import type { Body } from "../body.ts";
import { elboLoss } from "../kl.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { priorAtPseudoInputs } from "../pseudo-inputs.ts";
import { posteriorOf, variational } from "../variational.ts";

function priorOf(body: Body, { components }: { components: number }) {
  const family = diagonalGaussian(body.config.latent);
  return priorAtPseudoInputs(body, family, components, (hidden) =>
    posteriorOf(body, family, hidden),
  );
}

export const vampVae = method({
  title: "VAE with a VampPrior",
  summary: "a prior that is a mixture of posteriors at learned pseudo-inputs",
  paper: "Tomczak and Welling 2018, VAE with a VampPrior",
  probabilistic: true,
  hasKl: true,
  warmup: 0.1,
  options: {
    components: number("K, how many pseudo-inputs", 100, { min: 1, integer: true, max: 10_000 }),
  },
  prior: priorOf,
  terms(input) {
    const { body, options } = input;
    const terms = variational(input, diagonalGaussian(body.config.latent), priorOf(body, options));
    return { ...terms, ...elboLoss(terms, input) };
  },
});
