// Codes and code values that are never chosen: they hold nothing.
import type { Diagnose } from "./course.ts";
import { lasts, told } from "./course.ts";

const EPOCHS = 3;
/** Of the codes that a batch could use. */
const FEW_IN_USE = 0.05;
const MANY_DEAD = 0.5;

export const deadCodes: Diagnose = ({ epochs, config }) => {
  const { method, latent, options } = config.model;
  const metric = (name: string) => (epoch: (typeof epochs)[number]) =>
    epoch.train.metrics?.[name] ?? Number.NaN;
  if (method === "vq-vae") {
    const inUse = metric("codesInUse");
    const codes = options["codes"] as number;
    const pieces = latent / (options["width"] as number);
    const possible = Math.min(codes, config.training.batch * pieces);
    if (!lasts(epochs, EPOCHS, (epoch) => inUse(epoch) < FEW_IN_USE * possible)) return null;
    const used = inUse(epochs.at(-1)!);
    return {
      code: "dead-codes",
      what: `codes choose about ${told(used)} of the codebook's ${codes} vectors`,
      why: "the others are far from every code, and what is never chosen is never moved",
      remedy: `Give a larger --method-option revival, or --method-option codes=${Math.max(2, 2 ** Math.ceil(Math.log2(2 * used)))}.`,
    };
  }
  if (method !== "topk") return null;
  const dead = metric("deadUnits");
  if (!lasts(epochs, EPOCHS, (epoch) => dead(epoch) > MANY_DEAD * latent)) return null;
  return {
    code: "dead-codes",
    what: `${told(dead(epochs.at(-1)!))} of the code's ${latent} values are never among the largest of a row`,
    why: "values that lose at the start get no gradient, and lose on",
    remedy: "Give a larger --method-option revival or k, a lower --lr, or a smaller --latent.",
  };
};
