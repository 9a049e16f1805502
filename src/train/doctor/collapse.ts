// Posterior collapse: the decoder has learned to do without latents (Bowman et al. 2016,
// "Generating Sentences from a Continuous Space", §3.1).
import { methods } from "../../models/methods/index.ts";
import { type Diagnose, lasts, settled, told } from "./course.ts";

/** Epochs in which no latent is used. */
const EPOCHS = 3;

export const collapse: Diagnose = (course) => {
  const { config, epochs, ended } = course;
  const { latent, method } = config.model;
  const { hasKl } = methods[method];
  // Latents may open late: half of the run is theirs.
  if (!hasKl || (!ended && epochs.length < config.training.epochs / 2)) return null;
  const asleep = lasts(settled(course), EPOCHS, ({ figures }) => figures.activeUnits === 0);
  if (!asleep) return null;
  const { beta } = config.training;
  const kl = epochs.at(-1)!.validation!.kl ?? 0;
  return {
    code: "posterior-collapse",
    what: `none of the ${latent} latents is used: their KL is ${told(kl)} nats, and every row has about the same posterior`,
    why: "the KL term costs more than latents save the decoder, or it closed them before the decoder had learned to use them; of columns that have nothing in common there is nothing to learn",
    remedy:
      beta > 1
        ? `Give a --beta below ${told(beta)}, or --free-bits 0.5.`
        : "Give --free-bits 0.5, or a longer --warmup.",
  };
};
