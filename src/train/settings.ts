// From what a person asks for to a whole configuration: chooses from the data what was left out.
import { defaultLikelihoods } from "../fields/build-field.ts";
import {
  type Field,
  type FieldSchema,
  isModelled,
  type LikelihoodName,
  likelihoods,
  type ModelledField,
} from "../fields/field.ts";
import { refuse, resolveOptions } from "../models/method-options.ts";
import { type MethodName, methods } from "../models/methods/index.ts";
import type { ModelConfig } from "../models/model.ts";
import { parseNetwork } from "../nn/network.ts";
import { checkOptimizer, optimizerDefaults } from "../runtime/optimizers.ts";
import type { TrainingConfig } from "./config.ts";
import {
  defaultLatent,
  defaultNetwork,
  hasTexts,
  imageOf,
  modelled,
  wideLatent,
} from "./default-sizes.ts";
import { learningRatePlan } from "./learning-rate-plan.ts";
import { parseSplit } from "./option-values.ts";
import { contradiction, type TrainOptions } from "./options.ts";

/** Refuses what the method has no use for: an option is never ignored. */
function checkMethod(options: TrainOptions, name: MethodName): void {
  const { hasKl, ownKl, probabilistic } = methods[name];
  const noKl = "its loss has no KL term";
  const rigid = hasKl ? ownKl : noKl;
  const leads = options.schedule === "aggressive" ? options.schedule : undefined;
  const useless: [string, unknown, string][] = [
    ...(hasKl
      ? []
      : ([
          ["--beta", options.beta, noKl],
          ["--warmup", options.warmup, noKl],
          ["--cycles", options.cycles, noKl],
          [
            "--schedule aggressive",
            leads,
            "it waits for a posterior to tell more, and there is none",
          ],
        ] satisfies [string, unknown, string][])),
    ...(rigid === undefined
      ? []
      : ([
          ["--free-bits", options.freeBits, rigid],
          ["--free-bits-of", options.freeBitsOf, rigid],
          ["--capacity", options.capacity, rigid],
        ] satisfies [string, unknown, string][])),
    ...(probabilistic
      ? ([
          ["--code-activation", options.codeActivation, "its latent is a distribution's draw"],
        ] satisfies [string, unknown, string][])
      : ([
          [
            "--likelihood",
            options.likelihood === "squared-error" ? undefined : options.likelihood,
            "it has the squared error",
          ],
        ] satisfies [string, unknown, string][])),
  ];
  for (const [flag, value, why] of useless) {
    if (value === undefined) continue;
    throw contradiction(`${flag} does not go with --method ${name}: ${why}`, `Leave ${flag} out.`);
  }
  const { freeBits, freeBitsOf, capacity, warmup, cycles } = options;
  if (freeBits !== undefined && capacity !== undefined) {
    throw contradiction(
      "--free-bits and --capacity both say how much KL is free",
      "Give one of them.",
    );
  }
  if (freeBitsOf !== undefined && freeBits === undefined) {
    throw contradiction("--free-bits-of says of what --free-bits are", "Give --free-bits NATS.");
  }
  if (cycles !== undefined && (warmup !== undefined || capacity !== undefined)) {
    throw contradiction(
      `--cycles gives the KL's weight a rise of its own; it does not go with ${warmup === undefined ? "--capacity" : "--warmup"}`,
      "Give one of them.",
    );
  }
}

/**
 * An autoencoder squares the errors of numbers, where nothing else was asked for.
 * @throws ElboError where the likelihoods do not go with the method.
 */
export function fieldsFor(method: MethodName, fields: readonly Field[]): Field[] {
  return fields.map((field): Field => {
    if (!isModelled(field)) return field;
    const squares = (likelihoods[field.kind] as readonly LikelihoodName[]).includes(
      "squared-error",
    );
    if (!methods[method].probabilistic) {
      if (!squares) return field;
      // A schema file names every likelihood: those that nobody chose are no contradiction.
      const usual = [...defaultLikelihoods(field.kind), "squared-error"];
      if (!usual.includes(field.likelihood)) {
        throw contradiction(
          `--method ${method} does not go with the likelihood ${field.likelihood} (column ${field.name}): it has the squared error`,
          "Leave the likelihood out of the schema file, or choose --method vae.",
        );
      }
      return { ...field, likelihood: "squared-error" } as ModelledField;
    }
    if (field.likelihood !== "squared-error") return field;
    throw contradiction(
      `--method ${method} does not go with --likelihood squared-error (column ${field.name}): it needs a density`,
      "Leave --likelihood out, or choose --method ae.",
    );
  });
}

/**
 * Nats that cost nothing of a model of texts, all latents together: a decoder that sees the symbols
 * before learns to write from them alone first, and would close the latent before it has been tried.
 */
const TEXT_FREE = { freeBits: 3, freeBitsOf: "total" } as const;
const NONE_FREE = { freeBits: 0, freeBitsOf: "latent" } as const;

