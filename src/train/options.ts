// What a person may ask of train, and the checks that need no data.

import { ElboError } from "../base/errors.ts";
import { checkChoice, checkNumber } from "../base/validate.ts";
import {
  type Binarize,
  binarizations,
  type Kind,
  type LikelihoodName,
  likelihoods,
  type Scale,
  scales,
} from "../fields/field.ts";
import { checkTimeFormat } from "../fields/times/check.ts";
import { checkMethod } from "../models/methods/called.ts";
import type { MethodName } from "../models/methods/index.ts";
import { type Activation, activations } from "../nn/layers.ts";
import { parseNetwork } from "../nn/network.ts";
import { type Decoding, decodings } from "../nn/texts/network.ts";
import { type DeviceName, deviceNames } from "../runtime/device.ts";
import { type OptimizerName, optimizerDefaults } from "../runtime/optimizers.ts";
import { type Schedule, schedules } from "./config.ts";
import {
  type LearningRateScheduleName,
  learningRateSchedules,
  parseDrops,
} from "./learning-rate.ts";
import { parseMissing, parseSize, parseSplit, parseVocabulary } from "./option-values.ts";

/** The options of `train`, as on the command line in camel case. All have defaults. */
export interface TrainOptions {
  /** The run folder. Default `runs/DATA-METHOD`, numbered where it exists. */
  out?: string;
  /** A run whose weights, fields and architecture are the beginning. Default: weights are drawn. */
  from?: string;
  /** Default `vae`. */
  method?: MethodName;
  /** The method's own options by name; those left out have its defaults. */
  methodOption?: Readonly<Record<string, number | string>>;
  /**
   * Latent dimensions. Default: 20 for images, a third of a table's columns (2 to 32). `auto`: as
   * many as carry information, found by at least four trainings; see ./latent-size/find.ts.
   */
  latent?: number | "auto";
  /**
   * `linear`, `mlp:400`, `conv:32,64/256`, `transformer:64x2/256`. Default: mlp for tables and small
   * grey images, else conv.
   */
  network?: string;
  /** How texts are given: each symbol from those before it, or all at once. Default autoregressive. */
  decoding?: Decoding;
  /** Default `relu`. */
  activation?: Activation;
  /** What the code of an `ae` passes through. Default: nothing. */
  codeActivation?: Activation;
  /** Columns to be predicted: decoded, never encoded. Default: none. */
  target?: readonly string[];
  /** Columns that are given to both networks and never decoded. Default: none. */
  condition?: readonly string[];
  /** Columns that are carried along. Default: those that name each row. */
  id?: readonly string[];
  /** Columns that are left aside. Default: those that say nothing. */
  ignore?: readonly string[];
  /**
   * A column of 1 or true for rows that are known to be anomalies: they are left out of training, and
   * choose the score of `detect`. Default: none are known.
   */
  anomalyLabel?: string;
  /** The column of row weights. Default: none. */
  weight?: string;
  /** Kinds of columns by name. Default: what their values are. */
  kind?: Readonly<Record<string, Kind>>;
  /**
   * How columns of dates are written, in strftime's codes: `%d/%m/%Y`, or `iso`. Default: the one format that
   * all cells of a column are written in.
   */
  timeFormat?: Readonly<Record<string, string>>;
  /**
   * Words and numbers that mean "missing" beside NA, null and the like: `-999,unknown`, or of one column
   * `age=-999`. Default: none.
   */
  missing?: readonly string[];
  /** By column, or one for all that can have it. Default: what suits the kind and the values; `ae` squares errors. */
  likelihood?: LikelihoodName | Readonly<Record<string, LikelihoodName>>;
  /** A file of fields as `inspect` writes it, edited. */
  schema?: string;
  /** How texts are cut: `characters`, `bytes`, or so many symbols of pairs. Default characters. */
  vocabulary?: string;
  /**
   * Cuts a running text in windows of so many characters (default: one text a line), or a table in
   * overlapping windows of so many rows in the order of time (default: rows as they are).
   */
  window?: number;
  /** An IDX file of classes, one for each row, as the column `label`. */
  labels?: string;
  /** Images of files are brought to this: `28x28`. Default: the size of the first. */
  size?: string;
  /**
   * Mean share of the data's cells that are hidden from the encoder at each step, of each row another
   * share from 0 to twice that: it learns to tell them from the others. At most 0.5. Default 0.
   */
  hide?: number;
  /** What the decoder ends in. Default: `sigmoid` for images, `linear` for tables. */
  output?: "linear" | "sigmoid";
  /** How real columns enter the network. Default `standardize`. */
  scale?: Scale;
  /** How pixels become bits. Default `none`. */
  binarize?: Binarize;
  /** Default: enough for about 10,000 steps, at most 200, at least 20 or 50,000 steps. */
  epochs?: number;
  /** Rows in a batch. Default 128; 32 below 2,000 rows, 512 from 200,000 on. */
  batch?: number;
  /**
   * Batches whose gradients are summed for one step, which is then that of one batch so many times
   * as large; not so where a loss is of a batch as a whole. Default 1.
   */
  accumulate?: number;
  /** Default 1e-3. */
  learningRate?: number;
  /** How the learning rate changes over the run. Default `constant`. */
  lrSchedule?: LearningRateScheduleName;
  /** Epochs over which the learning rate rises evenly to its height. Default 0. */
  lrWarmup?: number;
  /** When `step` lowers the rate: `every:30` or `at:60,120`, in epochs. */
  lrSteps?: string;
  /** What it is multiplied by each time. Default 0.1. */
  lrFactor?: number;
  /** Default `adam`. */
  optimizer?: OptimizerName;
  /** Decay of the weights. Default: the optimiser's own. */
  weightDecay?: number;
  /** Norm that gradients are clipped to. Default: none. */
  clip?: number;
  /**
   * Decay of the weights' moving averages, which are then validated and kept in their place.
   * Default: none.
   */
  ema?: number;
  /** Weight of the KL term. Default 1: the ELBO. */
  beta?: number;
  /**
   * Epochs over which the KL term's weight rises to β, and its capacity to its end. Default: of
   * tables and vectors a twentieth of the epochs, without `cycles` and `capacity`; else 0.
   */
  warmup?: number;
  /** How often that rise begins anew, each for half of its cycle. Default: once, over `warmup`. */
  cycles?: number;
  /** Nats of KL that cost nothing, of each latent. Default 0; where there are texts 3 in all. */
  freeBits?: number;
  /** Whether free bits are of each latent or of all together. Default `latent`. */
  freeBitsOf?: "latent" | "total";
  /** Nats that the KL is held at, by β·|KL − capacity|. Default: none, the KL itself counts. */
  capacity?: number;
  /** Default `joint`. */
  schedule?: Schedule;
  /**
   * Share of the rows held out, 50,000 at most, or other data, all of it. Default 0.1, or 0 below
   * 50 rows.
   */
  validation?: number | string;
  /**
   * Which rows are held out: `random`, `stratified:COL` (by chance of each value), `time:COL` (the
   * latest) or `group:COL`. Default random, or stratified on the target where there is one and it has
   * levels; of a series the latest windows, since others overlap.
   */
  split?: string;
  /** Megabytes of rows that are held in memory; more stay in a file. Default 512. */
  memory?: number;
  /** Epochs without a better validation loss before training stops. Default: never. */
  patience?: number;
  /** Do what is to be done about what is found wrong, where training anew can. Default false. */
  autoFix?: boolean;
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

/** An error of options that do not go together. */
export function contradiction(message: string, hint: string): ElboError {
  return new ElboError({ code: "options-contradict", kind: "usage", message, hint });
}

/** Checks what can be checked before the data is read. */
export function checkOptions(options: TrainOptions): void {
  if (options.method !== undefined) checkMethod("--method", options.method);
  const choices: [string, string | undefined, readonly string[]][] = [
    ["--activation", options.activation, activations],
    ["--code-activation", options.codeActivation, activations],
    ["--decoding", options.decoding, decodings],
    ["--output", options.output, ["linear", "sigmoid"]],
    ["--scale", options.scale, scales],
    ["--binarize", options.binarize, binarizations],
    ["--free-bits-of", options.freeBitsOf, ["latent", "total"]],
    ["--optimizer", options.optimizer, Object.keys(optimizerDefaults)],
    ["--lr-schedule", options.lrSchedule, learningRateSchedules],
    ["--schedule", options.schedule, schedules],
    ["--device", options.device, ["auto", ...deviceNames]],
  ];
  for (const [name, value, known] of choices)
    if (value !== undefined) checkChoice(name, value, known);
  const numbers: [string, number | undefined, Parameters<typeof checkNumber>[2]][] = [
    ["--hide", options.hide, { min: 0, max: 0.5 }],
    ["--latent", options.latent === "auto" ? undefined : options.latent, { min: 1, integer: true }],
    ["--epochs", options.epochs, { min: 1, integer: true }],
    ["--batch", options.batch, { min: 1, integer: true }],
    ["--accumulate", options.accumulate, { min: 1, integer: true }],
    ["--lr", options.learningRate, { min: 0, above: true }],
    ["--lr-warmup", options.lrWarmup, { min: 0 }],
    ["--lr-factor", options.lrFactor, { min: 0, above: true, max: 1 }],
    ["--weight-decay", options.weightDecay, { min: 0 }],
    ["--clip", options.clip, { min: 0, above: true }],
    ["--ema", options.ema, { min: 0, max: 0.999999 }],
    ["--beta", options.beta, { min: 0 }],
    ["--warmup", options.warmup, { min: 0 }],
    ["--cycles", options.cycles, { min: 1, integer: true }],
    ["--free-bits", options.freeBits, { min: 0 }],
    ["--capacity", options.capacity, { min: 0 }],
    [
      "--validation",
      typeof options.validation === "string" ? undefined : options.validation,
      { min: 0, max: 0.9 },
    ],
    ["--patience", options.patience, { min: 1, integer: true }],
    ["--window", options.window, { min: 1, integer: true }],
    ["--memory", options.memory, { min: 0 }],
    ["--max-time", options.maxTime, { min: 0, above: true }],
    ["--seed", options.seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true }],
    ["--threads", options.threads, { min: 1, max: 256, integer: true }],
  ];
  for (const [name, value, rule] of numbers)
    if (value !== undefined) checkNumber(name, value, rule);
  if (options.network !== undefined) parseNetwork(options.network);
  if (options.lrSteps !== undefined) parseDrops(options.lrSteps);
  if (options.split !== undefined) parseSplit(options.split);
  if (options.size !== undefined) parseSize(options.size);
  if (options.vocabulary !== undefined) parseVocabulary(options.vocabulary);
  if (options.missing !== undefined) parseMissing(options.missing);
  for (const format of Object.values(options.timeFormat ?? {})) {
    checkTimeFormat("--time-format", format);
  }
  const names = [
    ...(typeof options.likelihood === "string" ? [options.likelihood] : []),
    ...(typeof options.likelihood === "object" ? Object.values(options.likelihood) : []),
  ];
  const known = [...new Set(Object.values(likelihoods).flat())];
  for (const name of names) checkChoice("--likelihood", name, known);
  for (const kind of Object.values(options.kind ?? {})) {
    checkChoice("--kind", kind, Object.keys(likelihoods));
  }
}
