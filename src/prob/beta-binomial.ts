// The beta-binomial: whole numbers up to a largest one, as bytes of pixels.
import { constant, type Tensor } from "../graph/index.ts";
import { bounded, clamp } from "./bounds.ts";
import { drawBinomial, drawLogGamma, logFactorial } from "./draws.ts";
import { at, type Likelihood } from "./likelihood.ts";

const LOG_SHAPE_BOUNDS = [-10, 10] as const;

const shapes = (parameters: readonly Tensor[]) =>
  parameters.map((raw) => bounded(raw, LOG_SHAPE_BOUNDS).exp()) as [Tensor, Tensor];

/**
 * Of whole numbers x in 0 … trials: a binomial whose probability is Beta(α, β),
 * log p(x) = log C(n, x) + log B(x + α, n − x + β) − log B(α, β), α = exp(logAlpha) and
 * β = exp(logBeta) within exp(±10) (used for bytes by Townsend, Bird and Barber 2019). Within 1e-3
 * nats of exact in float32, most where α and β are large.
 * @param trials the largest value, n: 255 for bytes.
 */
export function betaBinomial(trials: number): Likelihood {
  const rows = Array.from({ length: trials + 1 }, (_, x) => x);
  const coefficients = rows.map(
    (x) => logFactorial(trials) - logFactorial(x) - logFactorial(trials - x),
  );
  return {
    name: "beta-binomial",
    parameters: [
      { name: "logAlpha", size: 1 },
      { name: "logBeta", size: 1 },
    ],
    mass: true,
    dtype: "float32",
    logProb(x, parameters) {
      const [alpha, beta] = shapes(parameters);
      const count = x.clip(0, trials);
      const choose = constant(coefficients).gather(0, count.cast("int32"));
      return choose
        .add(count.lgammaDifference(alpha))
        .add(count.neg().add(trials).lgammaDifference(beta))
        .sub(constant(trials).lgammaDifference(alpha.add(beta)));
    },
    mean(parameters) {
      const [alpha, beta] = shapes(parameters);
      return alpha.div(alpha.add(beta)).mul(trials);
    },
    /** From where p(x + 1) < p(x) first; at an end where α + β <= 2. */
    mode(parameters) {
      const [alpha, beta] = shapes(parameters);
      const excess = alpha.add(beta).sub(2);
      const isHill = excess.greater(0);
      const top = alpha
        .sub(1)
        .mul(trials + 1)
        .div(isHill.where(excess, 1));
      const end = alpha.greater(beta).cast("float32").mul(trials);
      return isHill.where(top.floor().clip(0, trials), end);
    },
    sample(parameters, out, draws) {
      const [logAlpha, logBeta] = parameters as [Float32Array, Float32Array];
      const logGamma = (log: number) => drawLogGamma(draws, Math.exp(clamp(log, LOG_SHAPE_BOUNDS)));
      for (let i = 0; i < out.length; i++) {
        const difference = logGamma(at(logBeta, i)) - logGamma(at(logAlpha, i));
        out[i] = drawBinomial(draws, trials, 1 / (1 + Math.exp(difference)));
      }
    },
  };
}
