// Some pixels of images to fit a correction to: chosen by what they cost, for most of an image is told already,
// and each standing for as many as it was chosen from.

import type { Contexts } from "../ans/images.ts";

/** Pixels with what the coder says of them. */
export interface Pixels {
  features: Float32Array;
  limits: Float32Array;
  /** How many pixels each stands for. */
  counts: Float32Array;
  /** Nats that all of them take without a correction. */
  nats: number;
}

/** Of what pixels cost, the share that goes by their number. */
const EVEN = 0.25;

/**
 * Chooses about `wanted` of the pixels, or all where there are no more: at even distances of their summed costs,
 * so that it takes no chance.
 */
export function choosePixels({ features, limits, costs }: Contexts, wanted: number): Pixels {
  const nats = costs.reduce((sum, cost) => sum + cost, 0);
  if (wanted >= costs.length) {
    return { features, limits, counts: new Float32Array(costs.length).fill(1), nats };
  }
  const even = (EVEN * nats) / costs.length + 1e-9;
  const step = (nats + even * costs.length) / wanted;
  const counts = new Float32Array(costs.length);
  const places = new Uint32Array(costs.length);
  let chosen = 0;
  let reached = 0.5;
  for (let i = 0; i < costs.length; i++) {
    const share = (costs[i]! + even) / step;
    reached += share;
    const times = Math.floor(reached);
    reached -= times;
    counts[i] = times / share;
    if (times > 0) places[chosen++] = i;
  }
  return { ...pickPixels({ features, limits, counts }, places.subarray(0, chosen)), nats };
}

/** The pixels at some places, in their order. */
function pickPixels(
  { features, limits, counts }: Omit<Pixels, "nats">,
  places: Uint32Array,
): Omit<Pixels, "nats"> {
  const size = features.length / counts.length;
  const some = {
    features: new Float32Array(places.length * size),
    limits: new Float32Array(places.length * 2),
    counts: new Float32Array(places.length),
  };
  // Element by element: copying such short parts costs less than telling where they are.
  for (let to = 0; to < places.length; to++) {
    const from = places[to]!;
    for (let i = 0; i < size; i++) some.features[to * size + i] = features[from * size + i]!;
    some.limits[2 * to] = limits[2 * from]!;
    some.limits[2 * to + 1] = limits[2 * from + 1]!;
    some.counts[to] = counts[from]!;
  }
  return some;
}

/** Pixels that are computed with together: one number of all of them, then the next. */
export type PixelBatch = Readonly<Record<"features" | "limits" | "counts", Float32Array>>;

/** The pixels at some places as a batch. */
export function batchOf(
  { features, limits, counts }: Omit<Pixels, "nats">,
  places: Uint32Array,
): PixelBatch {
  const total = counts.length;
  const beside = (values: Float32Array) => {
    const size = values.length / total;
    const batch = new Float32Array(places.length * size);
    for (let to = 0; to < places.length; to++) {
      const from = places[to]! * size;
      for (let i = 0; i < size; i++) batch[i * places.length + to] = values[from + i]!;
    }
    return batch;
  };
  return { features: beside(features), limits: beside(limits), counts: beside(counts) };
}

/** @param times by how many more rows each part stands for its own. */
export function joinPixels(parts: readonly Pixels[], times: number): Pixels {
  const joined = (of: (pixels: Pixels) => Float32Array) => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + of(part).length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(of(part), at);
      at += of(part).length;
    }
    return all;
  };
  return {
    features: joined(({ features }) => features),
    limits: joined(({ limits }) => limits),
    counts: joined(({ counts }) => counts).map((count) => count * times),
    nats: parts.reduce((sum, part) => sum + part.nats, 0) * times,
  };
}
