// What the model alone says of one pixel after the other: the logit of P(X < k), and for contexts the mean and
// deviation, as shares of the range.

import { cumulative, distribution, GAUSSIAN as NORMAL } from "./continuous";
import { betaBinomialFirst, betaBinomialNext, floatAt, within } from "./levels";
import {
  logisticBelow,
  logisticMean,
  logisticMoments,
  logisticVariance,
  prepareLogistic,
  setLogistic,
} from "./logistic";
import { exp, expPair, log, sigmoid } from "./math";

export const BERNOULLI: u32 = 0;
export const BETA_BINOMIAL: u32 = 1;
export const CATEGORICAL: u32 = 2;
export const LOGISTIC: u32 = 3;
export const GAUSSIAN: u32 = 4;

/** Logits end here: beyond, 1 - F has no digit of F left. */
export const FAR: f64 = 34;

let family: u32 = 0;
let levels: u32 = 2;
let first: usize = 0;
let second: usize = 0;
let third: usize = 0;

/** P of the j symbols from one end, for j of 0 up to `filled`; from the upper end where it is `turned`. */
const table = memory.data(257 * 8, 8);
let filled: u32 = 0;
let turned: bool = false;
let a: f64 = 1;
let b: f64 = 1;
let p: f64 = 0;

/** Of the pixel that `moments` was asked of. */
export let mean: f64 = 0;
export let deviation: f64 = 0;

/** @param size components of a mixture, for which `room` has 24 bytes each. */
export function openBases(
  which: u32,
  count: u32,
  firsts: usize,
  seconds: usize,
  thirds: usize,
  size: u32,
  room: usize,
): void {
  family = which;
  levels = count;
  first = firsts;
  second = seconds;
  third = thirds;
  turned = false;
  setLogistic(room, size);
}

// @ts-ignore: decorator
@inline
function tableAt(j: u32): usize {
  return table + (<usize>j << 3);
}

/** The probabilities of all levels, not yet divided by their sum, which is returned. */
function weigh(i: u32): f64 {
  const from = i * levels;
  let top: f64 = -1e7;
  for (let k: u32 = 0; k < levels; k++) {
    const x = within(floatAt(first, from + k), -1e6, 1e6);
    if (x > top) top = x;
  }
  let sum: f64 = 0;
  for (let k: u32 = 0; k < levels; k++) {
    const weight = exp(within(floatAt(first, from + k), -1e6, 1e6) - top);
    store<f64>(tableAt(k + 1), weight);
    sum += weight;
  }
  return sum;
}

/** α and β of pixel i. */
// @ts-ignore: decorator
@inline
function betasAt(i: u32): v128 {
  const low = f64x2.splat(within(floatAt(first, i), -10, 10));
  return expPair(f64x2.replace_lane(low, 1, within(floatAt(second, i), -10, 10)));
}

/** From here on `below` speaks of pixel i. */
export function takePixel(i: u32): void {
  if (family == LOGISTIC) {
    prepareLogistic(i, first, second, third);
  } else if (family == GAUSSIAN) {
    distribution(NORMAL, i, first, second, 0, 1);
  } else if (family == BERNOULLI) {
    p = within(-floatAt(first, i), -FAR, FAR);
  } else if (family == BETA_BINOMIAL) {
    const betas = betasAt(i);
    const alpha = f64x2.extract_lane(betas, 0);
    const beta = f64x2.extract_lane(betas, 1);
    turned = alpha > beta;
    a = turned ? beta : alpha;
    b = turned ? alpha : beta;
    p = betaBinomialFirst(a, b, levels - 1);
    store<f64>(tableAt(1), p);
    filled = 1;
  } else {
    const sum = weigh(i);
    let below: f64 = 0;
    for (let k: u32 = 1; k < levels; k++) {
      below += load<f64>(tableAt(k));
      store<f64>(tableAt(k), below / sum);
    }
    filled = levels - 1;
  }
}

function logit(F: f64): f64 {
  if (!(F > 0)) return -FAR;
  if (F >= 1) return FAR;
  return within(log(F / (1 - F)), -FAR, FAR);
}

/** The logit of P(X < k), 0 < k < levels. */
export function below(k: u32): f64 {
  if (family == BERNOULLI) return p;
  if (family == LOGISTIC) return logit(logisticBelow(k, levels));
  if (family == GAUSSIAN) return logit(cumulative((<f64>k - 0.5) / <f64>(levels - 1)));
  const j = turned ? levels - k : k;
  while (filled < j) {
    p = betaBinomialNext(p, filled - 1, a, b, <f64>(levels - 1));
    store<f64>(tableAt(filled + 1), load<f64>(tableAt(filled)) + p);
    filled++;
  }
  const x = logit(load<f64>(tableAt(j)));
  return turned ? -x : x;
}

/** Where a search begins: next to the end that is cheap to ask for, and often the likeliest. */
// @ts-ignore: decorator
@inline
export function firstGuess(): u32 {
  return turned ? levels - 1 : 1;
}

/** Sets `mean` and `deviation` to those of pixel i. */
export function moments(i: u32): void {
  if (family == LOGISTIC) {
    prepareLogistic(i, first, second, third);
    logisticMoments();
    mean = within((logisticMean + 1) / 2, 0, 1);
    deviation = sqrt(logisticVariance) / 2;
  } else if (family == GAUSSIAN) {
    mean = within(floatAt(first, i), 0, 1);
    deviation = exp(within(floatAt(second, i), -10, 10));
  } else if (family == BERNOULLI) {
    mean = sigmoid(within(floatAt(first, i), -FAR, FAR));
    deviation = sqrt(mean * (1 - mean));
  } else if (family == BETA_BINOMIAL) {
    const betas = betasAt(i);
    const alpha = f64x2.extract_lane(betas, 0);
    const beta = f64x2.extract_lane(betas, 1);
    const sum = alpha + beta;
    const trials = <f64>(levels - 1);
    mean = alpha / sum;
    deviation = sqrt((mean * (1 - mean) * (sum + trials)) / ((sum + 1) * trials));
  } else {
    const sum = weigh(i);
    let total: f64 = 0;
    let squares: f64 = 0;
    for (let k: u32 = 0; k < levels; k++) {
      const weight = load<f64>(tableAt(k + 1)) / sum;
      const x = <f64>k / <f64>(levels - 1);
      total += weight * x;
      squares += weight * x * x;
    }
    mean = total;
    deviation = sqrt(max(squares - total * total, 0));
  }
}
