// A run's settings as a few readable lines, each a name and its text.
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
