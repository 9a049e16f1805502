// The continuous Bernoulli: a density on [0, 1], normalised where the Bernoulli of grey values is
// not (Loaiza-Ganem and Cunningham 2019).
import { apply, polynomial, type Tensor } from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS } from "./bounds.ts";
import { elementwise } from "./elementwise.ts";
import { at, type Likelihood } from "./likelihood.ts";

/** Below this |logit| the normaliser's Taylor series holds to 1e-9, above it the formula does. */
const NEAR = 1;

/** 1/(1 − e^−η) − 1/η: ½ + η/12 − η³/720 + … */
function meanOf(logit: Tensor): Tensor {
  const low = logit.clip(-NEAR, NEAR);
  const coefficients = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160];
  const near = low.mul(polynomial(low.square(), coefficients)).add(0.5);
  const size = logit.abs().maximum(NEAR);
  // The mean at −|η|, without cancellation; at |η| it is as far from 1.
  const belowHalf = size.reciprocal().sub(size.neg().exp().div(size.neg().expm1().neg()));
  const far = logit.less(0).where(belowHalf, belowHalf.neg().add(1));
  return logit.abs().less(NEAR).where(near, far);
}

const operator = elementwise(
  "continuousBernoulliLogProb",
  (x, logit) => {
    const high = logit!.relu();
    const low = logit!.neg().relu();
    const size = high.add(low);
    // log (1 − e^−|η|)/|η| = −|η|/2 + log(sinh(η/2) / (η/2)).
    const small = size.minimum(NEAR);
    const y = small.square();
    const coefficients = [1 / 24, -1 / 2880, 1 / 181440, -1 / 9676800, 1 / 479001600];
    const near = y.mul(polynomial(y, coefficients)).sub(small.mul(0.5));
    const large = size.maximum(NEAR);
    const far = large.neg().expm1().neg().div(large).log();
    const normalizer = size.less(NEAR).where(near, far);
    return high.mul(x!.neg().add(1)).add(low.mul(x!)).add(normalizer).neg();
  },
  (x, logit) => [logit!, x!.sub(meanOf(logit!))],
);

/**
 * log p(x) = ηx − log((e^η − 1)/η) for x in [0, 1], η the logit within ±1e6: the Bernoulli's
 * x log λ + (1 − x) log(1 − λ), λ = sigmoid(η), with its log normaliser log C(λ).
 */
export const continuousBernoulli: Likelihood = {
  name: "continuous-bernoulli",
  parameters: [{ name: "logit", size: 1 }],
  mass: false,
  dtype: "float32",
  logProb: (x, [logit]) => apply(operator, [x, bounded(logit!, LOGIT_BOUNDS)]),
  mean: ([logit]) => meanOf(bounded(logit!, LOGIT_BOUNDS)),
  mode: ([logit]) => logit!.greater(0).cast("float32"),
  fixedDraw: {
    noise: { normal: 0, uniform: 1 },
    draw([logit], { uniform }) {
      const eta = bounded(logit!, LOGIT_BOUNDS);
      // At a logit near 0 the distribution is even, and its inverse divides by 0.
      const size = eta.abs().maximum(1e-6);
      const low = uniform!.mul(size.neg().expm1()).log1p().neg().div(size);
      return eta.greater(0).where(low.neg().add(1), low);
    },
  },
  sample([logit], out, draws) {
    for (let i = 0; i < out.length; i++) {
      const eta = clamp(at(logit!, i), LOGIT_BOUNDS);
      const size = Math.abs(eta);
      // The inverse of the distribution function at −|η|, mirrored where η > 0.
      const u = draws.uniform();
      const low = size === 0 ? u : -Math.log1p(u * Math.expm1(-size)) / size;
      out[i] = eta > 0 ? 1 - low : low;
    }
  },
};
