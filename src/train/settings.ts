// From what a person asks for to a whole configuration: checks every option, and chooses from the
// data what was left out.

import { ElboError } from "../base/errors.ts";
import { checkChoice, checkNumber } from "../base/validate.ts";
import { type Scale, scales } from "../fields/infer.ts";
import { type Binarize, binarizations, rowLength, type Schema } from "../fields/schema.ts";
import {
  type Likelihood,
  type MethodName,
  type ModelConfig,
  methodNames,
} from "../models/model.ts";
import { type Activation, activations } from "../nn/layers.ts";
import { type NetworkSpec, parseNetwork } from "../nn/network.ts";
import { type DeviceName, deviceNames } from "../runtime/device.ts";
import { checkOptimizer, type OptimizerName, optimizerDefaults } from "../runtime/optimizers.ts";
import { type Schedule, schedules, type TrainingConfig } from "./config.ts";

/** The options of `train`, as on the command line in camel case. All have defaults. */
export interface TrainOptions {
  /** The run folder. Default `runs/DATA-METHOD`, numbered where it exists. */
  out?: string;
  /** Default `vae`. */
  method?: MethodName;
  /** Latent dimensions. Default: 20 for images, a third of a table's columns (2 to 32). */
  latent?: number;
  /** `linear`, `mlp:400`, `conv:32,64/256`. Default: mlp for tables and small grey images, else conv. */
  network?: string;
  /** Default `relu`. */
  activation?: Activation;
  /** What the code of an `ae` passes through. Default: nothing. */
  codeActivation?: Activation;
  /** Default: `bernoulli` for images, `gaussian` for tables; `ae` has `squared-error` alone. */
  likelihood?: Likelihood;
  /** What the decoder ends in. Default: `sigmoid` for images, `linear` for tables. */
  output?: "linear" | "sigmoid";
  /** How table columns are scaled. Default `standardize`. */
  scale?: Scale;
  /** How pixels become bits. Default `none`. */
  binarize?: Binarize;
  /** Default: enough for about 10,000 steps, from 20 to 200. */
  epochs?: number;
  /** Rows in a batch. Default 128, or 32 where there are fewer than 2,000 rows. */
  batch?: number;
  /** Default 1e-3. */
  learningRate?: number;
  /** Default `adam`. */
  optimizer?: OptimizerName;
  /** Decay of the weights. Default: the optimiser's own. */
  weightDecay?: number;
  /** Norm that gradients are clipped to. Default: none. */
  clip?: number;
  /** Weight of the KL term. Default 1: the ELBO. */
  beta?: number;
  /** Epochs over which the KL term's weight rises to β. Default 0. */
  warmup?: number;
  /** Default `joint`. */
  schedule?: Schedule;
  /** Share of the rows held out. Default 0.1, or 0 below 50 rows. */
  validation?: number;
  /** Epochs without a better validation loss before training stops. Default: never. */
  patience?: number;
  /** Stop after this many seconds, with a checkpoint. */
  maxTime?: number;
  /** Default 0. */
  seed?: number;
  /** Default `auto`: the native CPU where it is installed, else WebAssembly. */
  device?: DeviceName | "auto";
  /** Default: as many as pay, by the size of the model. */
  threads?: number;
  /** Replace a run folder that exists. Default false. */
  force?: boolean;
}

/** Checks what can be checked before the data is read. */
export function checkOptions(options: TrainOptions): void {
  const choices: [string, string | undefined, readonly string[]][] = [
    ["--method", options.method, methodNames],
    ["--activation", options.activation, activations],
    ["--code-activation", options.codeActivation, activations],
    ["--likelihood", options.likelihood, ["bernoulli", "gaussian", "squared-error"]],
    ["--output", options.output, ["linear", "sigmoid"]],
    ["--scale", options.scale, scales],
    ["--binarize", options.binarize, binarizations],
    ["--optimizer", options.optimizer, Object.keys(optimizerDefaults)],
    ["--schedule", options.schedule, schedules],
    ["--device", options.device, ["auto", ...deviceNames]],
  ];
  for (const [name, value, known] of choices)
    if (value !== undefined) checkChoice(name, value, known);
  const numbers: [string, number | undefined, Parameters<typeof checkNumber>[2]][] = [
    ["--latent", options.latent, { min: 1, integer: true }],
    ["--epochs", options.epochs, { min: 1, integer: true }],
    ["--batch", options.batch, { min: 1, integer: true }],
    ["--lr", options.learningRate, { min: 0, above: true }],
    ["--weight-decay", options.weightDecay, { min: 0 }],
    ["--clip", options.clip, { min: 0, above: true }],
    ["--beta", options.beta, { min: 0 }],
    ["--warmup", options.warmup, { min: 0 }],
    ["--validation", options.validation, { min: 0, max: 0.9 }],
    ["--patience", options.patience, { min: 1, integer: true }],
    ["--max-time", options.maxTime, { min: 0, above: true }],
    ["--seed", options.seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true }],
    ["--threads", options.threads, { min: 1, max: 256, integer: true }],
  ];
  for (const [name, value, rule] of numbers)
    if (value !== undefined) checkNumber(name, value, rule);
  if (options.network !== undefined) parseNetwork(options.network);
}

