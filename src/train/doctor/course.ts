// What a diagnosis is made of, and what it says.
import type { RunConfig } from "../config.ts";
import type { EpochEvent } from "../events.ts";
import type { Figures } from "./figures.ts";

/** Something wrong with a run. */
export interface Diagnosis {
  code: string;
  /** What is the matter, with its figures. */
  what: string;
  /** Where that comes from. */
  why: string;
  /** What to do. */
  remedy: string;
  /** The column that it is about, where it is about one. */
  column?: string;
}

/** An epoch that was looked at. */
export type SeenEpoch = EpochEvent & { figures: Figures };

/** Epochs of a run that are looked at: a small model's may take less time than its figures. */
const MOST_SEEN = 200;

/** Whether an epoch's figures are taken: of many epochs evenly, and of the last. */
export function isSeen(epoch: number, epochs: number): boolean {
  return epoch === epochs || epoch % Math.ceil(epochs / MOST_SEEN) === 0;
}

/** How a run has gone so far. */
export interface Course {
  config: RunConfig;
  /** Rows to train on, and rows held out. */
  rows: { training: number; validation: number };
  /** The epochs that were looked at until now, the last one last. */
  epochs: readonly SeenEpoch[];
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
export function settled({ config, epochs }: Course): readonly SeenEpoch[] {
  const { warmup, cycles } = config.training;
  if (cycles > 0) return [];
  return epochs.filter(({ epoch }) => epoch > warmup);
}

/** Whether something holds of each of the last `count` epochs. */
export function lasts(
  epochs: readonly SeenEpoch[],
  count: number,
  holds: (epoch: SeenEpoch) => boolean,
): boolean {
  return epochs.length >= count && epochs.slice(-count).every(holds);
}

/** A figure as people read it. */
export const told = (value: number): string => String(Number(value.toPrecision(3)));
