// The beta-binomial: whole numbers up to a largest one, as bytes of pixels.
import { apply, constant, type Tensor } from "../graph/index.ts";
import { bounded, clamp } from "./bounds.ts";
import { drawBinomial, drawLogGamma, logFactorial } from "./draws.ts";
import { elementwise } from "./elementwise.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { logOfRatio, stirlingCorrection, stirlingCorrectionAboveOne } from "./stirling.ts";

const LOG_SHAPE_BOUNDS = [-10, 10] as const;

/**
 * log B(x + α, y + β) − log B(α, β) + n log n − x log x − y log y, n = x + y: by deviances from
 * the binomial and Stirling's corrections, whose terms stay small where log Γ cancels.
 */
const operator = elementwise(
  "betaBinomialExcess",
  (x, y, logAlpha, logBeta) => {
    const [alpha, beta] = [logAlpha!.exp(), logBeta!.exp()];
    const trials = x!.add(y!);
    const prior = alpha.add(beta);
    const total = prior.add(trials);
    // How much more often than the mean says, in trials.
    const apart = x!.mul(beta).sub(y!.mul(alpha)).div(total);
    const side = (count: Tensor, shape: Tensor, more: Tensor) => {
      const sum = count.add(shape);
      const positive = count.maximum(1);
      const ofCount = logOfRatio(
        sum.div(total).mul(trials.div(positive)),
        more.div(positive).neg(),
      );
      const ofShape = logOfRatio(sum.div(total).mul(prior.div(shape)), more.div(shape));
      const corrections = stirlingCorrectionAboveOne(sum.maximum(1)).sub(stirlingCorrection(shape));
      return count
        .mul(ofCount)
        .add(shape.mul(ofShape))
        .sub(count.div(shape).log1p().mul(0.5))
        .add(count.less(0.5).where(0, corrections));
    };
    return side(x!, alpha, apart)
      .add(side(y!, beta, apart.neg()))
      .add(trials.div(prior).log1p().mul(0.5))
      .sub(stirlingCorrectionAboveOne(total).sub(stirlingCorrection(prior)));
  },
  (x, y, logAlpha, logBeta) => {
    const [alpha, beta] = [logAlpha!.exp(), logBeta!.exp()];
    const ofTotal = x!.add(y!).digammaDifference(alpha.add(beta));
    const slope = (count: Tensor, shape: Tensor) =>
      shape.mul(count.digammaDifference(shape).sub(ofTotal));
    return [null, null, slope(x!, alpha), slope(y!, beta)];
  },
);

function held(parameters: readonly Tensor[]): [Tensor, Tensor] {
  const [logAlpha, logBeta] = parameters as [Tensor, Tensor];
  return [bounded(logAlpha, LOG_SHAPE_BOUNDS), bounded(logBeta, LOG_SHAPE_BOUNDS)];
}

const shapes = (parameters: readonly Tensor[]) =>
  held(parameters).map((log) => log.exp()) as [Tensor, Tensor];

/** x log x, 0 at 0. */
const xLogX = (x: number) => (x === 0 ? 0 : x * Math.log(x));

/**
 * Of whole numbers x in 0 … trials: a binomial whose probability is Beta(α, β),
 * log p(x) = log C(n, x) + log B(x + α, n − x + β) − log B(α, β), α = exp(logAlpha) and
 * β = exp(logBeta) within exp(±10) (used for bytes by Townsend, Bird and Barber 2019).
 * @param trials the largest value, n: 255 for bytes.
 */
export function betaBinomial(trials: number): Likelihood {
  const rows = Array.from({ length: trials + 1 }, (_, x) => x);
  // log C(n, x) without the terms that the operator has.
  const coefficients = rows.map((x) => {
    const choose = logFactorial(trials) - logFactorial(x) - logFactorial(trials - x);
    return choose - xLogX(trials) + xLogX(x) + xLogX(trials - x);
  });
  return {
    name: "beta-binomial",
    parameters: [
      { name: "logAlpha", size: 1 },
      { name: "logBeta", size: 1 },
    ],
    mass: true,
    dtype: "float32",
    logProb(x, parameters) {
      const count = x.clip(0, trials);
      const other = count.neg().add(trials);
      const choose = constant(coefficients).gather(0, count.cast("int32"));
      return choose.add(apply(operator, [count, other, ...held(parameters)]));
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
