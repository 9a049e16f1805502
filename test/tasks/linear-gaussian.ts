// A vae without hidden layers is a linear Gaussian model, of which everything is known exactly:
// x = b + z W + s ε, so x ~ N(b, WᵀW + diag s²), and z given x is Gaussian too (Tipping and Bishop
// 1999, Probabilistic Principal Component Analysis; Lucas et al. 2019, section 4).
import type { DataSet } from "#elbo/data/dataset.js";
import { tableOf } from "#elbo/data/table.js";
import { optimizerDefaults } from "#elbo/runtime/optimizers.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Run } from "#elbo/tasks/run.js";
import { RUN_FORMAT } from "#elbo/train/config.js";

const columns = ["length", "depth", "mass", "age"];
const scales = [
  { mean: 44, standardDeviation: 5 },
  { mean: -0.2, standardDeviation: 0.01 },
  { mean: 4200, standardDeviation: 800 },
  { mean: 0, standardDeviation: 1 },
];
/** W, rows orthogonal, so that the exact posterior has no correlation, as the model's has none. */
const loadings = [
  [1.2, 0.9, 0, 0],
  [0, 0, 0.8, -0.4],
];
const offset = [0.1, -0.3, 0.2, 0];
const logScale = Math.log(0.6);
const variance = Math.exp(2 * logScale);
const latent = loadings.length;
/** 1 + |w|²/s² of each latent: the inverse of its posterior variance. */
const precision = loadings.map((w) => 1 + w.reduce((sum, v) => sum + v * v, 0) / variance);

export const model = { columns, scales, loadings, offset, variance, precision, latent };

/** How far the encoder is from the exact posterior: its means times `shrink`, log-variances plus `widen`. */
export interface Posterior {
  shrink: number;
  widen: number;
}

/** @param units factors that change the units of the columns. */
export function linearGaussianRun(
  { shrink, widen }: Posterior = { shrink: 1, widen: 0 },
  units: readonly number[] = [1, 1, 1, 1],
): Run {
  const encoder = new Float32Array(columns.length * 2 * latent);
  const bias = new Float32Array(2 * latent);
  for (const [l, w] of loadings.entries()) {
    bias[latent + l] = -Math.log(precision[l]!) + widen;
    for (const [j, value] of w.entries()) {
      const weight = (shrink * value) / variance / precision[l]!;
      encoder[j * 2 * latent + l] = weight;
      bias[l]! -= weight * offset[j]!;
    }
  }
  return {
    folder: "a run in memory",
    epoch: 1,
    weights: new Map([
      ["encoder.posterior.weight", encoder],
      ["encoder.posterior.bias", bias],
      ["decoder.output.weight", Float32Array.from(loadings.flat())],
      ["decoder.output.bias", Float32Array.from(offset)],
      ["decoder.logScale", new Float32Array(columns.length).fill(logScale)],
    ]),
    config: {
      format: RUN_FORMAT,
      elbo: "0.0.0",
      data: { source: "memory", rows: 0, hash: "" },
      schema: {
        kind: "table",
        fields: columns.map((name, j) => ({
          name,
          kind: "real",
          role: "data",
          mean: scales[j]!.mean * units[j]!,
          standardDeviation: scales[j]!.standardDeviation * units[j]!,
        })),
      },
      model: {
        method: "vae",
        latent,
        network: { kind: "mlp", hidden: [] },
        activation: "relu",
        likelihood: "gaussian",
        output: "linear",
      },
      training: {
        epochs: 1,
        batch: 1,
        optimizer: optimizerDefaults.adam,
        clipNorm: null,
        beta: 1,
        warmup: 0,
        schedule: "joint",
        validation: 0,
        patience: null,
        seed: 0,
      },
      compute: { device: "cpu", workers: 1, threads: 1 },
    },
  };
}

/** Rows of the model's own distribution, in raw units. */
export function rowsOf(count: number, seed: number): DataSet {
  const random = new Random(seed);
  const z = random.normal(streams.synthetic, 0, count * latent);
  const noise = random.normal(streams.synthetic, 1, count * columns.length);
  const values = noise.map((e, i) => {
    const [row, j] = [Math.floor(i / columns.length), i % columns.length];
    const signal = loadings.reduce((sum, w, l) => sum + w[j]! * z[row * latent + l]!, 0);
    const x = offset[j]! + signal + Math.sqrt(variance) * e;
    return x * scales[j]!.standardDeviation + scales[j]!.mean;
  });
  return tableOf(values, columns);
}

/** The rows on the network's scale, less the model's mean. */
function centred(set: DataSet): number[][] {
  return Array.from({ length: set.rows }, (_, i) =>
    columns.map((_, j) => {
      const { mean, standardDeviation } = scales[j]!;
      return (set.values[i * columns.length + j]! - mean) / standardDeviation - offset[j]!;
    }),
  );
}

/** Exact posterior means, `(rows, latent)`. */
export function posteriorMeans(set: DataSet): number[][] {
  return centred(set).map((x) =>
    loadings.map((w, l) => w.reduce((sum, v, j) => sum + v * x[j]!, 0) / variance / precision[l]!),
  );
}

/**
 * log p(x) of each row in raw units, by the determinant and inverse of WᵀW + s² I for orthogonal W:
 * along each w the variance is s²·precision, and s² elsewhere.
 */
export function logDensities(set: DataSet): number[] {
  const logDeterminant =
    columns.length * Math.log(variance) +
    precision.reduce((sum, p) => sum + Math.log(p), 0) +
    2 * scales.reduce((sum, { standardDeviation }) => sum + Math.log(standardDeviation), 0);
  return centred(set).map((x) => {
    let quadratic = x.reduce((sum, v) => sum + v * v, 0) / variance;
    for (const [l, w] of loadings.entries()) {
      const along = w.reduce((sum, v, j) => sum + v * x[j]!, 0);
      quadratic -= along ** 2 / variance ** 2 / precision[l]!;
    }
    return -0.5 * (quadratic + logDeterminant + columns.length * Math.log(2 * Math.PI));
  });
}
