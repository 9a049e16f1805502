// A run's files of weights: the best model, and the state from which training goes on.
import { join } from "node:path";
import type { ParameterSpec } from "../nn/parameters.ts";
import { loadHashed, saveHashed } from "./hashed.ts";

export type Weights = ReadonlyMap<string, Float32Array>;

export const MODEL_FILE = "model.safetensors";
/** What a run that began with another's weights begins with, should it have to begin anew. */
export const INITIAL_FILE = "initial.safetensors";
export const STATE_FILE = "state.safetensors";

/** Sums over the steps of an epoch that is not finished. */
export interface Progress {
  /** Epochs finished. */
  epoch: number;
  /** Steps finished in the next epoch. */
  step: number;
  /** Updates so far of each of the schedule's steps. */
  updates: number[];
  /** Sums over rows of that epoch's metrics. */
  sums: number[];
  /** The lowest validation loss and its epoch; null before the first. */
  best: { epoch: number; loss: number } | null;
  /**
   * While the encoder leads, the nats that latents told of held-out rows when the last epoch ended, a
   * float32; null when it does not.
   */
  lead: number | null;
}

function shaped(specs: readonly ParameterSpec[], weights: Weights, prefix = "") {
  return new Map(
    specs.map(({ name, shape }) => [prefix + name, { shape, data: weights.get(name)! }]),
  );
}

/** Writes the weights that the tasks use. */
export async function saveModel(
  folder: string,
  specs: readonly ParameterSpec[],
  weights: Weights,
  epoch: number,
): Promise<void> {
  await saveHashed(join(folder, MODEL_FILE), shaped(specs, weights), { epoch: String(epoch) });
}

export async function loadModel(folder: string): Promise<{ weights: Weights; epoch: number }> {
  const { tensors, metadata } = await loadHashed(join(folder, MODEL_FILE));
  return { weights: tensors, epoch: Number(metadata.get("epoch")) };
}

/** Writes the weights that training starts from. */
export async function saveInitial(
  folder: string,
  specs: readonly ParameterSpec[],
  weights: Weights,
): Promise<void> {
  await saveHashed(join(folder, INITIAL_FILE), shaped(specs, weights), {});
}

export async function loadInitial(folder: string): Promise<Weights> {
  return (await loadHashed(join(folder, INITIAL_FILE))).tensors;
}

/** Writes all that resuming needs: the last weights, the optimiser's moments, the place. */
export async function saveState(
  folder: string,
  specs: readonly ParameterSpec[],
  weights: Weights,
  moments: Weights,
  progress: Progress,
): Promise<void> {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const optimizer = [...moments].map(
    ([name, data]): [string, { shape: readonly number[]; data: Float32Array }] => {
      const parameter = name.slice(name.indexOf("/") + 1);
      return [`optimizer/${name}`, { shape: shapes.get(parameter)!, data }];
    },
  );
  const tensors = new Map([...shaped(specs, weights, "weights/"), ...optimizer]);
  await saveHashed(join(folder, STATE_FILE), tensors, { progress: JSON.stringify(progress) });
}

export async function loadState(
  folder: string,
): Promise<{ weights: Weights; moments: Weights; progress: Progress }> {
  const { tensors, metadata } = await loadHashed(join(folder, STATE_FILE));
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, values]): [string, Float32Array] => [name.slice(prefix.length), values]),
    );
  const progress = JSON.parse(metadata.get("progress") ?? "null") as Progress;
  return { weights: part("weights/"), moments: part("optimizer/"), progress };
}
