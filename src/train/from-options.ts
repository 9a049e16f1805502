// The options that a run brings from which training starts: what a row is, and what the weights are.
import type { ModelConfig } from "../models/model.ts";
import type { TrainOptions } from "./options.ts";

/** Options that say what a row is. */
export const ofFields = [
  ...(["target", "condition", "id", "ignore", "weight", "kind", "likelihood", "schema"] as const),
  ...(["vocabulary", "scale", "binarize", "size", "window"] as const),
] satisfies (keyof TrainOptions)[];

/** Options that say what the weights are weights of, and where the configuration has them. */
export const ofModel = [
  ["method", "method"],
  ["methodOption", "options"],
  ["latent", "latent"],
  ["network", "network"],
  ["activation", "activation"],
  ["codeActivation", "codeActivation"],
  ["decoding", "decoding"],
  ["hide", "hide"],
  ["output", "output"],
] as const satisfies [keyof TrainOptions, keyof ModelConfig][];

/** Whether options ask for fields or an architecture, which a run brings that training starts from. */
export function asksForOthers(options: TrainOptions): boolean {
  const names = [...ofFields, ...ofModel.map(([option]) => option)];
  return names.some((name) => options[name] !== undefined);
}
