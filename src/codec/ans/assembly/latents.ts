// Latents as places among 2^BITS intervals (Townsend, Bird and Barber 2019, bits back with ANS, section 2.5.1),
// which are equally probable under a Gaussian WIDTH times as wide as the prior: under the prior itself those
// of its tails would be wider than a posterior there. Priors and posteriors of an interval are differences
// of distribution functions.

import { normal, normalQuantile } from "./math";
import { share } from "./shares";
import { drop, dropTurned, invented, peek, peekTurned, push, pushTurned, TOTAL } from "./stack";

const BITS: u32 = 16;
const COUNT: u32 = 1 << BITS;
const WIDTH: f64 = 2.5;

let edges: usize = 0;
let centres: usize = 0;
let priors: usize = 0;

/** Bytes of the tables of `prepare`. */
export function latentTableBytes(): u32 {
  return (2 * COUNT + 1) * 8 + (COUNT + 1) * 4;
}

/**
 * Fills the tables, at `address`, a multiple of 8: where intervals begin, their medians, and where they begin
 * in frequencies of N(0, 1).
 */
export function prepareLatents(address: usize): void {
  edges = address;
  centres = edges + (<usize>(COUNT + 1) << 3);
  priors = centres + (<usize>COUNT << 3);
  const width = 1.0 / <f64>COUNT;
  for (let i: u32 = 0; i < COUNT; i++) {
    const edge = i == 0 ? -1e300 : WIDTH * normalQuantile(<f64>i * width);
    store<f64>(edges + (<usize>i << 3), edge);
    store<f64>(centres + (<usize>i << 3), WIDTH * normalQuantile((<f64>i + 0.5) * width));
    store<u32>(priors + (<usize>i << 2), i == 0 ? 0 : share(normal(edge), i, COUNT));
  }
  store<f64>(edges + (<usize>COUNT << 3), 1e300);
  store<u32>(priors + (<usize>COUNT << 2), share(1, COUNT, COUNT));
}

// @ts-ignore: decorator
@inline
function priorStart(k: u32): u32 {
  return load<u32>(priors + (<usize>k << 2));
}

// @ts-ignore: decorator
@inline
function held(x: f64): f64 {
  return x > -1e9 ? (x < 1e9 ? x : 1e9) : -1e9;
}

/**
 * Where interval i begins in frequencies of N(mean, deviation), in the prior's own units. Far from the mean
 * intervals have none: a posterior is drawn from, and its reverse is told what was drawn, so that none
 * need be possible; and the least that they could have would, of all together, be drawn in one of some
 * thousand latents, from where no row comes.
 */
// @ts-ignore: decorator
@inline
function start(i: u32, mean: f64, inverse: f64): u32 {
  if (i == 0) return 0;
  if (i == COUNT) return TOTAL;
  return <u32>(normal((load<f64>(edges + (<usize>i << 3)) - mean) * inverse) * <f64>TOTAL);
}

let mean: f64 = 0;
let inverse: f64 = 1;
let priorMean: f64 = 0;
let priorDeviation: f64 = 1;

/** What is at i of the arrays of floats; priors of 0 are N(0, 1). */
function see(i: u32, means: usize, deviations: usize, priorMeans: usize, priorDeviations: usize): void {
  const at = <usize>i << 2;
  const q = held(<f64>load<f32>(means + at));
  const s = <f64>load<f32>(deviations + at);
  priorMean = priorMeans ? held(<f64>load<f32>(priorMeans + at)) : 0;
  const p = priorDeviations ? <f64>load<f32>(priorDeviations + at) : 1;
  priorDeviation = p > 1e-12 ? (p < 1e12 ? p : 1e12) : 1e-12;
  mean = (q - priorMean) / priorDeviation;
  inverse = priorDeviation / (s > 1e-12 ? (s < 1e12 ? s : 1e12) : 1e-12);
}

/**
 * How far the i-th table of a draw is turned. On top of the stack stand the places of latents before, which
 * are even only if rows' latents together are distributed as the prior says; drawn by them as they are,
 * latents would not be of their posteriors.
 */
