// What config.json may hold: a run folder from a stranger is data, and is checked before use.
import * as z from "zod";
import { methodNames } from "../models/methods/index.ts";
import { type RunConfig, schedules } from "./config.ts";
import { fieldSchema } from "./field-schema.ts";

const whole = z.int().min(0);
const size = z.int().min(1).max(1_000_000_000);

const activation = z.enum(["relu", "tanh", "sigmoid", "elu", "gelu", "silu", "leakyRelu"]);

const network = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mlp"), hidden: z.array(size).max(100) }),
  z.strictObject({
    kind: z.literal("conv"),
    channels: z.array(size).min(1).max(30),
    dense: z.array(size).max(100),
    blocks: z.exactOptional(size),
  }),
  z.strictObject({
    kind: z.literal("transformer"),
    width: size,
    layers: size.max(100),
    dense: z.array(size).max(100),
  }),
]);

const schema = z.strictObject({ fields: z.array(fieldSchema).min(1) });

const split = z.union([
  z.strictObject({ by: z.literal("random") }),
  z.strictObject({ by: z.enum(["stratified", "time", "group"]), column: z.string() }),
]);

const adam = {
  learningRate: z.number(),
  beta1: z.number(),
  beta2: z.number(),
  epsilon: z.number(),
  weightDecay: z.number(),
};

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd"),
    learningRate: z.number(),
    momentum: z.number(),
    nesterov: z.boolean(),
    weightDecay: z.number(),
  }),
  z.strictObject({
    name: z.literal("rmsprop"),
    learningRate: z.number(),
    alpha: z.number(),
    epsilon: z.number(),
    momentum: z.number(),
    weightDecay: z.number(),
  }),
  z.strictObject({ name: z.literal("adam"), ...adam }),
  z.strictObject({ name: z.literal("adamw"), ...adam }),
]);

const learningRate = z.strictObject({
  schedule: z.discriminatedUnion("name", [
    z.strictObject({ name: z.enum(["constant", "cosine", "one-cycle"]) }),
    z.strictObject({
      name: z.literal("step"),
      drops: z.union([
        z.strictObject({ every: size }),
        z.strictObject({ at: z.array(size).min(1) }),
      ]),
      factor: z.number().positive().max(1),
    }),
  ]),
  warmup: z.number().min(0),
});

const model = z.strictObject({
  method: z.enum(methodNames),
  options: z.record(z.string(), z.union([z.number(), z.string()])),
  latent: size,
  network,
  activation,
  codeActivation: z.exactOptional(activation),
  decoding: z.exactOptional(z.enum(["autoregressive", "one-shot"])),
  output: z.enum(["linear", "sigmoid"]),
  hide: z.exactOptional(z.number().min(0).max(0.5)),
  kl: z.strictObject({
    freeBits: z.number().min(0),
    freeBitsOf: z.enum(["latent", "total"]),
    capacity: z.number().min(0).nullable(),
  }),
});

/** What rebuilds a model: the fields that it speaks of, and its networks. */
export const modelSchema: z.ZodType<Pick<RunConfig, "schema" | "model">> = z.strictObject({
  schema,
  model,
});

export const runConfigSchema: z.ZodType<RunConfig> = z.strictObject({
  format: z.int().min(1),
  elbo: z.string(),
  data: z.strictObject({
    source: z.string(),
    rows: size,
    hash: z.string(),
    labels: z.string().nullable(),
    size: z.strictObject({ width: size, height: size }).nullable(),
    window: z.strictObject({ of: z.enum(["text", "series"]), size }).nullable(),
  }),
  from: z.string().nullable(),
  schema,
  model,
  training: z.strictObject({
    epochs: size,
    batch: size,
    accumulate: size,
    optimizer,
    learningRate,
    ratesBefore: z.exactOptional(
      z.array(z.strictObject({ learningRate: z.number(), epochs: whole })),
    ),
    clipNorm: z.number().positive().nullable(),
    ema: z.number().min(0).lt(1).nullable(),
    beta: z.number().min(0),
    warmup: z.number().min(0),
    cycles: whole,
    schedule: z.enum(schedules),
    validation: z.union([z.number().min(0).max(0.9), z.string()]),
    split,
    anomalyLabel: z.exactOptional(z.string()),
    memory: whole,
    patience: size.nullable(),
    seed: whole,
  }),
  compute: z.strictObject({
    device: z.enum(["cpu", "webgpu", "cuda", "wasm"]),
    workers: size,
    threads: size,
  }),
});
