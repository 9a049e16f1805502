// A run's settings as a few readable lines, each a name and its text.
import { type Field, isModelled } from "../fields/field.ts";
import { type OptionSpecs, takesPart } from "../models/method-options.ts";
import { methods } from "../models/methods/index.ts";
import { formatNetwork } from "../nn/network.ts";
import type { ComputeConfig, RunConfig, TrainingConfig } from "../train/config.ts";
import { formatDrops } from "../train/learning-rate.ts";
import { counted, percent } from "./format.ts";

type Settings = Pick<RunConfig, "model" | "training" | "compute">;

/** How the KL counts: `β 1 after 5 epochs of warm-up, 0.1 nats of each latent free`. */
function klText({ kl }: Settings["model"], { beta, warmup, cycles }: TrainingConfig): string {
  const { freeBits, freeBitsOf, capacity } = kl;
  const rise =
    cycles > 0
      ? ` in ${counted(cycles, "cycle")}`
      : warmup > 0 && capacity === null
        ? ` after ${counted(warmup, "epoch")} of warm-up`
        : "";
  const over = warmup > 0 ? `, rising over ${counted(warmup, "epoch")}` : "";
  return [
    `β ${beta}${rise}`,
    ...(freeBits > 0
      ? [`${freeBits} nats ${freeBitsOf === "latent" ? "of each latent" : "in all"} free`]
      : []),
    ...(capacity === null ? [] : [`capacity ${capacity} nats${over}`]),
  ].join(", ");
}

/** What becomes of the learning rate; nothing where it stays. */
function rateText({ learningRate: { schedule, warmup } }: TrainingConfig): string {
  return [
    warmup > 0 ? ` after ${counted(warmup, "epoch")} of warm-up` : "",
    schedule.name === "constant" ? "" : ` in a ${schedule.name} schedule`,
    schedule.name === "step" ? ` (×${schedule.factor} ${formatDrops(schedule.drops)})` : "",
  ].join("");
}

function trainingText(training: TrainingConfig, model: Settings["model"]): string {
  const { optimizer, clipNorm, schedule, patience } = training;
  return [
    `up to ${counted(training.epochs, "epoch")} of batches of ${training.batch}${training.accumulate > 1 ? `, ${training.accumulate} of them a step` : ""}`,
    `${optimizer.name}, lr ${optimizer.learningRate}${rateText(training)}`,
    ...(optimizer.weightDecay > 0 ? [`weight decay ${optimizer.weightDecay}`] : []),
    ...(clipNorm === null ? [] : [`gradients clipped to norm ${clipNorm}`]),
    ...(training.ema === null ? [] : [`averages of weights with decay ${training.ema}`]),
    ...(methods[model.method].hasKl ? [klText(model, training)] : []),
    ...(schedule === "joint" ? [] : [`schedule ${schedule}`]),
    ...(patience === null ? [] : [`stops after ${counted(patience, "epoch")} without progress`]),
    `seed ${training.seed}`,
  ].join(", ");
}

function computeText({ device, workers, threads }: ComputeConfig): string {
  const of = workers > 1 ? `${counted(workers, "worker")} of ` : "";
  return `${device}, ${of}${counted(threads, "thread")}`;
}

/** Longer lists are cut: `inspect` of the data has them all. */
const MOST_NAMES = 8;

/** One line for each sort of column, with its names; what is not modelled comes last. */
export function fieldLines(fields: readonly Field[]): [name: string, text: string][] {
  const sorts = new Map<string, string[]>();
  for (const field of [...fields].sort((a, b) => +!isModelled(a) - +!isModelled(b))) {
    const sort = sortOf(field);
    sorts.set(sort, [...(sorts.get(sort) ?? []), field.name]);
  }
  return [...sorts].map(([sort, names], i) => {
    const shown = names.slice(0, MOST_NAMES).join(", ");
    const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
    return [i === 0 ? "columns" : "", `${sort}: ${shown}${more}`];
  });
}

function sortOf(field: Field): string {
  if (!isModelled(field)) return field.role;
  const { role, kind, likelihood } = field;
  const sort = likelihood === kind ? kind : `${kind}, ${likelihood}`;
  return role === "data" ? sort : `${role} ${sort}`;
}

/** ` (gamma 6, samples 8)`; nothing of a method without options. */
function optionsText({ method, options }: Settings["model"]): string {
  const specs: OptionSpecs = methods[method].options;
  const texts = Object.entries(options).flatMap(([name, value]) => {
    const spec = specs[name];
    return spec && !takesPart(spec, options) ? [] : [`${name} ${value}`];
  });
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}

export function settingsLines(
  { model, training, compute }: Settings,
  parameters?: number,
): [name: string, text: string][] {
  const size = parameters === undefined ? "" : `, ${counted(parameters, "parameter")}`;
  const code = model.codeActivation ? `, ${model.codeActivation} of the code` : "";
  const hidden = model.hide ? `, ${percent(model.hide)} of cells hidden` : "";
  const network = `${formatNetwork(model.network)} with ${model.activation}${code}${hidden}`;
  const latents = counted(model.latent, "latent");
  return [
    ["model", `${model.method}${optionsText(model)}: ${latents}, ${network}${size}`],
    ["training", trainingText(training, model)],
    ["device", computeText(compute)],
  ];
}
