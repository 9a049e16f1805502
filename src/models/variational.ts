// What variational methods have in common: a posterior of each row's latents, a draw of it, the
// decoder at that draw, and how far the posterior is from the prior.
import type { Tensor } from "../graph/index.ts";
import { linearHeads } from "../nn/layers.ts";
import type { Drawn, Noise, Posterior } from "../prob/posteriors/index.ts";
import { kl, type Prior } from "../prob/priors/index.ts";
import type { Body } from "./body.ts";
import type { ModelInput } from "./model.ts";
import type { NoiseSource } from "./noise.ts";

/** The posterior's parameters of each row, `(batch, size)` each, by one linear layer. */
export function posteriorOf(body: Body, family: Posterior, hidden = body.encode()): Tensor[] {
  const sizes = family.parameters.map(({ size }) => size);
  return linearHeads(body.parameters, "encoder.posterior", hidden, sizes);
}

/** The noise of so many draws of each row, one after the other: `(batch, draws · n)`. */
export function noiseFor({ noise }: Posterior, source: NoiseSource, draws = 1): Noise {
  return {
    normal: noise.normal > 0 ? source.normal(draws * noise.normal) : null,
    uniform: noise.uniform > 0 ? source.uniform(draws * noise.uniform) : null,
  };
}

export interface Variational {
  /** The posterior's parameters and the draw of it that is decoded. */
  posterior: Tensor[];
  drawn: Drawn;
  logProbs: Tensor[];
  reconstruction: Tensor;
  target: Tensor | null;
  kl: Tensor;
  mean: Tensor;
  standardDeviation: Tensor | null;
  latent: Tensor;
  logWeight: Tensor;
}

/** Everything that a `RowTerms` has but its loss. */
export function variational(
  { body, noise }: ModelInput<unknown>,
  family: Posterior,
  { prior, parameters }: { prior: Prior; parameters: readonly Tensor[] },
): Variational {
  const posterior = posteriorOf(body, family);
  const drawn = family.draw(posterior, noiseFor(family, noise));
  const logProbs = body.logProbs(body.decode(drawn.z));
  const likelihood = body.total(logProbs, "data")!;
  return {
    posterior,
    drawn,
    logProbs,
    reconstruction: likelihood.neg(),
    target: body.total(logProbs, "target")?.neg() ?? null,
    kl: kl(family, posterior, prior, parameters, drawn),
    mean: family.mean(posterior),
    standardDeviation: family.standardDeviation(posterior),
    latent: drawn.z,
    logWeight: likelihood.add(prior.logProb(drawn.z, parameters)).sub(drawn.logProb),
  };
}
