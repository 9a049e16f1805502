// What a diagnosis is made of, and what it says.
import type { RunConfig } from "../config.ts";
import type { EpochEvent } from "../events.ts";

/** Something wrong with a run. */
export interface Diagnosis {
  code: string;
  /** What is the matter, with its figures. */
  what: string;
  /** Where that comes from. */
  why: string;
  /** What to do. */
  remedy: string;
}

/** How a run has gone so far. */
export interface Course {
  config: RunConfig;
  /** Rows to train on, and rows held out. */
  rows: { training: number; validation: number };
  /** All epochs until now, the last one last. */
  epochs: readonly EpochEvent[];
  /** Whether no epoch will follow. */
  ended: boolean;
  /** How the columns come to the network: means and deviations there, of rows. */
  inputs: readonly InputScale[];
}

export interface InputScale {
  field: string;
  mean: number;
  deviation: number;
}

export type Diagnose = (course: Course) => Diagnosis | null;

/** The epochs whose loss weighs its terms as the last one's does. */
export function settled({ config, epochs }: Course): readonly EpochEvent[] {
  const { warmup, cycles } = config.training;
  if (cycles > 0) return [];
  return epochs.filter(({ epoch }) => epoch > warmup);
}

/** Whether something holds of each of the last `count` epochs. */
export function lasts(
  epochs: readonly EpochEvent[],
  count: number,
  holds: (epoch: EpochEvent) => boolean,
): boolean {
  return epochs.length >= count && epochs.slice(-count).every(holds);
}

/** A figure as people read it. */
export const told = (value: number): string => String(Number(value.toPrecision(3)));
