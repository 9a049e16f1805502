// How good a model is on data, beside simple baselines of the same rows.
import { availableParallelism } from "node:os";
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import { activeUnits } from "../metrics/active-units.ts";
import { decodedGroups } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import { Evaluator } from "../train/evaluator.ts";
import { type Baselines, baselinesOf } from "./baselines.ts";
import { type AnomalyReport, anomalyReport } from "./evaluation/anomalies.ts";
import { type Compression, compression, dimensions } from "./evaluation/compression.ts";
import { type ImageReport, imageReport } from "./evaluation/images.ts";
import {
  asksOfLatents,
  type LatentOptions,
  type LatentReport,
  latentReport,
} from "./evaluation/latents.ts";
import { sampleRows } from "./evaluation/sample.ts";
import { MOST_PREDICTED, type TargetReport, targetReports } from "./evaluation/targets.ts";
import { deviceOf, type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { BATCH_ROWS, packedChunks } from "./stream.ts";

export interface EvaluateOptions extends TaskOptions, LatentOptions {
  /** Importance samples of each row for its likelihood. Default 0: no `nll`. */
  importanceSamples?: number;
  /** Of a path to IDX images: an IDX file of their classes, the column `label`. Default: none. */
  labels?: string;
  /** The column that says which rows are anomalies: how well they are told. Default: none. */
  anomalyLabel?: string;
  /** Of all noise, and of which rows are looked at where all would take too long. Default 0. */
  seed?: number;
}

/** Means over rows in nats, of raw values; null where the method has no such thing. */
export interface EvaluationReport {
  rows: number;
  elbo: number | null;
  /** −log p(x | z), or the mean squared error of an autoencoder. */
  reconstruction: number;
  kl: number | null;
  /** −log p(y | z) of the target fields; null without any. */
  target: number | null;
  /** Null as well where the KL is no sum over latents. */
  klPerLatent: number[] | null;
  /** −log p of each decoded field in nats (squared errors: their sum). */
  fields: { name: string; nats: number }[];
  /** Latents whose posterior mean varies by more than 0.01 over rows (Burda et al. 2016, §5.2). */
  activeUnits: number;
  /**
   * Mean squared error of a number at the posterior mean: of scaled columns, or of pixels 0 to 1;
   * null where the data fields hold none.
   */
  mse: number | null;
  /**
   * Share of the symbols of texts, their ends among them, that are the most probable ones at the
   * posterior mean: each after the true ones before it, or of one-shot decoding by the mean alone;
   * null where the data fields hold no text.
   */
  symbolAccuracy: number | null;
  /**
   * Share of the cells of columns of at most 255 levels that the most probable level at the posterior
   * mean is right of; null where the data fields have none.
   */
  levelAccuracy: number | null;
  /** −elbo in bits for each value of a row; null where a likelihood is no mass on raw values. */
  bitsPerDim: number | null;
  nll: { value: number; samples: number; standardError: number } | null;
  baselines: Baselines & {
    /** What gzip and xz need beside the model; null where pixels are drawn anew. */
    compression: Compression | null;
  };
  /** Of each target that the data has values of: how right it is, beside simple models. */
  targets: TargetReport[];
  /** How well anomalies are told, beside simple scores; null without a column of them. */
  anomalies: AnomalyReport | null;
  /** How near images come back, and how far drawn ones are from these; null without images. */
  images: ImageReport | null;
  /** What latents keep of rows; null where nothing of it is asked for. */
  latents: LatentReport | null;
}

export async function evaluate(
  run: string | Run,
  data: string | DataSource,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const samples = checkNumber("--importance-samples", options.importanceSamples ?? 0, {
    min: 0,
    integer: true,
  });
  const seed = checkNumber("--seed", options.seed ?? 0, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
  });
  const opened = await runOf(run);
  const { schema, model, training } = opened.config;
  const { anomalyLabel } = options;
  const ofLatents = asksOfLatents(options);
  const { probabilistic } = methods[model.method];
  if (samples > 0 && !probabilistic) {
    throw new ElboError({
      code: "no-density",
      kind: "usage",
      message: `--importance-samples needs a density; the run's method, ${model.method}, has none`,
      hint: "Leave --importance-samples out, or train with --method vae.",
    });
  }
  const source = await sourceFor(opened, data, options.labels);
  try {
    const device = await deviceOf(options);
    const threads = options.threads ?? availableParallelism();
    const evaluator = await Evaluator.create(device, schema, model, {
      rows: source.rows,
      threads,
      weights: opened.weights,
      form: "fixed",
    });
    const rows = packedChunks(opened, source, [], options.onNotes);
    const result = await evaluator.evaluate(rows, seed, training.beta, samples);
    await evaluator.release();
    const kl = result.klTerms.reduce((sum, value) => sum + value, 0);
    const elbo = probabilistic ? -result.reconstruction - kl : null;
    const bits = elbo !== null && isMass(opened) ? -elbo / dimensions(schema) / Math.LN2 : null;
    const sample = await sampleRows(opened, source, MOST_PREDICTED, seed);
    return {
      rows: result.rows,
      elbo,
      reconstruction: result.reconstruction,
      kl: probabilistic ? kl : null,
      target: result.target,
      klPerLatent:
        probabilistic && result.klTerms.length === model.latent ? [...result.klTerms] : null,
      fields: decodedNames(opened).map((name, i) => ({ name, nats: -result.fields![i]! })),
      activeUnits: activeUnits(result.meanVariance),
      mse: result.squaredError,
      symbolAccuracy: result.symbolAccuracy,
      levelAccuracy: result.levelAccuracy,
      bitsPerDim: bits,
      nll: result.nll,
      baselines: {
        ...(await baselinesOf(opened, () => packedChunks(opened, source), {
          ...{ device, threads, seed },
          batch: Math.min(BATCH_ROWS, source.rows),
        })),
        compression: await compression(opened, sample.packed, elbo),
      },
      targets: await targetReports(opened, sample.packed, options),
      anomalies:
        anomalyLabel === undefined
          ? null
          : await anomalyReport(opened, source, anomalyLabel, { ...options, seed }),
      images: await imageReport(opened, sample.packed, { ...options, seed }),
      latents: ofLatents ? await latentReport(opened, source, options, { ...options, seed }) : null,
    };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** Names of the decoded fields in the order of the graph's outputs. */
function decodedNames({ config: { schema, model } }: Run): string[] {
  return decodedGroups(schema, model).flatMap(({ layout }) =>
    layout.fields.map(({ name }) => name),
  );
}

/** Whether the likelihoods give raw values probabilities, and not densities. */
function isMass({ config: { schema, model } }: Run): boolean {
  return decodedGroups(schema, model).every(
    ({ layout, mass }) => mass || layout.fields[0]!.role !== "data",
  );
}
