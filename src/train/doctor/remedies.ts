// What training anew can do about what was found wrong: options in the place of those of the run.
import type { RunConfig } from "../config.ts";
import type { TrainOptions } from "../options.ts";
import { told } from "./course.ts";

/** A rate that is far too high may need more than one step down, and each is a whole run. */
export const lowered = (learningRate: number) => Number(told(learningRate / 10));
export const raised = (learningRate: number) => Number(told(learningRate * 5));

export interface Remedy {
  /** In words. */
  words: string;
  options: Partial<TrainOptions>;
}

/** Of a run's configuration. */
export type Settings = Pick<RunConfig, "schema" | "model" | "training">;

type OfRun = (settings: Settings) => Remedy | null;

const slower: OfRun = ({ training }) => {
  const learningRate = lowered(training.optimizer.learningRate);
  return { words: `--lr ${learningRate}`, options: { learningRate } };
};

const remedies: Readonly<Record<string, OfRun>> = {
  "posterior-collapse": ({ training }) =>
    training.beta > 1
      ? { words: "--beta 1", options: { beta: 1 } }
      : { words: "--free-bits 0.5", options: { freeBits: 0.5 } },
  "learning-rate-high": slower,
  "loss-not-finite": slower,
  "layer-dead": (config) => {
    const { words, options } = slower(config)!;
    const activation = "leakyRelu" as const;
    return { words: `${words} --activation ${activation}`, options: { ...options, activation } };
  },
  "learning-rate-low": ({ training }) => {
    const learningRate = raised(training.optimizer.learningRate);
    return { words: `--lr ${learningRate}`, options: { learningRate } };
  },
  "variance-exploding": (config) => {
    const { words, options } = slower(config)!;
    return { words: `${words} --clip 1`, options: { ...options, clip: 1 } };
  },
  "input-unscaled": ({ schema }) => {
    const unscaled = schema.fields.some((field) => "scale" in field && field.scale === "none");
    if (!unscaled) return null;
    return { words: "--scale standardize", options: { scale: "standardize" } };
  },
  "latent-small": ({ model }) => {
    const latent = 2 * model.latent;
    return { words: `--latent ${latent}`, options: { latent } };
  },
};

/** What to train with instead; null where that is for a person to decide, or nothing is lost. */
export function remedyOf(code: string, settings: Settings): Remedy | null {
  return remedies[code]?.(settings) ?? null;
}
