// More latents than the data needs, or fewer.
import { methods } from "../../models/methods/index.ts";
import { type Diagnose, told } from "./course.ts";

/** Latents of which a few unused ones are no matter. */
const SEVERAL = 4;
const MOST_UNUSED = 0.75;

export const latentLarge: Diagnose = ({ ended, epochs, config }) => {
  const { latent, method } = config.model;
  const used = epochs.at(-1)?.figures.activeUnits ?? null;
  if (!ended || !methods[method].hasKl || latent < SEVERAL || used === null) return null;
  // None at all is collapse.
  if (used === 0 || used > (1 - MOST_UNUSED) * latent) return null;
  return {
    code: "latent-large",
    what: `${used} of ${latent} latents ${used === 1 ? "is" : "are"} used`,
    why: "the others have the prior's distribution whatever the row: what the data's columns have in common takes no more",
    remedy: `Give --latent ${used + 1} for shorter codes; the model is none the worse as it is.`,
  };
};

/** A correlation that two columns have beyond latents from which on it is told; and by chance. */
const STRONG = 0.6;
const byChance = (values: number) => 5 / Math.sqrt(values);

export const latentSmall: Diagnose = ({ ended, epochs, config }) => {
  const { dependence, activeUnits } = epochs.at(-1)?.figures ?? {};
  const { latent, kl } = config.model;
  // What latents hold is kept down where a β or a capacity says so, and unused ones are collapse.
  const held = config.training.beta > 1 || kl.capacity !== null || activeUnits !== latent;
  if (!ended || !dependence || held) return null;
  const { columns, correlation, values } = dependence;
  if (Math.abs(correlation) < Math.max(STRONG, byChance(values))) return null;
  return {
    code: "latent-small",
    what: `columns ${columns.join(" and ")} have more in common than ${latent === 1 ? "the latent tells" : `the ${latent} latents tell`}: what is left of them correlates by ${told(correlation)}`,
    why: "a decoder gives each column by itself, and what they share beyond the latents is lost in samples and gaps",
    remedy: `Give --latent ${2 * latent}.`,
  };
};
