// The correction of a pixel's distribution by what is known around it: its distribution function F becomes
// Σ wᵢ · σ(aᵢ · logit F + bᵢ), three warps of its scale, ascending whatever the numbers. A small network gives
// them: one hidden layer, float32, sums in the order of inputs.

import { within } from "./levels";
import { expPair, sigmoidPair } from "./math";

/** Units of the hidden layer; and outputs, nine filled up to twelve. */
export const HIDDEN: u32 = 32;
const OUTPUTS: u32 = 12;

const hidden = memory.data(32 * 4, 16);
const outputs = memory.data(12 * 4, 16);

let weights: usize = 0;
let inputs: u32 = 0;

/** @param address f32: weights of the hidden layer `(inputs, 32)`, biases, of the outputs `(32, 12)`, biases. */
export function openWarp(address: usize, count: u32): void {
  weights = address;
  inputs = count;
}

let a0: f64 = 1;
let a1: f64 = 1;
let a2: f64 = 1;
let b0: f64 = 0;
let b1: f64 = 0;
let b2: f64 = 0;
let w0: f64 = 1;
let w1: f64 = 0;
let w2: f64 = 0;

/** Four sums of sixteen units at a time: what of an input and its row of weights is added to each. */
function computeHidden(features: usize): void {
  const biases = weights + (<usize>(inputs * HIDDEN) << 2);
  const none = f32x4.splat(0);
  for (let h: usize = 0; h < <usize>HIDDEN << 2; h += 64) {
    let s0 = v128.load(biases + h);
    let s1 = v128.load(biases + h, 16);
    let s2 = v128.load(biases + h, 32);
    let s3 = v128.load(biases + h, 48);
    let row = weights + h;
    for (let d: u32 = 0; d < inputs; d++) {
      const x = v128.load32_splat(features + (<usize>d << 2));
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(row)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(row, 16)));
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(row, 32)));
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(row, 48)));
      row += <usize>HIDDEN << 2;
    }
    v128.store(hidden + h, f32x4.max(s0, none));
    v128.store(hidden + h, f32x4.max(s1, none), 16);
    v128.store(hidden + h, f32x4.max(s2, none), 32);
    v128.store(hidden + h, f32x4.max(s3, none), 48);
  }
}

function computeOutputs(): void {
  let row = weights + (<usize>((inputs + 1) * HIDDEN) << 2);
  const biases = row + (<usize>(HIDDEN * OUTPUTS) << 2);
  let s0 = v128.load(biases);
  let s1 = v128.load(biases, 16);
  let s2 = v128.load(biases, 32);
  for (let h: u32 = 0; h < HIDDEN; h++) {
    const x = v128.load32_splat(hidden + (<usize>h << 2));
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(row, 32)));
    row += <usize>OUTPUTS << 2;
  }
  v128.store(outputs, s0);
  v128.store(outputs, s1, 16);
  v128.store(outputs, s2, 32);
}

/** Output i between bounds; of damaged weights, which may give no number, the lower one. */
// @ts-ignore: decorator
@inline
function output(i: usize, bound: f64): f64 {
  return within(<f64>load<f32>(outputs + (i << 2)), -bound, bound);
}

// @ts-ignore: decorator
@inline
function pair(low: f64, high: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(low), 1, high);
}

// @ts-ignore: decorator
@inline
function first(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0);
}

// @ts-ignore: decorator
@inline
function second(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 1);
}

/** Logarithms of slopes end at 4, shifts at 40, and logarithms of weights at 20. From here on `warped` is the correction for these features. */
export function aim(features: usize): void {
  computeHidden(features);
  computeOutputs();
  const slopes = expPair(pair(output(0, 4), output(1, 4)));
  const mixed = expPair(pair(output(2, 4), output(6, 20)));
  const weights = expPair(pair(output(7, 20), output(8, 20)));
  a0 = first(slopes);
  a1 = second(slopes);
  a2 = first(mixed);
  b0 = output(3, 40);
  b1 = output(4, 40);
  b2 = output(5, 40);
  w0 = second(mixed);
  w1 = first(weights);
  w2 = second(weights);
  const sum = w0 + w1 + w2;
  w0 /= sum;
  w1 /= sum;
  w2 /= sum;
}

/** The corrected distribution function where the model's has the logit x. */
export function warped(x: f64): f64 {
  const some = sigmoidPair(pair(a0 * x + b0, a1 * x + b1));
  const last = sigmoidPair(f64x2.splat(a2 * x + b2));
  return w0 * first(some) + w1 * second(some) + w2 * first(last);
}

/** `warped` of two logits, lane by lane, to the same bits. */
export function warpedPair(x: v128): v128 {
  const s0 = sigmoidPair(f64x2.add(f64x2.mul(f64x2.splat(a0), x), f64x2.splat(b0)));
  const s1 = sigmoidPair(f64x2.add(f64x2.mul(f64x2.splat(a1), x), f64x2.splat(b1)));
  const s2 = sigmoidPair(f64x2.add(f64x2.mul(f64x2.splat(a2), x), f64x2.splat(b2)));
  const two = f64x2.add(f64x2.mul(f64x2.splat(w0), s0), f64x2.mul(f64x2.splat(w1), s1));
  return f64x2.add(two, f64x2.mul(f64x2.splat(w2), s2));
}
