// Bytes of pixels by a discretised logistic, or a mixture of some; how symbols and parameters lie is told in
// ./levels.ts.

import { exp, sigmoid } from "./math";
import { floatAt, isAbsent, symbolAt, within } from "./levels";
import { share } from "./shares";
import { drop, peek, push, TOTAL } from "./stack";

/** Of each component its weight, its location and one over its scale, f64. */
let components: usize = 0;
let count: u32 = 0;

const EACH: usize = 24;

/** `room` has 24 bytes for each of `size` components. */
export function setLogistic(room: usize, size: u32): void {
  components = room;
  count = size;
}

/** P(X < k) of `levels`, 0 < k < levels. */
export function logisticBelow(k: u32, levels: u32): f64 {
  const edge = (2 * <f64>k - <f64>levels) / <f64>(levels - 1);
  let below: f64 = 0;
  for (let c: u32 = 0; c < count; c++) {
    const at = components + <usize>c * EACH;
    below += load<f64>(at) * sigmoid((edge - load<f64>(at, 8)) * load<f64>(at, 16));
  }
  return below;
}

/** Where level k of `levels` begins. */
function logisticStart(k: u32, levels: u32): u32 {
  if (k == 0) return 0;
  if (k == levels) return TOTAL;
  return share(logisticBelow(k, levels), k, levels);
}

/** Of what was prepared, on the scale of -1 to 1. */
export let logisticMean: f64 = 0;
export let logisticVariance: f64 = 0;

/** A logistic's variance for a scale of 1: π²/3. */
const VARIANCE: f64 = 3.289868133696453;

export function logisticMoments(): void {
  let mean: f64 = 0;
  let squares: f64 = 0;
  for (let c: u32 = 0; c < count; c++) {
    const at = components + <usize>c * EACH;
    const weight = load<f64>(at);
    const location = within(load<f64>(at, 8), -1, 1);
    const inverse = load<f64>(at, 16);
    mean += weight * location;
    squares += weight * (location * location + VARIANCE / (inverse * inverse));
  }
  logisticMean = mean;
  logisticVariance = max(squares - mean * mean, 0);
}

/** Reads the components of value i, of which one alone has no logit: `logits` is 0 then. */
export function prepareLogistic(i: u32, logits: usize, locations: usize, logScales: usize): void {
  const first = i * count;
  let top: f64 = -1e7;
  if (logits != 0) {
    for (let c: u32 = 0; c < count; c++) {
      const x = within(floatAt(logits, first + c), -1e6, 1e6);
      if (x > top) top = x;
    }
  }
  let sum: f64 = 0;
  for (let c: u32 = 0; c < count; c++) {
    const at = components + <usize>c * EACH;
    const weight = logits == 0 ? 1 : exp(within(floatAt(logits, first + c), -1e6, 1e6) - top);
    sum += weight;
    store<f64>(at, weight);
    store<f64>(at, within(floatAt(locations, first + c), -1e6, 1e6), 8);
    store<f64>(at, exp(-within(floatAt(logScales, first + c), -7, 5)), 16);
  }
  for (let c: u32 = 0; c < count; c++) {
    const at = components + <usize>c * EACH;
    store<f64>(at, load<f64>(at) / sum);
  }
}

/** By `size` logits, locations and log scales a value; `room` has 24 bytes for each of `size`. */
export function codeLogistic(
  n: u32,
  present: usize,
  symbols: usize,
  logits: usize,
  locations: usize,
  logScales: usize,
  size: u32,
  levels: u32,
  room: usize,
  decode: bool,
): void {
  setLogistic(room, size);
  for (let j: u32 = 0; j < n; j++) {
    const i = decode ? j : n - 1 - j;
    if (isAbsent(present, i)) continue;
    prepareLogistic(i, logits, locations, logScales);
    if (!decode) {
      const k = <u32>symbolAt(symbols, i);
      const start = logisticStart(k, levels);
      push(start, logisticStart(k + 1, levels) - start);
      continue;
    }
    const slot = peek();
    let low: u32 = 0;
    let high = levels;
    let from: u32 = 0;
    let to = TOTAL;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const start = logisticStart(middle, levels);
      if (start <= slot) {
        low = middle;
        from = start;
      } else {
        high = middle;
        to = start;
      }
    }
    drop(from, to - from);
    store<f64>(symbols + (<usize>i << 3), <f64>low);
  }
}