// @ts-ignore: decorator
@inline
function turn(salt: u32, i: u32): u32 {
  return invented(invented(salt) ^ i) >> 2;
}

/**
 * Draws n latents of N(means, deviations) by popping them: their places, and what they are.
 * @param salt another one for each draw, the same for its reverse.
 */
export function popPosterior(
  salt: u32,
  n: u32,
  means: usize,
  deviations: usize,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
  values: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    see(i, means, deviations, priorMeans, priorDeviations);
    const by = turn(salt, i);
    const slot = peekTurned(by);
    let low: u32 = 0;
    let high: u32 = COUNT;
    let from: u32 = 0;
    let to = start(COUNT, mean, inverse);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const s = start(middle, mean, inverse);
      if (s <= slot) {
        low = middle;
        from = s;
      } else {
        high = middle;
        to = s;
      }
    }
    dropTurned(from, to - from, by);
    store<u32>(places + (<usize>i << 2), low);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>low << 3))));
  }
}

/** The reverse of `popPosterior`. */
export function pushPosterior(
  salt: u32,
  n: u32,
  means: usize,
  deviations: usize,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
): void {
  for (let i = n; i-- > 0; ) {
    see(i, means, deviations, priorMeans, priorDeviations);
    const k = load<u32>(places + (<usize>i << 2));
    const from = start(k, mean, inverse);
    pushTurned(from, start(k + 1, mean, inverse) - from, turn(salt, i));
  }
}

/** Pushes places under the prior. */
export function pushPrior(n: u32, places: usize): void {
  for (let i = n; i-- > 0; ) {
    const k = load<u32>(places + (<usize>i << 2));
    const from = priorStart(k);
    push(from, priorStart(k + 1) - from);
  }
}

/** The reverse: places, and the latents there by the priors' means and deviations; 0 for N(0, 1). */
export function popPrior(
  n: u32,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
  values: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    const slot = peek();
    let k: u32 = 0;
    for (let step = COUNT >> 1; step > 0; step >>= 1) {
      if (priorStart(k + step) <= slot) k += step;
    }
    const from = priorStart(k);
    drop(from, priorStart(k + 1) - from);
    store<u32>(places + (<usize>i << 2), k);
    see(i, places, places, priorMeans, priorDeviations);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>k << 3))));
  }
}

/** The places nearest to values under the priors, and what is there: latents without a posterior. */
export function placesOf(
  n: u32,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
  values: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    see(i, values, values, priorMeans, priorDeviations);
    const k = <u32>min(<f64>(COUNT - 1), normal(mean / WIDTH) * <f64>COUNT);
    store<u32>(places + (<usize>i << 2), k);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>k << 3))));
  }
}

/**
 * Where interval i begins in frequencies of N(mean, deviation) where it is a prior: as it is asked for what a
 * posterior drew, every interval has some.
 */
// @ts-ignore: decorator
@inline
function conditionalStart(i: u32): u32 {
  if (i == 0) return 0;
  return share(normal((load<f64>(edges + (<usize>i << 3)) - mean) * inverse), i, COUNT);
}

/** Pushes places under priors of their own, N(means, deviations), among the intervals of others. */
export function pushConditional(
  n: u32,
  means: usize,
  deviations: usize,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
): void {
  for (let i = n; i-- > 0; ) {
    see(i, means, deviations, priorMeans, priorDeviations);
    const k = load<u32>(places + (<usize>i << 2));
    const from = conditionalStart(k);
    push(from, conditionalStart(k + 1) - from);
  }
}

/** The reverse: places, and the latents there. */
export function popConditional(
  n: u32,
  means: usize,
  deviations: usize,
  priorMeans: usize,
  priorDeviations: usize,
  places: usize,
  values: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    see(i, means, deviations, priorMeans, priorDeviations);
    const slot = peek();
    let k: u32 = 0;
    for (let step = COUNT >> 1; step > 0; step >>= 1) {
      if (conditionalStart(k + step) <= slot) k += step;
    }
    const from = conditionalStart(k);
    drop(from, conditionalStart(k + 1) - from);
    store<u32>(places + (<usize>i << 2), k);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>k << 3))));
  }
}
