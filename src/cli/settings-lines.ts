// A run's settings as a few readable lines, each a name and its text.
import { type Field, isModelled } from "../fields/field.ts";
import { formatNetwork } from "../nn/network.ts";
import type { ComputeConfig, RunConfig, TrainingConfig } from "../train/config.ts";
import { counted } from "./format.ts";

type Settings = Pick<RunConfig, "model" | "training" | "compute">;

function trainingText(training: TrainingConfig, probabilistic: boolean): string {
  const { optimizer, clipNorm, beta, warmup, schedule, patience } = training;
  const kl = warmup > 0 ? `β ${beta} after ${counted(warmup, "epoch")} of warm-up` : `β ${beta}`;
  return [
    `up to ${counted(training.epochs, "epoch")} of batches of ${training.batch}`,
    `${optimizer.name}, lr ${optimizer.learningRate}`,
    ...(optimizer.weightDecay > 0 ? [`weight decay ${optimizer.weightDecay}`] : []),
    ...(clipNorm === null ? [] : [`gradients clipped to norm ${clipNorm}`]),
    ...(probabilistic ? [kl] : []),
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

export function settingsLines(
  { model, training, compute }: Settings,
  parameters?: number,
): [name: string, text: string][] {
  const size = parameters === undefined ? "" : `, ${counted(parameters, "parameter")}`;
  const code = model.codeActivation ? `, ${model.codeActivation} of the code` : "";
  const network = `${formatNetwork(model.network)} with ${model.activation}${code}`;
  const latents = counted(model.latent, "latent");
  return [
    ["model", `${model.method}: ${latents}, ${network}${size}`],
    ["training", trainingText(training, model.method !== "ae")],
    ["device", computeText(compute)],
  ];
}
