// A vae without hidden layers is a linear Gaussian model, of which everything is known exactly:
// x = b + z W + s ε, so x ~ N(b, WᵀW + diag s²), and z given x is Gaussian too (Tipping and Bishop
// 1999, Probabilistic Principal Component Analysis; Lucas et al. 2019, section 4).
import { tableOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { PackedRows } from "#elbo/fields/pack.js";
import { optimizerDefaults } from "#elbo/runtime/optimizers.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Run } from "#elbo/tasks/run.js";
import { RUN_FORMAT } from "#elbo/train/config.js";
import { modelConfig } from "../models/config.ts";

const columns = ["length", "depth", "mass", "age"];
const scales = [
  { mean: 44, deviation: 5 },
  { mean: -0.2, deviation: 0.01 },
  { mean: 4200, deviation: 800 },
  { mean: 0, deviation: 1 },
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
    linear: async () => ({ mean: new Float32Array(columns.length), components: null, reason: "" }),
    calibration: async () => null,
    reference: async () => ({
      training: packed(rowsOf(2000, 101)),
      heldOut: packed(rowsOf(999, 102)),
      anomalies: packed({ rows: 0, values: new Float32Array(0) }),
    }),
    weights: new Map([
      ["encoder.posterior.weight", encoder],
      ["encoder.posterior.bias", bias],
      ["decoder.output.weight", Float32Array.from(loadings.flat())],
      ["decoder.output.bias", Float32Array.from(offset)],
      ["decoder.data-real-gaussian.logScale", new Float32Array(columns.length).fill(logScale)],
    ]),
    config: {
      format: RUN_FORMAT,
      elbo: "0.0.0",
      data: { source: "memory", rows: 0, hash: "", labels: null, size: null, window: null },
      from: null,
      schema: {
        fields: columns.map((name, j) => ({
          ...{ name, kind: "real", role: "data", likelihood: "gaussian", gaps: false },
          scale: "standardize",
          mean: scales[j]!.mean * units[j]!,
          deviation: scales[j]!.deviation * units[j]!,
          resolution: 0,
          decimals: null,
          quantiles: [],
        })),
      },
      model: modelConfig({ latent, network: { kind: "mlp", hidden: [] } }),
      training: {
        epochs: 1,
        batch: 1,
        accumulate: 1,
        optimizer: optimizerDefaults.adam,
        learningRate: { schedule: { name: "constant" }, warmup: 0 },
        clipNorm: null,
        ema: null,
        beta: 1,
        warmup: 0,
        cycles: 0,
        schedule: "joint",
        validation: 0,
        split: { by: "random" },
        memory: 2 ** 29,
        patience: null,
        seed: 0,
      },
      compute: { device: "cpu", workers: 1, threads: 1 },
    },
  };
}

/** Rows and their values, row by row. */
export interface Rows {
  source: DataSource;
  values: Float32Array;
  rows: number;
}

/** Rows of the model's own distribution, in raw units. */
export function rowsOf(count: number, seed: number): Rows {
  const random = new Random(seed);
  const z = random.normal(streams.synthetic, 0, count * latent);
  const noise = random.normal(streams.synthetic, 1, count * columns.length);
  const values = noise.map((e, i) => {
    const [row, j] = [Math.floor(i / columns.length), i % columns.length];
    const signal = loadings.reduce((sum, w, l) => sum + w[j]! * z[row * latent + l]!, 0);
    const x = offset[j]! + signal + Math.sqrt(variance) * e;
    return x * scales[j]!.deviation + scales[j]!.mean;
  });
  return { source: tableOf(values, columns), values, rows: count };
}

export function packed({ rows, values }: Pick<Rows, "rows" | "values">): PackedRows {
  const groups = new Map([["data-real-gaussian", { type: "dense", values }] as const]);
  return { rows, groups, weights: null };
}

/** The rows on the network's scale, less the model's mean. */
function centred(set: Rows): number[][] {
  return Array.from({ length: set.rows }, (_, i) =>
    columns.map((_, j) => {
      const { mean, deviation } = scales[j]!;
      return (set.values[i * columns.length + j]! - mean) / deviation - offset[j]!;
    }),
  );
}

/** Exact posterior means, `(rows, latent)`. */
export function posteriorMeans(set: Rows): number[][] {
  return centred(set).map((x) =>
    loadings.map((w, l) => w.reduce((sum, v, j) => sum + v * x[j]!, 0) / variance / precision[l]!),
  );
}

/**
 * log p(x) of each row in raw units, by the determinant and inverse of WᵀW + s² I for orthogonal W:
 * along each w the variance is s²·precision, and s² elsewhere.
 */
export function logDensities(set: Rows): number[] {
  const logDeterminant =
    columns.length * Math.log(variance) +
    precision.reduce((sum, p) => sum + Math.log(p), 0) +
    2 * scales.reduce((sum, { deviation }) => sum + Math.log(deviation), 0);
  return centred(set).map((x) => {
    let quadratic = x.reduce((sum, v) => sum + v * v, 0) / variance;
    for (const [l, w] of loadings.entries()) {
      const along = w.reduce((sum, v, j) => sum + v * x[j]!, 0);
      quadratic -= along ** 2 / variance ** 2 / precision[l]!;
    }
    return -0.5 * (quadratic + logDeterminant + columns.length * Math.log(2 * Math.PI));
  });
}

/** log p(x) of each row where every column is alone: a Gaussian of the column's own mean and deviation. */
export function independentDensities({ values, rows }: Rows): number[] {
  return Array.from({ length: rows }, (_, i) =>
    scales.reduce((sum, { mean, deviation }, j) => {
      const z = (values[i * columns.length + j]! - mean) / deviation;
      return sum - 0.5 * (z * z + Math.log(2 * Math.PI)) - Math.log(deviation);
    }, 0),
  );
}
