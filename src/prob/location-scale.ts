// Families of a location and a scale: how far x is from the location, in scales.
import type { Tensor } from "../graph/index.ts";
import { type Bounds, bounded, LOG_SCALE_BOUNDS } from "./bounds.ts";

/** Distances in scales are held within this: its square and sums of those are finite float32. */
const FARTHEST = 1e9;

/** z = (x − location) / scale, and the log scale within its bounds. */
export function standardized(
  x: Tensor,
  location: Tensor,
  logScale: Tensor,
  bounds: Bounds = LOG_SCALE_BOUNDS,
): { z: Tensor; logScale: Tensor } {
  const held = bounded(logScale, bounds);
  const z = x.sub(location).mul(held.neg().exp());
  return { z: bounded(z, [-FARTHEST, FARTHEST]), logScale: held };
}
