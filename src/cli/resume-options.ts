// What may stand beside --resume: the run has its own settings, and what is asked otherwise is refused,
// with the run's value beside the one that was given.
import { formatNetwork } from "../nn/network.ts";
import type { RunConfig } from "../train/config.ts";
import { readRun } from "../train/run.ts";
import { usageError } from "./report.ts";

const allowed = ["resume", "lr", "maxTime", "report", "json", "quiet", "debug"];

/** A run's own values of options that people give. */
function ownValues({ model, training, compute }: RunConfig): Record<string, unknown> {
  return {
    ...{ method: model.method, latent: model.latent, network: formatNetwork(model.network) },
    ...{ activation: model.activation, output: model.output, freeBits: model.kl.freeBits },
    ...{ epochs: training.epochs, batch: training.batch, accumulate: training.accumulate },
    ...{ beta: training.beta, warmup: training.warmup, cycles: training.cycles },
    ...{ optimizer: training.optimizer.name, weightDecay: training.optimizer.weightDecay },
    ...{ schedule: training.schedule, validation: training.validation, seed: training.seed },
    ...{ clip: training.clipNorm ?? "none", ema: training.ema ?? "none" },
    ...{ patience: training.patience ?? "none", device: compute.device },
    threads: compute.workers * compute.threads,
  };
}

/** @throws ElboError `options-contradict`, or what is wrong with the run folder. */
export async function checkBesideResume(options: object & { resume: string }): Promise<void> {
  const extra = Object.entries(options).filter(([name]) => !allowed.includes(name));
  if (extra.length === 0) return;
  const own = ownValues(await readRun(options.resume));
  const flags = extra.map(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    return name in own && typeof value !== "object"
      ? `${flag} ${value} (the run has ${own[name]})`
      : flag;
  });
  throw usageError(
    "options-contradict",
    `--resume goes on with the run's own settings; it does not go with ${flags.join(", ")}`,
    "Leave them out, or train a new run without --resume.",
  );
}