export function resolveModel(options: TrainOptions, schema: FieldSchema): ModelConfig {
  const method = options.method ?? "vae";
  checkMethod(options, method);
  if (options.decoding !== undefined && !hasTexts(schema)) {
    throw contradiction(
      `--decoding ${options.decoding} is of texts, and no column is one`,
      "Leave --decoding out, or give --kind COLUMN=text.",
    );
  }
  const { capacity = null } = options;
  const { hasKl, ownKl } = methods[method];
  const canBeFree = hasKl && ownKl === undefined && capacity === null;
  const free = canBeFree && hasTexts(schema) ? TEXT_FREE : NONE_FREE;
  const { freeBits = free.freeBits } = options;
  const { freeBitsOf = options.freeBits === undefined ? free.freeBitsOf : "latent" } = options;
  return {
    method,
    options: resolveOptions(method, methods[method].options, options.methodOption ?? {}),
    latent:
      options.latent === "auto" ? wideLatent(schema) : (options.latent ?? defaultLatent(schema)),
    network: options.network === undefined ? defaultNetwork(schema) : parseNetwork(options.network),
    activation: options.activation ?? "relu",
    ...(options.codeActivation ? { codeActivation: options.codeActivation } : {}),
    ...(hasTexts(schema) ? { decoding: options.decoding ?? "autoregressive" } : {}),
    ...(options.hide ? { hide: options.hide } : {}),
    output: options.output ?? (imageOf(schema) ? "sigmoid" : "linear"),
    kl: { freeBits, freeBitsOf, capacity },
  };
}

/** Of rows of columns. */
const WARMUP = 1 / 20;

/**
 * The share of the epochs over which the KL's weight rises where nobody says how: the method's own, or
 * by the rows. Rows of many numbers tell a decoder that knows nothing yet too little to pay for
 * latents, and some would never be used. Images have enough to tell, and texts are told from their own
 * symbols whatever the rise.
 */
function warmupOf(options: TrainOptions, schema: FieldSchema): number {
  const { hasKl, warmup } = methods[options.method ?? "vae"];
  if (!hasKl || options.cycles !== undefined || options.capacity !== undefined) return 0;
  const data = modelled(schema).filter(({ role }) => role === "data");
  const ofColumns = data.every(({ kind }) => kind !== "image" && kind !== "text");
  return warmup ?? (ofColumns ? WARMUP : 0);
}

/** @param schema of the rows, where it is known: what is left out may depend on it. */
export function resolveTraining(
  options: TrainOptions,
  rows: number,
  schema?: FieldSchema,
): TrainingConfig {
  const batch = options.batch ?? Math.min(rows, rows < 2000 ? 32 : rows < 200_000 ? 128 : 512);
  if (batch > rows) {
    throw contradiction(
      `--batch ${batch} is larger than the data, which has ${rows} rows to train on`,
      `Give --batch ${rows} or less.`,
    );
  }
  const accumulate = options.accumulate ?? 1;
  if (batch * accumulate > rows) {
    throw contradiction(
      `--accumulate ${accumulate} batches of ${batch} are larger than the data, which has ${rows} rows to train on`,
      `Give --accumulate ${Math.floor(rows / batch)} or less.`,
    );
  }
  const validation = options.validation ?? DEFAULT_VALIDATION;
  if (options.patience !== undefined && validation === 0) {
    throw contradiction(
      "--patience waits for a better validation loss, and no row is held out",
      `Give --validation ${DEFAULT_VALIDATION}, or leave --patience out.`,
    );
  }
  if (options.schedule === "aggressive" && validation === 0) {
    throw contradiction(
      "--schedule aggressive waits until latents tell no more of rows held out, and none are",
      `Give --validation ${DEFAULT_VALIDATION}, or leave --schedule out.`,
    );
  }
  if (typeof validation === "string" && options.split !== undefined) {
    throw contradiction(
      "--split says which rows are held out; --validation names other data, and none are",
      "Leave one of them out.",
    );
  }
  const defaults = optimizerDefaults[options.optimizer ?? "adam"];
  const optimizer = {
    ...defaults,
    learningRate: options.learningRate ?? 1e-3,
    weightDecay: options.weightDecay ?? defaults.weightDecay,
  };
  checkOptimizer(optimizer);
  const epochs = options.epochs ?? defaultEpochs(Math.ceil(rows / (batch * accumulate)));
  const rise = schema ? Math.round(epochs * warmupOf(options, schema)) : 0;
  return {
    epochs,
    batch,
    accumulate,
    optimizer,
    learningRate: learningRatePlan(options),
    clipNorm: options.clip ?? null,
    ema: options.ema ?? null,
    beta: options.beta ?? 1,
    warmup: options.warmup ?? rise,
    cycles: options.cycles ?? 0,
    schedule: options.schedule ?? "joint",
    validation,
    split: parseSplit(options.split ?? "random"),
    ...(options.anomalyLabel === undefined ? {} : { anomalyLabel: options.anomalyLabel }),
    memory: Math.round((options.memory ?? DEFAULT_MEMORY) * 2 ** 20),
    patience: options.patience ?? null,
    seed: options.seed ?? 0,
  };
}

/** @throws ElboError `method-option` of what would have no effect, or another than the settings say. */
export function checkTogether(
  { method, options, latent }: ModelConfig,
  { beta, warmup, cycles }: TrainingConfig,
): void {
  const klRises = beta < 1 || warmup > 0 || cycles > 0;
  const refused = methods[method].refuses?.(options, { latent, klRises });
  if (refused) throw refuse(refused.message, refused.hint);
}

/** About 10,000 steps; of much data fewer epochs, since each teaches more. */
function defaultEpochs(steps: number): number {
  const fewest = Math.min(20, Math.ceil(50_000 / steps));
  return Math.min(200, Math.max(fewest, Math.round(10_000 / steps)));
}

/** Megabytes: what leaves room for the rest on a small machine. */
const DEFAULT_MEMORY = 512;
export const DEFAULT_VALIDATION = 0.1;
/** Rows held out at most: more measure no better. */
export const MOST_HELD_OUT = 50_000;
/** Below this many rows none is held out: a handful of rows measures nothing. */
export const FEWEST_TO_SPLIT = 50;
