// The log-normal: positive values whose logarithm is Gaussian.
import type { Tensor } from "../graph/index.ts";
import {
  bounded,
  clamp,
  heldPositive,
  LOG_POSITIVE_BOUNDS,
  LOG_SCALE_BOUNDS,
  logOfPositive,
} from "./bounds.ts";
import { standardizedLogProb } from "./gaussian.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/** Exponents whose exp is a normal float32. */
const EXPONENT_BOUNDS = [-87, 88] as const;

/** exp(μ + factor · σ²) as a finite number. */
function expOf(parameters: readonly Tensor[], factor: number): Tensor {
  const [location, raw] = parameters as [Tensor, Tensor];
  const variance = bounded(raw, LOG_SCALE_BOUNDS).mul(2).exp();
  const exponent = bounded(location, LOG_POSITIVE_BOUNDS).add(variance.mul(factor));
  return exponent.clip(...EXPONENT_BOUNDS).exp();
}

/** From here on the normal's tail, which 1 − Φ loses, is a continued fraction of so many terms. */
const FAR = 3;
const TERMS = 12;

/** φ(x), above 0 in float32. */
const normalDensity = (x: Tensor) =>
  x
    .square()
    .mul(-0.5)
    .clip(...EXPONENT_BOUNDS)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI));

/** Φ(−t). */
const nearTail = (t: Tensor) => t.mul(-Math.SQRT1_2).erf().add(1).mul(0.5);

/** Φ(−t) / φ(t), Mills' ratio, t >= `FAR`: 1/(t + 1/(t + 2/(t + …))), as Laplace has it. */
function millsRatio(t: Tensor): Tensor {
  const from = t.maximum(FAR);
  let tail = from;
  for (let k = TERMS; k > 0; k--) tail = from.add(tail.reciprocal().mul(k));
  return tail.reciprocal();
}

/**
 * E[min(x, M)] = exp(μ + ½σ²) Φ(−t) + M Φ(−d), d = (log M − μ)/σ, t = σ − d: the limited expected
 * value (Klugman, Panjer and Willmot, Loss Models, appendix A). The first factor is M φ(d)/φ(t), by
 * which far tails keep their digits.
 */
function limitedMean(parameters: readonly Tensor[], limit: Tensor): Tensor {
  const [location, raw] = parameters as [Tensor, Tensor];
  const scale = bounded(raw, LOG_SCALE_BOUNDS).exp();
  const distance = limit.log().sub(bounded(location, LOG_POSITIVE_BOUNDS));
  const d = distance.div(scale).clip(-1e4, 1e4);
  const t = scale.sub(d);
  const atLimit = limit.mul(normalDensity(d));
  const below = t
    .less(FAR)
    .where(expOf(parameters, 0.5).mul(nearTail(t)), atLimit.mul(millsRatio(t)));
  const beyond = d.less(FAR).where(limit.mul(nearTail(d)), atLimit.mul(millsRatio(d)));
  return below.add(beyond);
}

/**
 * log p(x) = log N(log x; location, σ²) − log x, the density of x itself: the last term is the
 * Jacobian of the logarithm. σ = exp(logScale) within `LOG_SCALE_BOUNDS`; a zero counts as the
 * smallest normal float32. The mean exp(μ + ½σ²) and the mode exp(μ − σ²) are held within float32.
 */
export const logNormal: Likelihood = {
  name: "log-normal",
  parameters: [
    { name: "location", size: 1 },
    { name: "logScale", size: 1 },
  ],
  mass: false,
  dtype: "float32",
  logProb(x, parameters) {
    const [location, raw] = parameters as [Tensor, Tensor];
    const logX = logOfPositive(x);
    const { z, logScale } = standardized(logX, bounded(location, LOG_POSITIVE_BOUNDS), raw);
    return standardizedLogProb(z, logScale).sub(logX);
  },
  mean: (parameters) => expOf(parameters, 0.5),
  limitedMean,
  mode: (parameters) => expOf(parameters, -1),
  fixedDraw: {
    noise: { normal: 1, uniform: 0 },
    draw: ([location, logScale], { normal }) =>
      bounded(location!, LOG_POSITIVE_BOUNDS)
        .add(bounded(logScale!, LOG_SCALE_BOUNDS).exp().mul(normal!))
        .clip(...EXPONENT_BOUNDS)
        .exp(),
  },
  sample(parameters, out, draws) {
    const [location, logScale] = parameters as [Float32Array, Float32Array];
    for (let i = 0; i < out.length; i++) {
      const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
      const median = clamp(at(location, i), LOG_POSITIVE_BOUNDS);
      out[i] = heldPositive(Math.exp(median + scale * draws.normal()));
    }
  },
};
