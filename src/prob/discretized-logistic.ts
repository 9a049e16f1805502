// The logistic distribution cut into levels, for pixels (Salimans et al. 2017, PixelCNN++, §2.1,
// with one component).
import { logit } from "../base/exact-math.ts";
import type { Tensor } from "../graph/index.ts";
import { clamp } from "./bounds.ts";
import { logisticOf } from "./fixed-noise.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/**
 * Below, nearly all mass is in one of 256 levels, and PixelCNN++ has the same bound; above, in the
 * two ends of the range.
 */
const LOG_SCALE_BOUNDS = [-7, 5] as const;

/** Farther than this beyond the range, the location's edge level is certain at any scale. */
const LOCATION_BOUNDS = [-1e6, 1e6] as const;

/**
 * Of whole numbers x in 0 … levels − 1, which stand at 2x/(levels − 1) − 1 in [−1, 1], as location
 * and scale do: σ(upper edge) − σ(lower edge) of the logistic at x's bin, where the first and the
 * last level take the tails. The mean is that of the logistic held within the range before it is
 * rounded, which is off by less than half a level.
 * @param levels how many, at least 2: 256 for bytes.
 */
export function discretizedLogistic(levels: number): Likelihood {
  const last = levels - 1;
  function logProb(x: Tensor, parameters: readonly Tensor[]): Tensor {
    const [location, raw] = parameters as [Tensor, Tensor];
    // Whole numbers up to the division, so that x and its place round alike.
    const place = x.mul(2).sub(last).div(last);
    const { z, logScale } = standardized(place, location, raw, LOG_SCALE_BOUNDS);
    const half = logScale
      .neg()
      .exp()
      .mul(1 / last);
    const isFirst = x.less(0.5);
    const isLast = x.greater(last - 0.5);
    // log(σ(b) − σ(a)) = log(1 − e^(a − b)) + log σ(b) + log σ(−a), without cancellation.
    const width = half.mul(-2).expm1().neg().log();
    const inside = isFirst.or(isLast).where(0, width);
    const below = isLast.where(0, z.add(half).neg().softplus());
    const above = isFirst.where(0, z.sub(half).softplus());
    return inside.sub(below).sub(above);
  }
  /** Location and scale in levels. */
  function inLevels(parameters: readonly Tensor[]): { location: Tensor; scale: Tensor } {
    const [location, raw] = parameters as [Tensor, Tensor];
    return {
      location: location
        .clip(...LOCATION_BOUNDS)
        .add(1)
        .mul(last / 2),
      scale: raw
        .clip(...LOG_SCALE_BOUNDS)
        .exp()
        .mul(last / 2),
    };
  }
  return {
    name: "discretized-logistic",
    parameters: [
      { name: "location", size: 1 },
      { name: "logScale", size: 1 },
    ],
    mass: true,
    dtype: "float32",
    logProb,
    mean(parameters) {
      const { location, scale } = inLevels(parameters);
      const upTo = (end: number) => location.sub(end).div(scale).softplus();
      return upTo(0).sub(upTo(last)).mul(scale);
    },
    /** The level at the location, or an end of the range, whose tail may hold more. */
    mode(parameters) {
      const { location } = inLevels(parameters);
      const middle = location.clip(0, last).add(0.5).floor();
      return [0, last].reduce((best, end) => {
        const other = middle.mul(0).add(end);
        return logProb(other, parameters).greater(logProb(best, parameters)).where(other, best);
      }, middle);
    },
    fixedDraw: {
      noise: { normal: 0, uniform: 1 },
      draw(parameters, { uniform }) {
        const { location, scale } = inLevels(parameters);
        return location
          .add(scale.mul(logisticOf(uniform!)))
          .add(0.5)
          .floor()
          .clip(0, last);
      },
    },
    sample(parameters, out, draws) {
      const [location, logScale] = parameters as [Float32Array, Float32Array];
      for (let i = 0; i < out.length; i++) {
        const scale = Math.exp(clamp(at(logScale, i), LOG_SCALE_BOUNDS));
        const value = at(location, i) + scale * logit(draws.uniform());
        out[i] = clamp(Math.floor(((value + 1) * last) / 2 + 0.5), [0, last]);
      }
    },
  };
}
