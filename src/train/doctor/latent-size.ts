// More latents than the data needs, or fewer.
import { methods } from "../../models/methods/index.ts";
import { type Diagnose, told } from "./course.ts";

/** Latents of which a few unused ones are no matter. */
const SEVERAL = 4;
const MOST_UNUSED = 0.75;
/** Nats that the least used latent tells: it alone tells some fifty values apart. */
const CROWDED = 4;

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

export const latentSmall: Diagnose = ({ ended, epochs, config }) => {
  const each = epochs.at(-1)?.figures.klPerLatent ?? null;
  if (!ended || each === null || config.model.kl.capacity !== null) return null;
  const least = Math.min(...each);
  if (config.training.beta < 1 || least < CROWDED) return null;
  const { latent } = config.model;
  return {
    code: "latent-small",
    what: `${latent === 1 ? "the one latent tells" : `each of the ${latent} latents tells`} at least ${told(least)} nats of a row`,
    why: "the data has more to tell than so few numbers hold with ease",
    remedy: `Give --latent ${2 * latent}.`,
  };
};
