// How far an approximate posterior is from a prior: KL(q(z | x) ‖ p(z)).
import { ElboError } from "../../base/errors.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Drawn, Posterior } from "../posteriors/posterior.ts";
import type { Prior } from "./prior.ts";

/**
 * Refuses a posterior and a prior that have no density by the same measure.
 * @throws ElboError `prior-mismatch`.
 */
export function checkPrior(posterior: Posterior, prior: Prior): void {
  if (posterior.space === prior.space && posterior.latent === prior.latent) return;
  const described = ({ name, space, latent }: Posterior | Prior) =>
    `${name} of ${latent} dimensions ${space === "sphere" ? "on the sphere" : "in Euclidean space"}`;
  throw new ElboError({
    code: "prior-mismatch",
    kind: "usage",
    message: `a posterior and its prior lie in the same space; received ${described(posterior)} and ${described(prior)}`,
    hint:
      posterior.space === "sphere"
        ? "Use the priors uniform-sphere or vamp, or a Gaussian posterior."
        : "Use the priors standard-normal, gaussian-mixture or vamp, or the posterior von-mises-fisher.",
  });
}

/**
 * KL(q ‖ p) of each row in nats as `(batch, n)` terms that sum to it, in closed form where there is
 * one: n is `latent` where latents have terms of their own, as under N(0, I), else 1. Without a closed form
 * it is log q(z) − log p(z) at the draw, right in expectation and at times below 0.
 * @throws ElboError `prior-mismatch`, see `checkPrior`.
 */
export function kl(
  posterior: Posterior,
  parameters: readonly Tensor[],
  prior: Prior,
  priorParameters: readonly Tensor[],
  drawn: Drawn,
): Tensor {
  checkPrior(posterior, prior);
  const closed =
    prior.name === "standard-normal"
      ? posterior.klFromStandardNormal?.(parameters)
      : prior.name === "uniform-sphere"
        ? posterior.klFromUniform?.(parameters)
        : undefined;
  if (closed) return closed;
  const { z, logProb } = drawn;
  const estimate = logProb.sub(prior.logProb(z, priorParameters));
  return estimate.reshape([...estimate.shape, 1]);
}
