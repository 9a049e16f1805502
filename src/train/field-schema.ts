// What the fields of a config.json may hold.
import * as z from "zod";
import { MOST_DECIMALS } from "../fields/decimals.ts";
import { type Field, type Kind, kinds, likelihoods } from "../fields/field.ts";
import { meanBytes } from "../fields/mean-image.ts";
import { timeFormat } from "../fields/times/format.ts";

const size = z.int().min(1).max(1_000_000_000);
const finite = z.number();
const positive = z.number().positive();
const role = z.enum(["data", "target", "condition"]);

const missing = z.exactOptional(z.array(z.string()).readonly());

function of<K extends Kind, Shape extends z.core.$ZodLooseShape>(kind: K, shape: Shape) {
  return z.strictObject({
    name: z.string(),
    kind: z.literal(kind),
    role,
    likelihood: z.enum(likelihoods[kind]),
    gaps: z.boolean(),
    missing,
    ...shape,
  });
}

const format = z.exactOptional(
  z.string().refine((text) => typeof timeFormat(text) !== "string", "it is no format of times"),
);
const float32 = z.exactOptional(z.literal(true));
const decimals = z.int().min(0).max(MOST_DECIMALS).nullable();
const moments = { mean: finite, deviation: positive };
const levels = {
  levels: z.array(z.string()).max(10_000_000),
  of: z.enum(["text", "number", "boolean"]),
  shares: z.array(z.number().min(0).max(1)),
};

const modelled = [
  of("real", {
    scale: z.enum(["standardize", "quantile", "none"]),
    ...moments,
    resolution: finite.min(0),
    decimals,
    float32,
    quantiles: z.array(finite),
  }),
  of("positive", {
    offset: finite.min(0),
    ...moments,
    zeros: z.exactOptional(z.number().min(0).max(1)),
    largest: z.exactOptional(positive),
    resolution: finite.min(0),
    decimals,
    float32,
  }),
  of("count", { ...moments, logMean: finite, spread: positive, logInverseDispersion: finite }),
  of("binary", { boolean: z.boolean(), mean: finite }),
  of("categorical", levels),
  of("ordinal", levels),
  of("image", {
    height: size,
    width: size,
    channels: size,
    binarize: z.enum(["none", "threshold", "dynamic"]),
    bytes: z.boolean(),
    low: finite,
    high: finite,
    mean: z.string(),
  }).refine(
    ({ mean, height, width, channels }) =>
      mean === "" || meanBytes(mean as string) === height * width * channels,
    { message: "the mean image is base64 of a byte for each pixel", path: ["mean"] },
  ),
  of("vector", {
    size,
    sparse: z.boolean(),
    names: z.array(z.string()).nullable(),
    counts: z.boolean(),
    mean: z.array(finite),
    deviation: z.array(positive),
    logShare: z.array(finite),
    spread: z.array(positive),
    logInverseDispersion: z.array(finite),
    total: positive,
    resolution: finite.min(0),
    decimals: z.exactOptional(decimals),
  }),
  of("text", {
    vocabulary: z.array(z.string()),
    unit: z.enum(["characters", "bytes", "pairs"]),
    length: size,
    shares: z.array(z.number().min(0).max(1)),
    cuts: z.array(size),
  }),
  of("time", { date: z.boolean(), format, ...moments, resolution: finite.min(0) }),
] as const;

export const fieldSchema = z.union([
  ...modelled,
  z.strictObject({
    name: z.string(),
    kind: z.enum(kinds as [Kind, ...Kind[]]),
    role: z.enum(["id", "ignore"]),
    format,
    constant: z.exactOptional(z.union([z.number(), z.string()])),
  }),
  z.strictObject({
    name: z.string(),
    kind: z.literal("real"),
    role: z.literal("weight"),
    mean: finite,
  }),
]) as unknown as z.ZodType<Field>;