function defaultNetwork(schema: Schema): NetworkSpec {
  if (schema.kind === "table") {
    const size = Math.min(512, Math.max(16, 2 ** Math.ceil(Math.log2(4 * schema.fields.length))));
    return { kind: "mlp", hidden: [size, size] };
  }
  const [{ height, width, channels }] = schema.fields;
  if (channels === 1 && height * width <= 32 * 32) return { kind: "mlp", hidden: [400] };
  return { kind: "conv", channels: [32, 64], dense: [256] };
}

function contradiction(message: string, hint: string): ElboError {
  return new ElboError({ code: "options-contradict", kind: "usage", message, hint });
}

/** Refuses what the method has no use for: an option is never ignored. */
function checkMethod(options: TrainOptions, method: MethodName): void {
  const useless: [string, unknown, string][] =
    method === "ae"
      ? [
          ["--beta", options.beta, "its loss has no KL term"],
          ["--warmup", options.warmup, "its loss has no KL term"],
        ]
      : [["--code-activation", options.codeActivation, "its latent is a Gaussian's draw"]];
  for (const [name, value, why] of useless) {
    if (value === undefined) continue;
    throw contradiction(
      `${name} does not go with --method ${method}: ${why}`,
      `Leave ${name} out.`,
    );
  }
}

export function resolveModel(options: TrainOptions, schema: Schema): ModelConfig {
  const method = options.method ?? "vae";
  const image = schema.kind === "image";
  const size = rowLength(schema);
  const ofData = image ? "bernoulli" : "gaussian";
  const likelihood = options.likelihood ?? (method === "ae" ? "squared-error" : ofData);
  if ((method === "ae") !== (likelihood === "squared-error")) {
    throw contradiction(
      `--method ${method} does not go with --likelihood ${likelihood}: an autoencoder has the squared error, a vae a density`,
      "Leave --likelihood out, or choose the other method.",
    );
  }
  checkMethod(options, method);
  return {
    method,
    latent:
      options.latent ??
      (image ? Math.min(20, size) : Math.min(32, Math.max(2, Math.round(size / 3)))),
    network: options.network === undefined ? defaultNetwork(schema) : parseNetwork(options.network),
    activation: options.activation ?? "relu",
    ...(options.codeActivation ? { codeActivation: options.codeActivation } : {}),
    likelihood,
    output: options.output ?? (image ? "sigmoid" : "linear"),
  };
}

export function resolveTraining(options: TrainOptions, rows: number): TrainingConfig {
  const batch = options.batch ?? Math.min(rows, rows < 2000 ? 32 : 128);
  if (batch > rows) {
    throw contradiction(
      `--batch ${batch} is larger than the data, which has ${rows} rows to train on`,
      `Give --batch ${rows} or less.`,
    );
  }
  const validation = options.validation ?? DEFAULT_VALIDATION;
  if (options.patience !== undefined && validation === 0) {
    throw contradiction(
      "--patience waits for a better validation loss, and no row is held out",
      `Give --validation ${DEFAULT_VALIDATION}, or leave --patience out.`,
    );
  }
  const defaults = optimizerDefaults[options.optimizer ?? "adam"];
  const optimizer = {
    ...defaults,
    learningRate: options.learningRate ?? 1e-3,
    weightDecay: options.weightDecay ?? defaults.weightDecay,
  };
  checkOptimizer(optimizer);
  const stepsPerEpoch = Math.ceil(rows / batch);
  return {
    epochs: options.epochs ?? Math.min(200, Math.max(20, Math.round(10_000 / stepsPerEpoch))),
    batch,
    optimizer,
    clipNorm: options.clip ?? null,
    beta: options.beta ?? 1,
    warmup: options.warmup ?? 0,
    schedule: options.schedule ?? "joint",
    validation,
    patience: options.patience ?? null,
    seed: options.seed ?? 0,
  };
}

export const DEFAULT_VALIDATION = 0.1;
/** Below this many rows none is held out: a handful of rows measures nothing. */
export const FEWEST_TO_SPLIT = 50;
