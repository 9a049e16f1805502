// What a run's workers are given to do.
import type { MemoryRows, StoredRows } from "../data/store/stored.ts";
import type { RunConfig, TrainingConfig } from "./config.ts";
import type { AttendedHooks } from "./hooks.ts";
import type { TrainOptions } from "./options.ts";
import type { Prepared } from "./prepare.ts";

export interface Job {
  folder: string;
  config: RunConfig;
  /** The rows to train on, and the rows held out. */
  training: StoredRows;
  validation: MemoryRows;
  /** Rows that are known to be anomalies; null where nobody said which. */
  anomalies: MemoryRows | null;
  resume: boolean;
  /** Stop with a checkpoint after this many seconds. */
  maxTime: number | null;
  /** Stop with the epoch in which something is found that has a remedy and is not one of these. */
  tried: readonly string[] | null;
}

type Going = Pick<Job, "resume"> & Pick<TrainOptions, "maxTime"> & Pick<AttendedHooks, "tried">;

export function jobOf(
  folder: string,
  config: RunConfig,
  { training, validation, anomalies }: Prepared,
  { resume, maxTime, tried }: Going,
): Job {
  const rows = { training, validation, anomalies };
  return { folder, config, ...rows, resume, maxTime: maxTime ?? null, tried: tried ?? null };
}

/** Rows of which one step takes the gradient. */
export const stepRows = ({ batch, accumulate }: TrainingConfig) => batch * accumulate;

/** What ended the loop. */
export type Ending = "finished" | "stopped";

/**
 * The KL term's weight after so many epochs, updated at every step so that it rises evenly: from 0
 * to β over the warm-up, or over the first half of each cycle (Fu et al. 2019, "Cyclical Annealing
 * Schedule", equation 6 with R = ½).
 */
export function klWeightAt({ training }: RunConfig, epochs: number): number {
  const { beta, warmup, cycles } = training;
  if (cycles > 0 && epochs < training.epochs) {
    const length = training.epochs / cycles;
    return beta * Math.min(1, (2 * (epochs % length)) / length);
  }
  return warmup > 0 ? beta * Math.min(1, epochs / warmup) : beta;
}

/** The KL that is aimed at, where there is a capacity: it rises from 0 over the warm-up. */
export function klCapacityAt({ model, training }: RunConfig, epochs: number): number {
  const capacity = model.kl.capacity ?? 0;
  return training.warmup > 0 ? capacity * Math.min(1, epochs / training.warmup) : capacity;
}
