// Every family of likelihoods with options to test it at, and where its values lie. Neither Node nor
// vitest is imported, so that a browser's page can use it.
import { BATCH, input, type Tensor } from "#elbo/graph/index.js";
import { bernoulli } from "#elbo/prob/bernoulli.js";
import { betaBinomial } from "#elbo/prob/beta-binomial.js";
import { categorical } from "#elbo/prob/categorical.js";
import { continuousBernoulli } from "#elbo/prob/continuous-bernoulli.js";
import { discretizedLogistic } from "#elbo/prob/discretized-logistic.js";
import { discretizedLogisticMixture } from "#elbo/prob/discretized-logistic-mixture.js";
import { gamma } from "#elbo/prob/gamma.js";
import { gaussian } from "#elbo/prob/gaussian.js";
import { gaussianMixture } from "#elbo/prob/gaussian-mixture.js";
import { hurdleLogNormal } from "#elbo/prob/hurdle-log-normal.js";
import { laplace } from "#elbo/prob/laplace.js";
import type { Likelihood } from "#elbo/prob/likelihood.js";
import { logNormal } from "#elbo/prob/log-normal.js";
import { negativeBinomial } from "#elbo/prob/negative-binomial.js";
import { ordinal } from "#elbo/prob/ordinal.js";
import { poisson } from "#elbo/prob/poisson.js";
import { studentT } from "#elbo/prob/student-t.js";
import { zeroInflatedNegativeBinomial } from "#elbo/prob/zero-inflated-negative-binomial.js";

/**
 * Where x lies: all reals, above 0, above 0 with a probability of 0 itself, [0, 1], or whole numbers from 0 to
 * a largest one.
 */
export type Support = "real" | "positive" | "hurdle" | "unit" | number;

export const families: readonly { family: Likelihood; support: Support }[] = [
  { family: gaussian, support: "real" },
  { family: studentT, support: "real" },
  { family: laplace, support: "real" },
  { family: gaussianMixture(3), support: "real" },
  { family: logNormal, support: "positive" },
  { family: hurdleLogNormal, support: "hurdle" },
  { family: gamma, support: "positive" },
  { family: poisson, support: Number.POSITIVE_INFINITY },
  { family: negativeBinomial, support: Number.POSITIVE_INFINITY },
  { family: zeroInflatedNegativeBinomial, support: Number.POSITIVE_INFINITY },
  { family: bernoulli, support: 1 },
  { family: continuousBernoulli, support: "unit" },
  { family: categorical(5), support: 4 },
  { family: ordinal(5), support: 4 },
  { family: discretizedLogistic(256), support: 255 },
  { family: betaBinomial(255), support: 255 },
  { family: discretizedLogisticMixture(256, 3), support: 255 },
];

/** x `(batch,)` and each parameter `(batch,)` or `(batch, size)`. */
export function inputsOf(family: Likelihood): { x: Tensor; parameters: Tensor[] } {
  return {
    x: input("x", [BATCH], family.dtype),
    parameters: family.parameters.map(({ name, size }) => parameterOf(name, size)),
  };
}

const parameterOf = (name: string, size: number) =>
  input(name, size === 1 ? [BATCH] : [BATCH, size]);
