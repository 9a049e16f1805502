// Posterior collapse: the decoder has learned to do without latents (Bowman et al. 2016,
// "Generating Sentences from a Continuous Space", §3.1).
import { methods } from "../../models/methods/index.ts";

import { type Diagnose, lasts, type SeenEpoch, settled, told } from "./course.ts";

/** Epochs in which no latent is used, and whose KL is compared with that of as many before. */
const EPOCHS = 5;
/** Nats of KL, all latents together, that tell nothing of use, however the means vary. */
const NOTHING = 0.1;
/** Steps after which a latent that has not begun to open will hardly do so. */
const PATIENCE = 2000;

const meanKl = (epochs: readonly SeenEpoch[]) =>
  epochs.reduce((sum, { validation }) => sum + (validation?.kl ?? 0), 0) / epochs.length;

export const collapse: Diagnose = (course) => {
  const { config, epochs, rows, ended } = course;
  const { latent, method } = config.model;
  const last = epochs.at(-1)?.epoch ?? 0;
  if (!methods[method].hasKl || (!ended && last < config.training.epochs / 2)) return null;
  const past = settled(course);
  if (past.length < 2 * EPOCHS) return null;
  const asleep = ({ figures, validation }: SeenEpoch) =>
    figures.activeUnits === 0 || (validation !== null && (validation.kl ?? 0) < NOTHING);
  if (!lasts(past, EPOCHS, asleep)) return null;
  // Latents open late, and from next to nothing: those whose KL rises may be about to.
  const opening = meanKl(past.slice(-EPOCHS)) > meanKl(past.slice(-2 * EPOCHS, -EPOCHS));
  const steps = last * Math.ceil(rows.training / config.training.batch);
  if (opening && !(ended && steps >= PATIENCE)) return null;
  const { beta } = config.training;
  const freed = methods[method].ownKl === undefined;
  const kl = epochs.at(-1)!.validation!.kl ?? 0;
  return {
    code: "posterior-collapse",
    what: `${latent === 1 ? "the latent tells" : `the ${latent} latents tell`} next to nothing of a row: the KL is ${told(kl)} nats, and all rows have about the same posterior`,
    why: "the KL term costs more than latents save the decoder, or it closed them before the decoder had learned to use them; of columns that have nothing in common there is nothing to learn",
    remedy:
      beta > 1
        ? `Give a --beta below ${told(beta)}, down to the ELBO's 1${freed ? ", or --free-bits 0.5" : ""}.`
        : `Give ${freed ? "--free-bits 0.5, or " : ""}a longer --warmup.`,
  };
};
