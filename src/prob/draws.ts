// Draws of the distributions that others are made of, on the host in float64, by exact algorithms.
import type { Draws } from "../runtime/sequence.ts";
import { clamp, LOGIT_BOUNDS } from "./bounds.ts";

/**
 * The log of a draw from Gamma(shape, 1), which for small shapes is far below any float
 * (Marsaglia and Tsang 2000, "A simple method for generating gamma variables").
 */
export function drawLogGamma(draws: Draws, shape: number): number {
  // Their §6: Gamma(a) is Gamma(a + 1) · U^(1/a).
  if (shape < 1) return drawLogGamma(draws, shape + 1) + Math.log(draws.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = draws.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const logV = 3 * Math.log(root);
    if (Math.log(draws.uniform()) < 0.5 * x * x + d * (1 - root ** 3 + logV)) {
      return Math.log(d) + logV;
    }
  }
}

/** A draw from Gamma(shape, 1). */
export function drawGamma(draws: Draws, shape: number): number {
  return Math.exp(drawLogGamma(draws, shape));
}

/** log k! within 1e-14 of its size: Stirling's series above 16 (Abramowitz and Stegun, 6.1.41). */
export function logFactorial(k: number): number {
  if (k < 16) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const y = 1 / (k * k);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / k;
  return (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Below this rate a search from 0 is quick. */
const SEARCHED = 10;

/** A draw from Poisson(rate), rate > 0. */
export function drawPoisson(draws: Draws, rate: number): number {
  return rate < SEARCHED ? searchPoisson(draws, rate) : rejectPoisson(draws, rate);
}

function searchPoisson(draws: Draws, rate: number): number {
  let rest = draws.uniform();
  let p = Math.exp(-rate);
  let k = 0;
  // Rounding may leave a rest above all probabilities: then p ends the search.
  while (rest > p && p > 0) {
    rest -= p;
    k += 1;
    p *= rate / k;
  }
  return k;
}

/** PTRS, transformed rejection with squeeze (Hörmann 1993), for rates of 10 and more. */
function rejectPoisson(draws: Draws, rate: number): number {
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const certain = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = draws.uniform() - 0.5;
    const v = draws.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= certain) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const bound = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (bound <= k * logRate - rate - logFactorial(k)) return k;
  }
}

/** A draw from Binomial(trials, p) by a search from 0; for up to 1000 trials. */
export function drawBinomial(draws: Draws, trials: number, p: number): number {
  if (p > 0.5) return trials - drawBinomial(draws, trials, 1 - p);
  const odds = p / (1 - p);
  let rest = draws.uniform();
  let mass = (1 - p) ** trials;
  let k = 0;
  while (rest > mass && k < trials) {
    rest -= mass;
    mass *= (odds * (trials - k)) / (k + 1);
    k += 1;
  }
  return k;
}

/** A draw of a level with the probabilities softmax(logits). */
export function drawLevel(draws: Draws, logits: Float32Array): number {
  const held = Array.from(logits, (logit) => clamp(logit, LOGIT_BOUNDS));
  const peak = Math.max(...held);
  return drawFrom(
    draws,
    held.map((logit) => Math.exp(logit - peak)),
  );
}

/** A draw of a place in proportion to its weight; weights are finite, 0 or more, and not all 0. */
export function drawFrom(draws: Draws, weights: readonly number[] | Float64Array): number {
  let sum = 0;
  let likeliest = 0;
  for (let k = 0; k < weights.length; k++) {
    sum += weights[k]!;
    if (weights[k]! > weights[likeliest]!) likeliest = k;
  }
  let rest = draws.uniform() * sum;
  for (let k = 0; k < weights.length; k++) {
    rest -= weights[k]!;
    if (rest < 0) return k;
  }
  // Rounding left a little: the likeliest takes it.
  return likeliest;
}
