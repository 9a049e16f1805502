// What Stirling's formula leaves of log Γ, so that log-probabilities are sums of small terms and
// keep their digits in float32 where log Γ itself is large (Loader 2000, "Fast and accurate
// computation of binomial probabilities").
import { apply, polynomial, type Tensor } from "../graph/index.ts";
import { elementwise } from "./elementwise.ts";

/** Of x · correction(x) in 1/x for x >= 1: a Chebyshev fit within 4e-9, 1/12 at 0. */
const VALUE = [
  0.08333333648633048, -4.062899793446932e-7, -0.002768958758338203, -7.473103934602122e-5,
  0.0011102484960189938, -0.0007222822618496653, 0.0002025770140522271, -1.831591874660523e-5,
];

/** Of x² · slope(x), likewise: within 6e-9, −1/12 at 0. */
const SLOPE = [
  -0.08333333907431409, 9.31262852377221e-7, 0.008308344536453773, 0.0002581953218212436,
  -0.005284738647018436, 0.003549238327456203, -0.0002456585903642007, -0.000721270250177833,
  0.0002526347887921842,
];

/** An argument below 1, its log(1 + 1/x), and the argument of 1 or more that stands for it. */
function movedUp(x: Tensor) {
  const isSmall = x.less(1);
  const low = x.minimum(1);
  return { isSmall, low, growth: low.reciprocal().log1p(), up: isSmall.where(x.add(1), x) };
}

function correction(x: Tensor): Tensor {
  // log Γ(x) = log Γ(x + 1) − log x, in which the corrections differ by this.
  const { isSmall, low, growth, up } = movedUp(x);
  const step = low.add(0.5).mul(growth).sub(1);
  return stirlingCorrectionAboveOne(up).add(isSmall.where(step, 0));
}

/** ψ(x) − log x + 1/(2x) for x > 0: the derivative of `stirlingCorrection`. */
export function stirlingSlope(x: Tensor): Tensor {
  const { isSmall, low, growth, up } = movedUp(x);
  const step = growth.sub(low.add(0.5).div(low.mul(low.add(1))));
  return stirlingSlopeAboveOne(up).add(isSmall.where(step, 0));
}

const operator = elementwise("stirlingCorrection", correction, (x) => [stirlingSlope(x!)]);

/** log Γ(x) − (x − ½) log x + x − ½ log 2π for x > 0: 1/(12x) for large x. */
export function stirlingCorrection(x: Tensor): Tensor {
  return apply(operator, [x]);
}

/** `stirlingCorrection` for x >= 1, without logarithms. */
export function stirlingCorrectionAboveOne(x: Tensor): Tensor {
  const inverse = x.reciprocal();
  return inverse.mul(polynomial(inverse, VALUE));
}

/** `stirlingSlope` for x >= 1, without logarithms. */
export function stirlingSlopeAboveOne(x: Tensor): Tensor {
  const inverse = x.reciprocal();
  return inverse.square().mul(polynomial(inverse, SLOPE));
}

/** −log x! + x log x − x + ½ log x for whole x >= 1, −½ log 2π for large x; 0 at 0. */
export function factorialRest(x: Tensor): Tensor {
  const rest = stirlingCorrectionAboveOne(x.maximum(1)).add(0.5 * Math.log(2 * Math.PI));
  return x.less(0.5).where(0, rest).neg();
}

/** The log of `ratio` > 0, given `gap` = ratio − 1 with its digits: one logarithm for both. */
export function logOfRatio(ratio: Tensor, gap: Tensor): Tensor {
  const isNear = gap.abs().less(0.5);
  const near = gap.clip(-0.5, 0.5);
  const w = near.add(1);
  // What 1 + gap lost to rounding comes back to first order.
  const lost = near.sub(w.sub(1)).div(w);
  return isNear.where(w, ratio).log().add(isNear.where(lost, 0));
}
