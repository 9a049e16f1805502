// How many Gaussians a mixture should have: the number of the least Bayesian information criterion
// (Schwarz 1978, Estimating the Dimension of a Model).
import type { Draws } from "../runtime/sequence.ts";
import { type FittedMixture, fitMixture } from "./mixture-fit.ts";

/** −2 log L + (free parameters) log n: weights, means and full covariances. */
export function bic({ weights, means, logLikelihood }: FittedMixture, rows: number): number {
  const [count, size] = [weights.length, means[0]!.length];
  const parameters = count - 1 + count * size + (count * size * (size + 1)) / 2;
  return -2 * rows * logLikelihood + parameters * Math.log(rows);
}

export interface ChosenMixture {
  mixture: FittedMixture;
  /** The criterion of 1, 2, … Gaussians, as far as they were tried. */
  tried: number[];
}

/** So many numbers without a gain end the search. */
const PATIENCE = 2;

/** @param most Gaussians at most. */
export function chooseMixture(
  points: readonly Float64Array[],
  most: number,
  draws: Draws,
): ChosenMixture {
  let best: FittedMixture | undefined;
  let least = Infinity;
  const tried: number[] = [];
  for (let components = 1; components <= most; components++) {
    const mixture = fitMixture(points, { components }, draws);
    const own = bic(mixture, points.length);
    tried.push(own);
    if (own < least) [least, best] = [own, mixture];
    else if (components - best!.weights.length >= PATIENCE) break;
  }
  return { mixture: best!, tried };
}
