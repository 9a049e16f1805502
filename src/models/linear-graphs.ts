// Graphs of what a model must do better than: the mean row, principal components, and the density
// that goes with them.
import type { FieldSchema } from "../fields/field.ts";
import { constant, input, type Tensor } from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";
import { Body, type Part } from "./body.ts";
import { HELD_OUT } from "./graphs.ts";
import type { ModelConfig } from "./model.ts";
import { numbersOf, numericParts, presence, presentIn } from "./numbers.ts";

/** Inputs of `momentsGraph`: what is taken from every row, `(n,)`, and vectors, `(n, width)`. */
export const CENTER = "center";
export const VECTORS = "vectors";

/** The principal components of rows of n numbers on the network's scale. */
export interface Components {
  /** How many. */
  count: number;
  /** Of length 1 and orthogonal, `(count, n)`. */
  axes: Float32Array;
  /** Of the rows along each axis, descending. */
  variances: Float32Array;
  /** The mean variance in all other directions (Tipping and Bishop 1999, equation 8). */
  noise: number;
}

interface Numbers {
  parts: Part[];
  values: Tensor;
  /** Whether there is nothing else in a row. */
  alone: boolean;
}

function numbersIn(schema: FieldSchema, config: ModelConfig): Numbers | null {
  const body = new Body(schema, config, new Parameters(), HELD_OUT);
  const parts = numericParts(body);
  const values = numbersOf(parts, ({ group, raw }) => group.target(raw));
  return values && { parts, values, alone: parts.length === body.of("data").length };
}

/**
 * Sums over the batch of d = x − CENTER and of d², `(n,)`, and of d (d · v) for each of `width`
 * vectors, `(n, width)`; a missing number is at the center, `there` counts the others. A center near
 * the mean keeps a variance from drowning in float32 squares. Null without numbers.
 */
export function momentsGraph(schema: FieldSchema, config: ModelConfig) {
  const numbers = numbersIn(schema, config);
  if (!numbers) return null;
  const { parts, values, alone } = numbers;
  const size = values.shape[1]!;
  const there = presence(parts);
  const d = values.sub(input(CENTER, [size])).mul(there);
  return {
    size,
    alone,
    /** The least that a density may claim as the mean variance of a number. */
    leastVariance: parts.reduce((sum, { group }) => sum + group.leastVariance, 0) / size,
    sums: { there: there.sum(0), first: d.sum(0), squares: d.square().sum(0) },
    products: (width: number) => ({
      products: d.transpose().matmul(d.matmul(input(VECTORS, [size, width]))),
    }),
  };
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/**
 * Of each row, `(batch,)`: how many numbers are there, the squared errors of the mean row and of
 * the principal components, and where the raw values have a density its logarithm by probabilistic
 * PCA: x ~ N(mean, W Wᵀ + σ² I), whose covariance has the axes' variances along them and σ² in all
 * other directions (Tipping and Bishop 1999, equations 4 and 7).
 */
export function linearGraph(
  schema: FieldSchema,
  config: ModelConfig,
  mean: Float32Array,
  components: Components | null,
) {
  const numbers = numbersIn(schema, config);
  if (!numbers) return null;
  const { parts, values } = numbers;
  const size = mean.length;
  const d = values.sub(constant(mean)).mul(presence(parts));
  const squares = d.square().sum(1);
  const outputs = { present: presentIn(parts, squares), meanError: squares };
  if (!components) return outputs;
  const { count, axes, variances, noise } = components;
  const scores = d.matmul(constant(axes, [count, size]).transpose());
  const rest = d
    .sub(scores.matmul(constant(axes, [count, size])))
    .square()
    .sum(1);
  const errors = { ...outputs, pcaError: rest };
  const slopes = parts.map(({ group, raw }) => group.logSlope(raw));
  if (slopes.some((slope) => slope === null)) return errors;
  const spread = scores
    .square()
    .div(constant(variances))
    .sum(1)
    .add(rest.mul(1 / noise));
  const logDeterminant =
    variances.reduce((sum, variance) => sum + Math.log(variance), 0) +
    (size - count) * Math.log(noise);
  const constants = -0.5 * (size * LOG_TWO_PI + logDeterminant);
  const logSlope = (slopes as Tensor[]).reduce((sum, slope) => sum.add(slope));
  return { ...errors, logDensity: spread.mul(-0.5).add(constants).add(logSlope) };
}
