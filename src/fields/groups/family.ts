// The likelihoods of numeric fields: which of their parameters the network emits, and which are
// learned once for a column.
import { log } from "../../base/exact-math.ts";
import { concat, constant, type Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { bernoulli } from "../../prob/bernoulli.ts";
import { LOG_SCALE_BOUNDS } from "../../prob/bounds.ts";
import { continuousBernoulli } from "../../prob/continuous-bernoulli.ts";
import { gamma } from "../../prob/gamma.ts";
import { gaussian } from "../../prob/gaussian.ts";
import { gaussianMixture } from "../../prob/gaussian-mixture.ts";
import { hurdleLogNormal } from "../../prob/hurdle-log-normal.ts";
import { laplace } from "../../prob/laplace.ts";
import type { Likelihood } from "../../prob/likelihood.ts";
import { logNormal } from "../../prob/log-normal.ts";
import { negativeBinomial } from "../../prob/negative-binomial.ts";
import { poisson } from "../../prob/poisson.ts";
import { studentT } from "../../prob/student-t.ts";
import { zeroInflatedNegativeBinomial } from "../../prob/zero-inflated-negative-binomial.ts";
import type { LikelihoodName } from "../field.ts";

const MIXTURE = 5;

/** A likelihood, and how its parameters come about. */
export interface Family {
  likelihood: Likelihood;
  /** Numbers that the network emits for each value. */
  emitted: number;
  /**
   * @param location what the network emits first, on the likelihood's scale: `(batch, n)`.
   * @param others what it emits beside, each `(batch, n)`.
   */
  parameters(learned: Learned, location: Tensor, others: readonly Tensor[]): Tensor[];
}

/** Makes numbers of each column, learned beside the networks: `(n,)`. */
export interface Learned {
  /** A number that begins at `first`. */
  value(name: string, first: number): Tensor;
  /** The logarithm of a scale that never goes below what the data's last digit is worth. */
  logScale(): Tensor;
  /** The logarithm of a negative binomial's inverse dispersion. */
  logInverseDispersion(): Tensor;
  /** The logit of a zero of each column by itself, which is known and not learned. */
  zeroLogit(): Tensor;
}

/** Where what is learned for each column begins. */
export interface Beginning {
  /** Log of the scale, on the likelihood's own scale. */
  scale: readonly number[];
  /** The smallest scale that a density may claim; 0 for none. */
  floor: readonly number[];
  /** Log of the inverse dispersion of counts. */
  dispersion?: readonly number[];
  /** Logits of zeros that have a probability of their own. */
  zeroLogits?: readonly number[];
}

export function learnedBy(
  parameters: Parameters,
  prefix: string,
  { scale, floor, dispersion, zeroLogits = [] }: Beginning,
): Learned {
  const size = scale.length;
  const define = (name: string, first: number) =>
    parameters.define(`decoder.${prefix}.${name}`, [size], { value: first });
  return {
    value: define,
    logInverseDispersion() {
      const free = define("logInverseDispersion", 0);
      return dispersion ? free.add(constant(dispersion)) : free;
    },
    zeroLogit: () => constant(zeroLogits),
    logScale() {
      const free = define("logScale", 0);
      const raw = scale.some((s) => s !== 0) ? free.add(constant(scale)) : free;
      if (!floor.some((f) => f > 0)) return raw;
      // log(exp(raw) + floor), whose slope never vanishes altogether.
      const bottom = constant(floor.map((f) => Math.max(log(f), LOG_SCALE_BOUNDS[0])));
      return bottom.add(raw.sub(bottom).softplus());
    },
  };
}

function scaled(likelihood: Likelihood, more: (learned: Learned) => Tensor[] = () => []): Family {
  return {
    likelihood,
    emitted: 1,
    parameters: (learned, location) => [location, learned.logScale(), ...more(learned)],
  };
}

/** K numbers a value, which the network emits one after the other. */
function components(parts: readonly Tensor[], first: (k: number) => number): Tensor {
  const { length } = parts;
  const last = parts.map((part) => part.reshape([...part.shape, 1]));
  const begin = constant(Array.from({ length }, (_, k) => first(k)));
  return concat(last, parts[0]!.rank).add(begin);
}

export function familyOf(name: LikelihoodName): Family | null {
  switch (name) {
    case "gaussian":
      return scaled(gaussian);
    case "laplace":
      return scaled(laplace);
    case "log-normal":
      return scaled(logNormal);
    case "hurdle-log-normal":
      return {
        likelihood: hurdleLogNormal,
        emitted: 2,
        parameters: (learned, location, [zero]) => [
          location,
          learned.logScale(),
          zero!.add(learned.zeroLogit()),
        ],
      };
    case "student-t":
      // 1 + softplus(3) = 4.05 degrees: tails between a Cauchy's and a Gaussian's.
      return scaled(studentT, (learned) => [learned.value("degreesOfFreedom", 3)]);
    case "gaussian-mixture":
      return {
        likelihood: gaussianMixture(MIXTURE),
        emitted: 3 * MIXTURE,
        parameters(_, location, others) {
          const [means, rest] = [others.slice(0, MIXTURE - 1), others.slice(MIXTURE - 1)];
          const spread = (k: number) => (3 * k) / (MIXTURE - 1) - 1.5;
          return [
            components(rest.slice(0, MIXTURE), () => 0),
            components([location, ...means], spread),
            components(rest.slice(MIXTURE), () => -0.5),
          ];
        },
      };
    case "gamma":
      return {
        likelihood: gamma,
        emitted: 1,
        parameters: (learned, location) => [location, learned.value("logShape", 0)],
      };
    case "negative-binomial":
      return {
        likelihood: negativeBinomial,
        emitted: 1,
        parameters: (learned, location) => [location, learned.logInverseDispersion()],
      };
    case "zero-inflated-negative-binomial":
      return {
        likelihood: zeroInflatedNegativeBinomial,
        emitted: 2,
        parameters: (learned, location, [zero]) => [
          location,
          learned.logInverseDispersion(),
          zero!.sub(2),
        ],
      };
    case "poisson":
      return { likelihood: poisson, emitted: 1, parameters: (_, location) => [location] };
    case "bernoulli":
      return { likelihood: bernoulli, emitted: 1, parameters: (_, location) => [location] };
    case "continuous-bernoulli":
      return {
        likelihood: continuousBernoulli,
        emitted: 1,
        parameters: (_, location) => [location],
      };
    default:
      return null;
  }
}
