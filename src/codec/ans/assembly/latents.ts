// Latents as places among 2^BITS intervals that are equally probable under their prior: the prior's
// cost is exactly BITS bits, and the posterior's share of an interval is a difference of its
// distribution function (Townsend, Bird and Barber 2019, bits back with ANS, section 2.5.1).

import { normal, normalQuantile } from "./math";
import { share } from "./shares";
import { drop, peek, popBits, push, pushBits } from "./stack";

const BITS: u32 = 16;
const COUNT: u32 = 1 << BITS;

let edges: usize = 0;
let centres: usize = 0;

/** Bytes of the tables of `prepare`. */
export function latentTableBytes(): u32 {
  return (2 * COUNT + 1) * 8;
}

/** Fills the tables, at `address`, a multiple of 8: where intervals of N(0, 1) begin, and their medians. */
export function prepareLatents(address: usize): void {
  edges = address;
  centres = address + (<usize>(COUNT + 1) << 3);
  const width = 1.0 / <f64>COUNT;
  for (let i: u32 = 0; i < COUNT; i++) {
    const edge = i == 0 ? -1e300 : normalQuantile(<f64>i * width);
    store<f64>(edges + (<usize>i << 3), edge);
    store<f64>(centres + (<usize>i << 3), normalQuantile((<f64>i + 0.5) * width));
  }
  store<f64>(edges + (<usize>COUNT << 3), 1e300);
}

// @ts-ignore: decorator
@inline
function held(x: f64): f64 {
  return x > -1e9 ? (x < 1e9 ? x : 1e9) : -1e9;
}

/** Where interval i begins in frequencies of N(mean, deviation), in the prior's own units. */
// @ts-ignore: decorator
@inline
function start(i: u32, mean: f64, inverse: f64): u32 {
  if (i == 0) return 0;
  if (i == COUNT) return share(1, COUNT, COUNT);
  return share(normal((load<f64>(edges + (<usize>i << 3)) - mean) * inverse), i, COUNT);
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

/** Draws n latents of N(means, deviations) by popping them: their places, and what they are. */
export function popPosterior(
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
    drop(from, to - from);
    store<u32>(places + (<usize>i << 2), low);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>low << 3))));
  }
}

/** The reverse of `popPosterior`. */
export function pushPosterior(
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
    push(from, start(k + 1, mean, inverse) - from);
  }
}

/** Pushes places under the prior. */
export function pushPrior(n: u32, places: usize): void {
  for (let i = n; i-- > 0; ) pushBits(load<u32>(places + (<usize>i << 2)), BITS);
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
    const k = popBits(BITS);
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
    const k = <u32>min(<f64>(COUNT - 1), normal(mean) * <f64>COUNT);
    store<u32>(places + (<usize>i << 2), k);
    store<f32>(values + (<usize>i << 2), <f32>(priorMean + priorDeviation * load<f64>(centres + (<usize>k << 3))));
  }
}
