// The negative binomial, by its mean and inverse dispersion: counts that vary more than a Poisson's.
import { apply, type Tensor } from "../graph/index.ts";
import { bounded, clamp, LOG_RATE_BOUNDS } from "./bounds.ts";
import { drawLogGamma, drawPoisson } from "./draws.ts";
import { elementwise } from "./elementwise.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { LARGEST_COUNT } from "./poisson.ts";
import {
  factorialRest,
  logOfRatio,
  stirlingCorrection,
  stirlingCorrectionAboveOne,
  stirlingSlope,
  stirlingSlopeAboveOne,
} from "./stirling.ts";

/** r from 4.5e-5 to 1e6, where the variance μ + μ²/r of all but huge counts is a Poisson's. */
const LOG_INVERSE_DISPERSION_BOUNDS = [-10, Math.log(1e6)] as const;

/** log (x + r)/(μ + r), and the ratio less one, without cancellation. */
function shareOf(x: Tensor, mean: Tensor, r: Tensor): { log: Tensor; ratio: Tensor; gap: Tensor } {
  const total = mean.add(r);
  const ratio = x.add(r).div(total);
  const gap = x.sub(mean).div(total);
  return { log: logOfRatio(ratio, gap), ratio, gap };
}

/** A difference of a function between x + r and r: nothing at x = 0. */
function aboveZero(x: Tensor, difference: Tensor): Tensor {
  return x.less(0.5).where(0, difference);
}

const operator = elementwise(
  "negativeBinomialLogProb",
  (counts, logMean, logR) => {
    const x = counts!.minimum(LARGEST_COUNT);
    const [mean, r] = [logMean!.exp(), logR!.exp()];
    const { log, ratio, gap } = shareOf(x, mean, r);
    const positive = x.maximum(1);
    const other = logOfRatio(ratio.mul(mean.div(positive)), gap.mul(r.div(positive)).neg());
    const sum = x.add(r);
    const halves = positive.mul(x.div(r).add(1)).log().mul(0.5);
    return r
      .mul(log)
      .add(x.mul(other))
      .sub(halves)
      .add(aboveZero(x, stirlingCorrectionAboveOne(sum.maximum(1)).sub(stirlingCorrection(r))))
      .add(factorialRest(x));
  },
  (counts, logMean, logR) => {
    const x = counts!.minimum(LARGEST_COUNT);
    const [mean, r] = [logMean!.exp(), logR!.exp()];
    const { log, gap } = shareOf(x, mean, r);
    const sum = x.add(r);
    // ψ(x + r) − ψ(r) in Stirling's terms, of which the logarithms cancel.
    const corrections = stirlingSlopeAboveOne(sum.maximum(1)).sub(stirlingSlope(r));
    const halves = x.div(sum).mul(0.5);
    return [null, r.mul(gap), r.mul(log.sub(gap).add(aboveZero(x, corrections))).add(halves)];
  },
);

function held(parameters: readonly Tensor[]): [Tensor, Tensor] {
  const [logMean, logR] = parameters as [Tensor, Tensor];
  return [bounded(logMean, LOG_RATE_BOUNDS), bounded(logR, LOG_INVERSE_DISPERSION_BOUNDS)];
}

/**
 * log p(x) = log Γ(x + r) − log Γ(r) − log x! + r log r/(r + μ) + x log μ/(r + μ), variance
 * μ + μ²/r; μ = exp(logMean) within exp(±25), r = exp(logInverseDispersion) in [4.5e-5, 1e6].
 * Computed as Loader (2000) does, by deviances and Stirling's corrections, so that it keeps its
 * digits for large counts and large r. An offset, as the log of a row's total, is added to
 * logMean by the caller.
 */
export const negativeBinomial: Likelihood = {
  name: "negative-binomial",
  parameters: [
    { name: "logMean", size: 1 },
    { name: "logInverseDispersion", size: 1 },
  ],
  mass: true,
  dtype: "float32",
  logProb: (x, parameters) => apply(operator, [x, ...held(parameters)]),
  mean: (parameters) => held(parameters)[0].exp(),
  mode(parameters) {
    const [logMean, logR] = held(parameters);
    return logMean.exp().mul(logR.neg().exp().neg().add(1).relu()).floor();
  },
  sample(parameters, out, draws) {
    const [logMean, logR] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      // A Poisson whose rate is gamma distributed.
      const log = clamp(at(logR, i), LOG_INVERSE_DISPERSION_BOUNDS);
      const scale = clamp(at(logMean, i), LOG_RATE_BOUNDS) - log;
      out[i] = drawPoisson(draws, Math.exp(scale + drawLogGamma(draws, Math.exp(log))));
    }
  },
};
