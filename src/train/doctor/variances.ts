// Posteriors that have become points, or have no bounds.
import { type Diagnose, lasts, told } from "./course.ts";

/** Deviations beside the prior's of about 1: what float32 and the held range leave is near. */
const VANISHED = 2e-4;
const EXPLODED = 100;
/** Longer than it takes to see that steps are too large, which does the same. */
const EPOCHS = 8;

export const variances: Diagnose = ({ epochs, config }) => {
  const vanished = lasts(epochs, EPOCHS, ({ figures }) => {
    return (figures.posteriorDeviations?.least ?? 1) < VANISHED;
  });
  const exploded = lasts(epochs, EPOCHS, ({ figures }) => {
    return (figures.posteriorDeviations?.most ?? 1) > EXPLODED;
  });
  if (!vanished && !exploded) return null;
  const { least, most } = epochs.at(-1)!.figures.posteriorDeviations!;
  const { beta } = config.training;
  const wide = `${told(most)}, where the prior's is about 1`;
  if (vanished) {
    return {
      code: "variance-vanishing",
      what: `a latent's posterior has a deviation of ${told(least)}: rows are points in it, and draws of the prior fall between them${exploded ? `; another's has one of ${wide}` : ""}`,
      why:
        beta < 1
          ? `the KL term counts by ${told(beta)} only, too little to keep the posterior wide`
          : "steps were too large for the encoder's outputs to come back from, or the decoder gains more from telling rows apart to the last digit than the KL term costs",
      remedy:
        beta < 1
          ? "Give a larger --beta, or train an autoencoder (--method ae)."
          : "Give a lower --lr or --clip 1. If it stays: more rows or a larger --beta, and look at --likelihood of columns that others give exactly.",
    };
  }
  return {
    code: "variance-exploding",
    what: `a latent's posterior has a deviation of ${wide}`,
    why: "steps were too large for the encoder's outputs to come back from, or inputs are far from 1 in size",
    remedy: "Give a lower --lr or --clip 1, and leave --scale at standardize.",
  };
};
