// Graphs of what a model must do better than: the mean row, principal components, and the density
// that goes with them.
import type { FieldSchema } from "../fields/field.ts";
import { constant, input, type Tensor } from "../graph/index.ts";
import { symmetricEigen } from "../metrics/eigen.ts";
import { Body, type Part } from "../models/body.ts";
import { HELD_OUT } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { numbersOf, numericParts, presence, presentIn } from "../models/numbers.ts";
import { Parameters } from "../nn/parameters.ts";

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
  const body = Body.of(schema, config, new Parameters(), HELD_OUT);
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
    sums: { there: there.sum(0), first: d.sum(0), squares: d.square().sum(0) },
    products: (width: number) => ({
      products: d.transpose().matmul(d.matmul(input(VECTORS, [size, width]))),
    }),
  };
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/**
 * Probabilistic PCA of d = x − mean: d ~ N(0, W Wᵀ + Ψ), W the axes times √(variance − σ²) and
 * Ψ = σ² I (Tipping and Bishop 1999, equations 4 and 7), but that no scale goes below what the last
 * digit of its number is worth. With M = I + Wᵀ Ψ⁻¹ W and z = M⁻¹ Wᵀ Ψ⁻¹ d, the quadratic form is
 * |z|² + Σ (d − W z)² / Ψ, a sum of squares that float32 holds, and the determinant |Ψ| |M|.
 */
function logDensity(d: Tensor, components: Components, leastScales: readonly number[]): Tensor {
  const { count, axes, variances, noise } = components;
  const size = leastScales.length;
  const psi = leastScales.map((least) => Math.max(noise, least ** 2));
  const w = axes.map((value, at) => {
    return value * Math.sqrt(Math.max(0, variances[Math.floor(at / size)]! - noise));
  });
  const weighted = w.map((value, at) => value / psi[at % size]!);
  const m = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < count; k++) {
      let sum = i === k ? 1 : 0;
      for (let j = 0; j < size; j++) sum += w[i * size + j]! * weighted[k * size + j]!;
      m[i * count + k] = sum;
    }
  }
  const { values, vectors } = symmetricEigen(m, count);
  const inverse = Float32Array.from(m, (_, at) => {
    const [i, k] = [Math.floor(at / count), at % count];
    return vectors.reduce((sum, v, l) => sum + (v[i]! * v[k]!) / values[l]!, 0);
  });
  const z = d
    .matmul(constant(weighted, [count, size]).transpose())
    .matmul(constant(inverse, [count, count]));
  const rest = d.sub(z.matmul(constant(w, [count, size]))).square();
  const form = z
    .square()
    .sum(1)
    .add(rest.div(constant(psi)).sum(1));
  const logs = [...values, ...psi].reduce((sum, value) => sum + Math.log(value), 0);
  return form.add(size * LOG_TWO_PI + logs).mul(-0.5);
}

/**
 * Of each row, `(batch,)`: how many numbers are there, the squared errors of the mean row and of
 * the principal components, and where the raw values have a density its logarithm by probabilistic
 * PCA.
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
  const there = presence(parts);
  const d = values.sub(constant(mean)).mul(there);
  const squares = d.square().sum(1);
  const outputs = { present: presentIn(parts, squares), meanError: squares };
  if (!components) return outputs;
  const axes = constant(components.axes, [components.count, mean.length]);
  const rest = d.sub(d.matmul(axes.transpose()).matmul(axes)).mul(there);
  const errors = { ...outputs, pcaError: rest.square().sum(1) };
  const slopes = parts.map(({ group, raw }) => group.logSlope(raw));
  if (slopes.some((slope) => slope === null)) return errors;
  const leastScales = parts.flatMap(({ group }) => group.leastScales);
  const logSlope = (slopes as Tensor[]).reduce((sum, slope) => sum.add(slope));
  return { ...errors, logDensity: logDensity(d, components, leastScales).add(logSlope) };
}
