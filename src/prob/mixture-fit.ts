// A mixture of Gaussians with full covariances, fitted to points by expectation and maximisation
// (Dempster et al. 1977; Bishop 2006, Pattern Recognition and Machine Learning, §9.2.2), on the host
// in float64. Starts are chosen far apart (Arthur and Vassilvitskii 2007, k-means++).
import { BATCH, constant, type Tensor } from "../graph/index.ts";
import type { Draws } from "../runtime/sequence.ts";
import { cholesky, solveLower } from "./cholesky.ts";
import { drawFrom } from "./draws.ts";
import { chosen, type FixedDraw, levelAt } from "./fixed-noise.ts";

export interface FittedMixture {
  /** Of each component; they sum to 1. */
  weights: Float64Array;
  means: Float64Array[];
  /** Lower triangles L of the covariances LLᵀ, row-major. */
  factors: Float64Array[];
  /** Mean log-density of the points, in nats. */
  logLikelihood: number;
}

export interface FitOptions {
  components: number;
  /** Starts, of which the best is kept. Default 3. */
  starts?: number;
  /** Steps at most. Default 200. */
  steps?: number;
  /** A gain in mean log-density below which it ends. Default 1e-4. */
  tolerance?: number;
}

/** Added to variances, as a share of the points' mean variance: a component may hold one point. */
const FLOOR = 1e-6;

const squaredDistance = (x: Float64Array, y: Float64Array) =>
  x.reduce((total, value, j) => total + (value - y[j]!) ** 2, 0);

/** Points far from each other: each next is drawn in proportion to its squared distance. */
function farApart(points: readonly Float64Array[], count: number, draws: Draws): Float64Array[] {
  const first = points[Math.min(points.length - 1, Math.floor(draws.uniform() * points.length))]!;
  const chosen = [first];
  const distances = Float64Array.from(points, (point) => squaredDistance(point, first));
  while (chosen.length < count) {
    const next = points[drawFrom(draws, distances)]!;
    chosen.push(next);
    for (const [i, point] of points.entries()) {
      distances[i] = Math.min(distances[i]!, squaredDistance(point, next));
    }
  }
  return chosen;
}

/** log w + log N(x; μ, LLᵀ). */
function logDensity(x: Float64Array, mixture: FittedMixture, k: number): number {
  const [mean, factor] = [mixture.means[k]!, mixture.factors[k]!];
  const size = x.length;
  const z = solveLower(
    factor,
    x.map((value, j) => value - mean[j]!),
  );
  let log = Math.log(mixture.weights[k]!) - (size / 2) * Math.log(2 * Math.PI);
  for (let j = 0; j < size; j++) log -= Math.log(factor[j * size + j]!) + z[j]! ** 2 / 2;
  return log;
}

/** Shares of each component in a point, and the point's log-density. */
export function responsibilities(
  x: Float64Array,
  mixture: FittedMixture,
): { shares: Float64Array; logDensity: number } {
  const logs = mixture.weights.map((_, k) => logDensity(x, mixture, k));
  const peak = logs.reduce((largest, value) => Math.max(largest, value), -Infinity);
  const shares = logs.map((value) => Math.exp(value - peak));
  const total = shares.reduce((sum, value) => sum + value, 0);
  return { shares: shares.map((value) => value / total), logDensity: peak + Math.log(total) };
}

/** The mixture of greatest likelihood for these shares of components in points. */
function maximized(
  points: readonly Float64Array[],
  shares: readonly Float64Array[],
  components: number,
  floor: number,
): FittedMixture {
  const size = points[0]!.length;
  const weights = new Float64Array(components);
  const [means, factors]: [Float64Array[], Float64Array[]] = [[], []];
  for (let k = 0; k < components; k++) {
    let total = 10 * Number.EPSILON;
    const mean = new Float64Array(size);
    for (const [i, point] of points.entries()) {
      const share = shares[i]![k]!;
      total += share;
      for (let j = 0; j < size; j++) mean[j]! += share * point[j]!;
    }
    for (let j = 0; j < size; j++) mean[j]! /= total;
    const covariance = new Float64Array(size * size);
    for (const [i, point] of points.entries()) {
      const share = shares[i]![k]! / total;
      if (share === 0) continue;
      for (let a = 0; a < size; a++) {
        const far = share * (point[a]! - mean[a]!);
        for (let b = 0; b <= a; b++) covariance[a * size + b]! += far * (point[b]! - mean[b]!);
      }
    }
    for (let j = 0; j < size; j++) covariance[j * size + j]! += floor;
    weights[k] = total / points.length;
    means.push(mean);
    factors.push(cholesky(covariance, size));
  }
  return { weights, means, factors, logLikelihood: -Infinity };
}

/**
 * @param points at least as many as components.
 * @param draws where starts are chosen by.
 */
export function fitMixture(
  points: readonly Float64Array[],
  { components, starts = 3, steps = 200, tolerance = 1e-4 }: FitOptions,
  draws: Draws,
): FittedMixture {
  const size = points[0]!.length;
  const center = new Float64Array(size);
  for (const point of points) for (let j = 0; j < size; j++) center[j]! += point[j]!;
  for (let j = 0; j < size; j++) center[j]! /= points.length;
  const spread = points.reduce((sum, point) => sum + squaredDistance(point, center), 0);
  const floor = Math.max(Number.MIN_VALUE, FLOOR * (spread / points.length / size) || FLOOR);
  let best: FittedMixture | undefined;
  for (let start = 0; start < starts; start++) {
    const seeds = farApart(points, components, draws);
    let shares: Float64Array[] = points.map((point) => {
      const distances = seeds.map((seed) => squaredDistance(point, seed));
      const nearest = distances.indexOf(Math.min(...distances));
      return Float64Array.from(seeds, (_, k) => +(k === nearest));
    });
    let last = -Infinity;
    for (let step = 0; step < steps; step++) {
      const mixture = maximized(points, shares, components, floor);
      const each = points.map((point) => responsibilities(point, mixture));
      shares = each.map((one) => one.shares);
      mixture.logLikelihood = each.reduce((sum, one) => sum + one.logDensity, 0) / points.length;
      if (!best || mixture.logLikelihood > best.logLikelihood) best = mixture;
      if (mixture.logLikelihood - last < tolerance) break;
      last = mixture.logLikelihood;
    }
  }
  return best!;
}

/** Draws of it, `(batch, latent)`. */
export function mixtureDraw({ weights, means, factors }: FittedMixture): FixedDraw {
  const [count, size] = [weights.length, means[0]!.length];
  const shares = constant([...weights], [1, 1, count]);
  const centers = constant(
    means.flatMap((mean) => [...mean]),
    [count, size],
  );
  const spreads = constant(
    factors.flatMap((factor) => [...factor]),
    [count, size * size],
  );
  return {
    noise: { normal: size, uniform: 1 },
    draw(_, { normal, uniform }): Tensor {
      const one = chosen(levelAt(shares, uniform!), count).reshape([BATCH, count]);
      const factor = one.matmul(spreads).reshape([BATCH, size, size]);
      const away = factor.mul(normal!.reshape([BATCH, 1, size])).sum(2);
      return one.matmul(centers).add(away);
    },
  };
}
