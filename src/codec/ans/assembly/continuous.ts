// Distribution functions of the densities, at parameters as networks emit them.

import { exp, log, normal, sigmoid, softplus } from "./math";
import { floatAt, within } from "./levels";

export const GAUSSIAN: u32 = 0;
export const LAPLACE: u32 = 1;
export const STUDENT_T: u32 = 2;
export const MIXTURE: u32 = 3;
export const LOG_NORMAL: u32 = 4;
export const GAMMA: u32 = 5;
export const CONTINUOUS_BERNOULLI: u32 = 6;
export const HURDLE_LOG_NORMAL: u32 = 7;

let kind: u32 = 0;
let location: f64 = 0;
let inverse: f64 = 1;
let shape: f64 = 1;
let logBeta: f64 = 0;
let zero: f64 = 0;
let components: u32 = 0;

/** Of mixtures: weights, means and inverse scales of at most 64 components, f64. */
const mixture = memory.data(64 * 3 * 8, 8);

/** log Γ(x) of x > 0: Stirling's series after the recurrence, with an error below 1e-13. */
function logGamma(x: f64): f64 {
  let shift: f64 = 0;
  while (x < 10) {
    shift += log(x);
    x += 1;
  }
  const y = 1 / (x * x);
  let s: f64 = -691.0 / 360360.0;
  s = s * y + 1.0 / 1188.0;
  s = s * y - 1.0 / 1680.0;
  s = s * y + 1.0 / 1260.0;
  s = s * y - 1.0 / 360.0;
  s = s * y + 1.0 / 12.0;
  return (x - 0.5) * log(x) - x + 0.9189385332046728 + s / x - shift;
}

/** The regularised lower incomplete gamma function P(a, x): a series, or Lentz's continued fraction. */
function gammaShare(a: f64, x: f64): f64 {
  if (!(x > 0)) return 0;
  if (a > 1000) {
    // Wilson and Hilferty (1931): the cube root is nearly Gaussian.
    const root = exp(log(x / a) / 3);
    return normal((root - 1 + 1 / (9 * a)) * 3 * sqrt(a));
  }
  const front = exp(a * log(x) - x - logBeta);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let i = 1; i < 2000; i++) {
      term *= x / (a + <f64>i);
      sum += term;
      if (term < sum * 1e-15) break;
    }
    return sum * front;
  }
  let b = x + 1 - a;
  let c: f64 = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 2000; i++) {
    const an = -<f64>i * (<f64>i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const step = d * c;
    h *= step;
    if (abs(step - 1) < 1e-15) break;
  }
  return 1 - front * h;
}

/** Half the regularised incomplete beta function I(ν/2, 1/2) at ν/(ν + z²): one tail of Student's t. */
function studentTail(z: f64): f64 {
  const a = shape / 2;
  const b: f64 = 0.5;
  const square = z * z;
  const x = shape / (shape + square);
  const front = exp(a * log(x) + b * log(square / (shape + square)) - logBeta);
  const direct = x < (a + 1) / (a + b + 2);
  const p = direct ? a : b;
  const q = direct ? b : a;
  const y = direct ? x : square / (shape + square);
  // The continued fraction of Numerical mathematics by Lentz's way.
  let c: f64 = 1;
  let d: f64 = 1 - ((p + q) * y) / (p + 1);
  d = 1 / (abs(d) < 1e-300 ? 1e-300 : d);
  let h = d;
  for (let m = 1; m < 2000; m++) {
    const i = <f64>m;
    let n = (i * (q - i) * y) / ((p + 2 * i - 1) * (p + 2 * i));
    d = 1 + n * d;
    d = 1 / (abs(d) < 1e-300 ? 1e-300 : d);
    c = 1 + n / c;
    if (abs(c) < 1e-300) c = 1e-300;
    h *= d * c;
    n = (-(p + i) * (p + q + i) * y) / ((p + 2 * i) * (p + 2 * i + 1));
    d = 1 + n * d;
    d = 1 / (abs(d) < 1e-300 ? 1e-300 : d);
    c = 1 + n / c;
    if (abs(c) < 1e-300) c = 1e-300;
    const step = d * c;
    h *= step;
    if (abs(step - 1) < 1e-15) break;
  }
  const share = (front * h) / p;
  return 0.5 * (direct ? share : 1 - share);
}

