// What a run's workers are given to do.
import type { MemoryRows, StoredRows } from "../data/store/stored.ts";
import type { RunConfig } from "./config.ts";

export interface Job {
  folder: string;
  config: RunConfig;
  /** The rows to train on, and the rows held out. */
  training: StoredRows;
  validation: MemoryRows;
  resume: boolean;
  /** Stop with a checkpoint after this many seconds. */
  maxTime: number | null;
}

/** What ended the loop. */
export type Ending = "finished" | "stopped";

/** β, or its share while it warms up; updated at every step so that it rises evenly. */
export function klWeightAt(config: RunConfig, epochs: number): number {
  const { beta, warmup } = config.training;
  return warmup > 0 ? beta * Math.min(1, epochs / warmup) : beta;
}
