// Pixels of images in the order in which they are known: each by what the model says of it, corrected by those
// that came before it. Symbols and parameters lie as ./levels.ts tells, an image after the other, channels first.

import { below, firstGuess, openBases, takePixel } from "./bases";
import { symbolAt } from "./levels";
import { log, sigmoid } from "./math";
import {
  featureCount,
  features,
  keepMoments,
  keepPixel,
  neighboursBytes,
  openNeighbours,
  pixelAt,
} from "./neighbours";
import { share } from "./shares";
import { drop, peek, push, TOTAL } from "./stack";
import { aim, openWarp, warped, warpedPair } from "./warp";

/** The logits where the model's distribution ends. */
const END: f64 = 60;

const context = memory.data(33 * 4, 16);

let channels: u32 = 1;
let height: u32 = 1;
let width: u32 = 1;
let levels: u32 = 2;
/** Of each pixel of an image the logits where its value begins and ends, f64. */
let edges: usize = 0;

/** Bytes that coding images of this shape takes. */
export function imagesBytes(c: u32, h: u32, w: u32): u32 {
  return c * h * w * 16 + neighboursBytes(c, h, w);
}

/** What the functions below go by; parameters are those of `openBases`. */
export function openImages(
  c: u32,
  h: u32,
  w: u32,
  room: usize,
  family: u32,
  count: u32,
  first: usize,
  second: usize,
  third: usize,
  size: u32,
  components: usize,
): void {
  channels = c;
  height = h;
  width = w;
  levels = count;
  edges = room;
  openBases(family, count, first, second, third, size, components);
  openNeighbours(c, h, w, count, room + <usize>(c * h * w) * 16);
}

// @ts-ignore: decorator
@inline
function edge(k: u32): f64 {
  return k == 0 ? -END : k == levels ? END : below(k);
}

/** Where level k, which begins at F of the corrected distribution, begins in frequencies. */
// @ts-ignore: decorator
@inline
function startAt(k: u32, F: f64): u32 {
  return k == 0 ? 0 : k == levels ? TOTAL : share(F, k, levels);
}

/** Keeps all that is known when the image that begins with value i has been decoded. */
function keepImage(i: u32, symbols: usize): void {
  keepMoments(i);
  let at = edges;
  for (let c: u32 = 0; c < channels; c++) {
    for (let y: u32 = 0; y < height; y++) {
      for (let x: u32 = 0; x < width; x++) {
        const k = <u32>symbolAt(symbols, i);
        takePixel(i++);
        const low = edge(k);
        const high = edge(k + 1);
        store<f64>(at, low);
        store<f64>(at, high, 8);
        at += 16;
        keepPixel(pixelAt(c, y, x), k, low, high);
      }
    }
  }
}

function pushImage(from: u32, symbols: usize): void {
  keepImage(from, symbols);
  const size = channels * height * width;
  let at = edges + <usize>size * 16;
  let i = from + size;
  for (let c = channels; c-- > 0; ) {
    for (let y = height; y-- > 0; ) {
      for (let x = width; x-- > 0; ) {
        i--;
        at -= 16;
        const k = <u32>symbolAt(symbols, i);
        features(pixelAt(c, y, x), c, context);
        aim(context);
        const ends = warpedPair(v128.load(at));
        const start = startAt(k, f64x2.extract_lane(ends, 0));
        push(start, startAt(k + 1, f64x2.extract_lane(ends, 1)) - start);
      }
    }
  }
}

function popPixel(): u32 {
  const slot = peek();
  let low: u32 = 0;
  let high = levels;
  let from: u32 = 0;
  let to = TOTAL;
  let middle = firstGuess();
  while (high - low > 1) {
    const start = startAt(middle, warped(below(middle)));
    if (start <= slot) {
      low = middle;
      from = start;
    } else {
      high = middle;
      to = start;
    }
    middle = (low + high) >> 1;
  }
  drop(from, to - from);
  return low;
}

function popImage(from: u32, symbols: usize): void {
  keepMoments(from);
  let i = from;
  for (let c: u32 = 0; c < channels; c++) {
    for (let y: u32 = 0; y < height; y++) {
      for (let x: u32 = 0; x < width; x++) {
        const at = pixelAt(c, y, x);
        takePixel(i);
        features(at, c, context);
        aim(context);
        const k = popPixel();
        store<f64>(symbols + (<usize>i << 3), <f64>k);
        keepPixel(at, k, edge(k), edge(k + 1));
        i++;
      }
    }
  }
}

/** Codes images one after the other: encoding goes from the last to the first, decoding back. */
export function codeImages(images: u32, symbols: usize, weights: usize, decode: bool): void {
  openWarp(weights, featureCount(channels));
  const size = channels * height * width;
  for (let j: u32 = 0; j < images; j++) {
    if (decode) popImage(j * size, symbols);
    else pushImage((images - 1 - j) * size, symbols);
  }
}

/** Nats of what begins and ends at these logits: from the end where they are told apart. */
function costOf(low: f64, high: f64): f64 {
  const mass = low > 0 ? sigmoid(-low) - sigmoid(-high) : sigmoid(high) - sigmoid(low);
  return -log(mass + 1e-9);
}

/**
 * What a correction is fitted to, of each pixel f32: its features to `contexts`, where its value begins and ends
 * to `limits`, and the nats that it takes without one to `costs`.
 */
export function describeImages(images: u32, symbols: usize, contexts: usize, limits: usize, costs: usize): void {
  const each = <usize>featureCount(channels) << 2;
  const size = channels * height * width;
  for (let j: u32 = 0; j < images; j++) {
    keepImage(j * size, symbols);
    let at = edges;
    for (let c: u32 = 0; c < channels; c++) {
      for (let y: u32 = 0; y < height; y++) {
        for (let x: u32 = 0; x < width; x++) {
          features(pixelAt(c, y, x), c, contexts);
          store<f32>(limits, <f32>load<f64>(at));
          store<f32>(limits, <f32>load<f64>(at, 8), 4);
          store<f32>(costs, <f32>costOf(load<f64>(at), load<f64>(at, 8)));
          at += 16;
          contexts += each;
          limits += 8;
          costs += 4;
        }
      }
    }
  }
}
