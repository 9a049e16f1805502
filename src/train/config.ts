// A run's configuration: everything needed to build its model again and to go on training.
import type { Split } from "../data/split.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { ModelConfig } from "../models/model.ts";
import type { DeviceName } from "../runtime/device.ts";
import type { OptimizerSettings } from "../runtime/optimizers.ts";
import type { LearningRatePlan } from "./learning-rate.ts";

/** The run folder's format; a folder with a larger number was written by a newer elbo. */
export const RUN_FORMAT = 6;

/**
 * Both parts at once (`joint`), epochs of the encoder and of the decoder in turn (`two-phase`), or an
 * encoder that leads at first (`aggressive`): it learns from ten batches for each that the decoder
 * learns from, until an epoch ends in which latents tell no more of held-out rows than before; then
 * joint. It keeps a strong decoder from learning to do without latents before they say anything (He et
 * al. 2019, Lagging Inference Networks and Posterior Collapse in Variational Autoencoders, algorithm
 * 1, with a fixed number of batches).
 */
export const schedules = ["joint", "two-phase", "aggressive"] as const;
export type Schedule = (typeof schedules)[number];

export interface TrainingConfig {
  epochs: number;
  /** Rows in a batch. */
  batch: number;
  /** Batches of which the gradients are summed for a step. */
  accumulate: number;
  optimizer: OptimizerSettings;
  /** How the optimiser's learning rate, its highest, changes over the run. */
  learningRate: LearningRatePlan;
  /**
   * Where resuming gave another rate than the run began with: the rates before, each with the epochs
   * that were finished when it ended. Left out: none, and the settings alone decide the result.
   */
  ratesBefore?: { learningRate: number; epochs: number }[];
  /** Norm that gradients are clipped to; null for none. */
  clipNorm: number | null;
  /** Decay of the weights' moving averages, which are the model then; null: the weights are. */
  ema: number | null;
  /** Weight of the KL term: 1 is the ELBO. */
  beta: number;
  /** Epochs over which the KL term's weight rises from 0 to β, and its capacity to its end. */
  warmup: number;
  /** How often the weight starts again at 0, evenly over the epochs; 0: it rises once. */
  cycles: number;
  schedule: Schedule;
  /** Share of the rows held out to choose the best epoch, or other data; 0 keeps the last. */
  validation: number | string;
  /** Which rows those are. */
  split: Split;
  /** The column that says which rows are anomalies, which are left out; left out: none are known. */
  anomalyLabel?: string;
  /** Bytes of packed rows that are held in memory; more are read from a file as they are needed. */
  memory: number;
  /** Epochs without a better validation loss after which training stops; null for never. */
  patience: number | null;
  seed: number;
}

/** How the run is computed: with the seed, it decides the bytes of the result. */
export interface ComputeConfig {
  device: DeviceName;
  /** Workers, each with a share of every batch. */
  workers: number;
  /** ONNX Runtime's threads in each worker. */
  threads: number;
}

/** Where the rows came from, and how they were opened. */
export interface DataConfig {
  source: string;
  rows: number;
  /** Of the packed training rows. */
  hash: string;
  /** The IDX file of labels, where there is one. */
  labels: string | null;
  /** Width and height that images of files were brought to. */
  size: { width: number; height: number } | null;
  /** Windows that a running text (so many characters) or a series (so many rows) was cut in. */
  window: { of: "text" | "series"; size: number } | null;
}

export interface RunConfig {
  format: number;
  /** Version of elbo that wrote it. */
  elbo: string;
  data: DataConfig;
  /** The run whose weights it began with; null: they were drawn. */
  from: string | null;
  schema: FieldSchema;
  model: ModelConfig;
  training: TrainingConfig;
  compute: ComputeConfig;
}
