// What is known of a pixel before it is decoded, as features for the correction: what the model says of it and
// of those around it, and of those that came before it (channels one after the other, each in raster order)
// their values and how far they were from what the model said.

import { deviation, mean, moments } from "./bases";
import { within } from "./levels";
import { logPair } from "./math";

/** Of each pixel five f32: the model's mean, its logit, the deviation's logarithm; value and residual. */
const EACH: usize = 20;
const VALUE: usize = 12;
const RESIDUAL: usize = 16;

let channels: u32 = 1;
let height: u32 = 1;
let width: u32 = 1;
let range: f64 = 1;
/** Pixels lie with a border of two to the left, the right and above, and one below, where all is 0. */
let start: usize = 0;
let rowBytes: usize = 0;
let planeBytes: usize = 0;

/** Bytes of an image's pixels with their borders. */
export function neighboursBytes(c: u32, h: u32, w: u32): u32 {
  return c * (h + 3) * (w + 4) * <u32>EACH;
}

/** Features of a pixel: as many for each, by the number of channels alone. */
export function featureCount(c: u32): u32 {
  return c > 1 ? 33 : 19;
}

export function openNeighbours(c: u32, h: u32, w: u32, levels: u32, room: usize): void {
  channels = c;
  height = h;
  width = w;
  range = <f64>(levels - 1);
  rowBytes = <usize>(w + 4) * EACH;
  planeBytes = <usize>(h + 3) * rowBytes;
  start = room + 2 * rowBytes + 2 * EACH;
  memory.fill(room, 0, neighboursBytes(c, h, w));
}

// @ts-ignore: decorator
@inline
export function pixelAt(c: u32, y: u32, x: u32): usize {
  return start + <usize>c * planeBytes + <usize>y * rowBytes + <usize>x * EACH;
}

/** So that logarithms of nothing are not asked for: half of what a byte can tell, or so. */
const LEAST: f64 = 1e-4;

/** Keeps what the model says of all pixels of the image whose first one is the i-th of all. */
export function keepMoments(i: u32): void {
  for (let c: u32 = 0; c < channels; c++) {
    for (let y: u32 = 0; y < height; y++) {
      for (let x: u32 = 0; x < width; x++) {
        moments(i++);
        const at = pixelAt(c, y, x);
        store<f32>(at, <f32>mean);
        const odds = f64x2.splat((mean + LEAST) / (1 - mean + LEAST));
        const logs = logPair(f64x2.replace_lane(odds, 1, deviation + LEAST));
        store<f32>(at, <f32>(f64x2.extract_lane(logs, 0) * 0.25), 4);
        store<f32>(at, <f32>f64x2.extract_lane(logs, 1), 8);
      }
    }
  }
}

/** Logits beyond this differ no more. */
const NEAR: f64 = 8;

/** Keeps a pixel's value, and its residual: the middle of the logits where it begins and ends. */
// @ts-ignore: decorator
@inline
export function keepPixel(at: usize, value: u32, low: f64, high: f64): void {
  store<f32>(at, <f32>(<f64>value / range), VALUE);
  const middle = within(low, -NEAR, NEAR) + within(high, -NEAR, NEAR);
  store<f32>(at, <f32>(middle / (2 * 3)), RESIDUAL);
}

let into: usize = 0;

// @ts-ignore: decorator
@inline
function put(value: f32): void {
  store<f32>(into, value);
  into += 4;
}

// @ts-ignore: decorator
@inline
function known(at: usize): void {
  store<f32>(into, load<f32>(at, RESIDUAL));
  store<f32>(into, load<f32>(at, VALUE), 4);
  into += 8;
}

/** Writes the features of a pixel, f32, to `target`. */
export function features(at: usize, c: u32, target: usize): void {
  into = target;
  put(load<f32>(at));
  put(load<f32>(at, 4));
  put(load<f32>(at, 8));
  put(load<f32>(at + EACH));
  put(load<f32>(at + rowBytes));
  put(load<f32>(at + rowBytes - EACH));
  put(load<f32>(at + rowBytes + EACH));
  known(at - EACH);
  known(at - rowBytes);
  known(at - rowBytes - EACH);
  known(at - rowBytes + EACH);
  known(at - 2 * EACH);
  known(at - 2 * rowBytes);
  if (channels == 1) return;
  put(c == 1 ? 1 : 0);
  put(c > 1 ? 1 : 0);
  if (c == 0) {
    memory.fill(into, 0, 48);
    return;
  }
  const before = at - planeBytes;
  known(before);
  known(before - EACH);
  known(before - rowBytes);
  known(before + EACH);
  known(before + rowBytes);
  if (c > 1) known(before - planeBytes);
  else memory.fill(into, 0, 8);
}
