// What Stirling's formula leaves of log Γ, so that log-probabilities are sums of small terms and
// keep their digits in float32 where log Γ itself is large (Loader 2000, "Fast and accurate
// computation of binomial probabilities").
import { apply, polynomial, type Tensor } from "../graph/index.ts";
import { elementwise } from "./elementwise.ts";

/** From here on the series below hold to 1e-8. */
const FAR = 4;

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Abramowitz and Stegun 1964, 6.1.41. */
const VALUE = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680];
/** 6.3.18. */
const SLOPE = [-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132];

function correction(x: Tensor): Tensor {
  const inverse = x.maximum(FAR).reciprocal();
  const far = inverse.mul(polynomial(inverse.square(), VALUE));
  // log Γ(x) = log Γ(x + 4) − log x(x + 1)(x + 2)(x + 3), with Stirling's formula at x + 4.
  const low = x.minimum(FAR);
  const up = low.add(FAR);
  const upInverse = up.reciprocal();
  const steps = low.mul(low.add(1)).mul(low.add(2)).mul(low.add(3));
  const near = upInverse
    .mul(polynomial(upInverse.square(), VALUE))
    .add(low.add(FAR - 0.5).mul(up.log()))
    .sub(steps.log())
    .sub(low.sub(0.5).mul(low.log()))
    .sub(FAR);
  return x.less(FAR).where(near, far);
}

/** ψ(x) − log x + 1/(2x) for x > 0: the derivative of `stirlingCorrection`. */
export function stirlingSlope(x: Tensor): Tensor {
  const y = x.maximum(FAR).square().reciprocal();
  const far = y.mul(polynomial(y, SLOPE));
  const low = x.minimum(FAR);
  const near = low.digamma().sub(low.log()).add(low.reciprocal().mul(0.5));
  return x.less(FAR).where(near, far);
}

const operator = elementwise("stirlingCorrection", correction, (x) => [stirlingSlope(x!)]);

/** log Γ(x) − (x − ½) log x + x − ½ log 2π for x > 0: 1/(12x) for large x. */
export function stirlingCorrection(x: Tensor): Tensor {
  return apply(operator, [x]);
}

/** −log x! + x log x − x for whole x >= 0: −½ log 2πx for large x, without cancellation. */
export function logFactorialRest(x: Tensor): Tensor {
  const positive = x.maximum(1);
  const rest = positive.log().mul(-0.5).sub(HALF_LOG_TWO_PI).sub(stirlingCorrection(positive));
  return x.less(0.5).where(0, rest);
}

/** The log of `ratio` > 0, given `gap` = ratio − 1 with its digits. */
export function logOfRatio(ratio: Tensor, gap: Tensor): Tensor {
  return gap.abs().less(0.5).where(gap.clip(-0.5, 0.5).log1p(), ratio.log());
}