/** The distribution that `cumulative` is of: of value i by up to three parameters. */
export function distribution(which: u32, i: u32, first: usize, second: usize, third: usize, size: u32): void {
  kind = which;
  if (which == MIXTURE) {
    components = size < 64 ? size : 64;
    let top: f64 = -1e7;
    for (let k: u32 = 0; k < components; k++) {
      const x = within(floatAt(first, i * size + k), -1e6, 1e6);
      if (x > top) top = x;
    }
    let sum: f64 = 0;
    for (let k: u32 = 0; k < components; k++) {
      const at = mixture + <usize>(k * 24);
      const weight = exp(within(floatAt(first, i * size + k), -1e6, 1e6) - top);
      sum += weight;
      store<f64>(at, weight);
      store<f64>(at + 8, within(floatAt(second, i * size + k), -1e18, 1e18));
      store<f64>(at + 16, exp(-within(floatAt(third, i * size + k), -10, 10)));
    }
    for (let k: u32 = 0; k < components; k++) {
      const at = mixture + <usize>(k * 24);
      store<f64>(at, load<f64>(at) / sum);
    }
    return;
  }
  location = within(floatAt(first, i), -1e18, 1e18);
  if (which == GAMMA) {
    location = within(location, -60, 60);
    shape = exp(within(floatAt(second, i), -10, 10));
    inverse = shape * exp(-location);
    logBeta = logGamma(shape);
    return;
  }
  if (which == CONTINUOUS_BERNOULLI) {
    location = within(location, -1e6, 1e6);
    return;
  }
  if (which == LOG_NORMAL || which == HURDLE_LOG_NORMAL) location = within(location, -60, 60);
  inverse = exp(-within(floatAt(second, i), -10, 10));
  if (which == HURDLE_LOG_NORMAL) zero = sigmoid(within(floatAt(third, i), -1e6, 1e6));
  if (which == STUDENT_T) {
    shape = 1 + softplus(within(floatAt(third, i), -10, 1000));
    logBeta = logGamma(shape / 2) + 0.5723649429247001 - logGamma(shape / 2 + 0.5);
  }
}

/** P(X < x). */
export function cumulative(x: f64): f64 {
  switch (kind) {
    case GAUSSIAN:
      return normal((x - location) * inverse);
    case LAPLACE: {
      const z = (x - location) * inverse;
      return z < 0 ? 0.5 * exp(z) : 1 - 0.5 * exp(-z);
    }
    case STUDENT_T: {
      const z = within((x - location) * inverse, -1e9, 1e9);
      if (z == 0) return 0.5;
      const tail = studentTail(z);
      return z < 0 ? tail : 1 - tail;
    }
    case MIXTURE: {
      let sum: f64 = 0;
      for (let k: u32 = 0; k < components; k++) {
        const at = mixture + <usize>(k * 24);
        sum += load<f64>(at) * normal((x - load<f64>(at + 8)) * load<f64>(at + 16));
      }
      return sum;
    }
    case LOG_NORMAL:
      return x > 0 ? normal((log(x) - location) * inverse) : 0;
    case HURDLE_LOG_NORMAL:
      return x > 0 ? zero + (1 - zero) * normal((log(x) - location) * inverse) : 0;
    case GAMMA:
      return gammaShare(shape, x * inverse);
    default: {
      // The continuous Bernoulli: (e^(ηx) - 1) / (e^η - 1), evenly where η is 0.
      if (!(x > 0)) return 0;
      if (x >= 1) return 1;
      if (abs(location) < 1e-3) return x + 0.5 * location * x * (x - 1);
      if (location > 0) return (exp(location * (x - 1)) - exp(-location)) / (1 - exp(-location));
      return (1 - exp(location * x)) / (1 - exp(location));
    }
  }
}
