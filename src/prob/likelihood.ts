// What every family of likelihoods gives: log-probabilities, mean and mode in the graph, and draws
// on the host.
import type { Tensor } from "../graph/index.ts";
import type { Draws } from "../runtime/sequence.ts";
import type { FixedDraw } from "./fixed-noise.ts";

/** What a network emits for each value. */
export interface LikelihoodParameter {
  name: string;
  /** Numbers for each value: 1, or as many as there are components or levels. */
  size: number;
}

/**
 * A family of distributions of single values, by what a network emits for each. Parameters are a
 * network's outputs as they are: any finite float32, which the family itself turns into what its
 * formula needs and holds within what float32 can compute with.
 *
 * Shapes: x is `(batch, n)`, or any other; a parameter of size 1 has a shape that broadcasts to
 * x's, so that one scale a column is `(n,)`; a parameter of size K > 1 has one axis more, the last,
 * of K, and the axes before it broadcast to x's.
 */
export interface Likelihood {
  /** Kebab-case: `negative-binomial`. */
  name: string;
  parameters: readonly LikelihoodParameter[];
  /** Whether `logProb` is of a probability mass, else of a density. */
  mass: boolean;
  /** What x is in the graph: numbers, or the codes 0, 1, … of levels. */
  dtype: "float32" | "int32";
  /**
   * log p(x) of each value, in nats, constants kept: x's shape. Finite for every finite parameter
   * and every x of the support, of which counts beyond 1e12 count as that. Differentiable by the parameters, and by x where it is a density.
   */
  logProb(x: Tensor, parameters: readonly Tensor[]): Tensor;
  /** The expected value, float32. */
  mean(parameters: readonly Tensor[]): Tensor;
  /**
   * The expected value of min(x, limit), of a family with tails so long that its mean may be of what no
   * data holds.
   * @param limit above 0, of a shape that broadcasts to x's.
   */
  limitedMean?(parameters: readonly Tensor[], limit: Tensor): Tensor;
  /** The most probable value, of `dtype`. */
  mode(parameters: readonly Tensor[]): Tensor;
  /** Of levels alone: the probability of each, a last axis more than x has. */
  probabilities?(parameters: readonly Tensor[]): Tensor;
  /** In the graph; left out where a draw takes as many random numbers as they themselves decide. */
  fixedDraw?: FixedDraw;
  /**
   * Draws one value into each place of `out`.
   * @param parameters as the graph gave them, row-major; one that is shorter than `out` (times its
   * size) is repeated, as broadcasting over rows does.
   */
  sample(parameters: readonly Float32Array[], out: Float32Array, draws: Draws): void;
}

/** A parameter of `size` numbers a value with its axis of them, which it lacks where size is 1. */
export function withLastAxis(parameter: Tensor, size: number): Tensor {
  return size === 1 ? parameter.reshape([...parameter.shape, 1]) : parameter;
}

/** Of a parameter of size 1: the number for value i. */
export function at(parameter: Float32Array, i: number): number {
  return parameter[i % parameter.length]!;
}

/** Of a parameter of `size` numbers a value: those of value i. */
export function partAt(parameter: Float32Array, i: number, size: number): Float32Array {
  const start = (i * size) % parameter.length;
  return parameter.subarray(start, start + size);
}
