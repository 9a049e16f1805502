// What a run tells while it trains. These objects are the lines of `train --json`.
import type { ComputeConfig, RunConfig } from "./config.ts";
import type { Figures } from "./doctor/figures.ts";

/** Means over rows in nats, of raw values; null where the method has no such thing. */
export interface LossParts {
  /** What training lowers; for a probabilistic method with β = 1, −elbo. */
  loss: number;
  elbo: number | null;
  /** −log p(x | z), or the mean squared error of an autoencoder. */
  reconstruction: number;
  kl: number | null;
  /** −log p(y | z) of the targets; null without any. */
  target: number | null;
  /** What the method reports beside, by name, while it trains. */
  metrics?: Readonly<Record<string, number>>;
}

export interface StartEvent {
  event: "start";
  run: string;
  /** Rows to train on, and rows held out. */
  rows: { training: number; validation: number };
  fields: RunConfig["schema"]["fields"];
  parameters: number;
  device: ComputeConfig["device"];
  threads: number;
  settings: Pick<RunConfig, "model" | "training" | "compute">;
}

export interface EpochEvent {
  event: "epoch";
  epoch: number;
  train: LossParts;
  validation: LossParts | null;
  /** Null of an epoch that was not looked at: of more than 200, evenly as many are. */
  figures: Figures | null;
  rowsPerSecond: number;
}

/** Inside an epoch, a few times a second; not part of `--json`. */
export interface StepEvent {
  event: "step";
  epoch: number;
  step: number;
  steps: number;
  loss: number;
}

export interface WarningEvent {
  event: "warning";
  code: string;
  message: string;
  /** Of what training itself has found: where it comes from. */
  why?: string;
  hint: string;
  /** The column that it is about, where it is about one. */
  column?: string;
}

/** How good a run was, before a remedy or after it; of the epochs that are compared, where some are. */
export interface Outcome {
  /** All that it was trained. */
  epochs: number;
  /** Of the best epoch; null where none was finished or no row is held out. */
  validation: LossParts | null;
  /** In the last epoch. */
  activeUnits: number | null;
}

/** With `--auto-fix`: a remedy that is tried, and once more when its run has ended. */
export interface FixEvent {
  event: "fix";
  /** Of what was wrong. */
  code: string;
  /** What is done, in words. */
  remedy: string;
  before: Outcome;
  /** Null when it begins. */
  after: Outcome | null;
  /** The best of so many first epochs of each run decides; null where nothing is compared. */
  compared: number | null;
  /** Whether the run after it is kept; the other one is set aside as a folder beside it. */
  kept: boolean;
}

/** With `--auto-fix`: what was found has no remedy that could be tried; a person may have one. */
export interface UnfixedEvent {
  event: "unfixed";
  code: string;
}

/** How much alike the latents are that other seeds find; see `Likeness` in metrics. */
export interface LatentStability {
  /** The run's first, and the others'. */
  seeds: number[];
  /** Latents that each uses. */
  used: number[];
  /** From 0 to 1, of the run and the others. */
  subspace: number;
  axes: number;
}

/** With `--latent auto`: a size that was tried, and at the end how stable the found latents are. */
export interface LatentEvent {
  event: "latent";
  /** The model's latents, and those that carry information. */
  latent: number;
  used: number;
  seed: number;
  /** Of a smaller model, what held-out rows lose by it, in nats a row; null of a wide one. */
  lost: { nats: number; standardError: number } | null;
  /** Whether it is kept. */
  kept: boolean;
  stability?: LatentStability;
}

export interface DoneEvent {
  event: "done";
  ok: true;
  run: string;
  /** Epochs finished. */
  epochs: number;
  best: { epoch: number; validation: LossParts | null };
  seconds: number;
  stepsPerSecond: number;
  /** Whether it stopped before its last epoch because it was asked to. */
  interrupted: boolean;
  /** The page that tells of the run; left out where none was written. */
  report?: string;
}

export type TrainEvent =
  | StartEvent
  | EpochEvent
  | StepEvent
  | WarningEvent
  | FixEvent
  | UnfixedEvent
  | LatentEvent
  | DoneEvent;
