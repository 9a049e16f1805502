// What is measured of a model after each epoch, beside its loss: the doctor's thermometer.
import { activeUnits } from "../../metrics/active-units.ts";
import { partNorms, silentUnits } from "../../metrics/gradient-norms.ts";
import { latentInformation } from "../../metrics/latent-information.ts";
import { streams } from "../../runtime/random.ts";
import { Sequence } from "../../runtime/sequence.ts";
import type { RunConfig } from "../config.ts";
import type { Evaluation } from "../evaluator.ts";

/** Figures of held-out rows and of the epoch's last batch; null where there is no such thing. */
export interface Figures {
  /** Deviation from row to row of the held-out rows' loss. */
  lossDeviation: number | null;
  /** Latents whose posterior means differ from row to row; see `activeUnits`. */
  activeUnits: number | null;
  /** Nats. */
  klPerLatent: number[] | null;
  /** The narrowest and the widest latent's posterior deviation, each its geometric mean over rows. */
  posteriorDeviations: { least: number; most: number } | null;
  /** See `informationOf`; null between the epochs that measure it. */
  information: Information | null;
  /** Of the parts that the batch trained; null where gradients stay on a device. */
  gradientNorms: Record<string, number> | null;
  /** Of layers with such, the share of units that got no gradient. */
  silentUnits: Record<string, number> | null;
  /** See `narrowScalesOf`. */
  narrowScales: Record<string, number>;
  /** See `predictionsOf`; both null before the run's end. */
  misfits: Record<string, Misfit> | null;
  dependence: Dependence | null;
}

export interface Misfit {
  /** Of the ranks of held-out values among draws of their predictions from even ones, 0 to 1. */
  distance: number;
  /** The ranks' deviation beside that of even ones: below 1 where predictions are too wide. */
  spread: number;
  /** How many values those are. */
  values: number;
}

/** The two columns whose values have most in common beyond their predictions. */
export interface Dependence {
  columns: [string, string];
  /** Of their ranks among draws of the predictions. */
  correlation: number;
  values: number;
}

export interface Information {
  /** Nats that latents tell of which row they came from, at most the logarithm of `rows`. */
  mutualInformation: number;
  /**
   * KL of all rows' latents together from the prior, in nats: what of the KL tells nothing of a row.
   * Null where so few rows cannot tell it from the information.
   */
  marginalKl: number | null;
  /** Held-out rows that both were estimated of. */
  rows: number;
}

/** Times in a run that information is measured, which is the dearest figure; and at its end. */
const TIMES = 20;

/** Whether it is measured after this epoch. */
export function measuresInformation(epoch: number, epochs: number): boolean {
  return epoch === epochs || epoch % Math.ceil(epochs / TIMES) === 0;
}

/**
 * Nats below the most that rows can tell within which an estimate says no more than that. A nat below,
 * a row's own posterior among those of the mean makes it about 1 / 2e = 0.2 nats too small.
 */
const SATURATED = 1;

/**
 * How much latents tell, of the first held-out rows' posteriors.
 * @param kl the mean KL of those rows.
 */
function informationOf(
  { means, deviations, kl }: NonNullable<Evaluation["posteriors"]>,
  { model, training }: RunConfig,
  epoch: number,
): Information {
  const { latent } = model;
  const draws = new Sequence(training.seed, streams.information, epoch);
  const { mutualInformation, most } = latentInformation(means, deviations, latent, draws);
  const saturated = mutualInformation > most - SATURATED;
  return {
    mutualInformation,
    marginalKl: saturated ? null : kl - mutualInformation,
    rows: means.length / latent,
  };
}

/** @param informs whether the information is measured, which takes the longest. */
export function figuresOf(
  config: RunConfig,
  epoch: number,
  informs: boolean,
  held: Evaluation | null,
  gradients: ReadonlyMap<string, Float32Array> | null,
  rest: Pick<Figures, "narrowScales" | "misfits" | "dependence">,
): Figures {
  const posteriors = held?.posteriors ?? null;
  const hasKl = held !== null && held.klTerms.length === config.model.latent;
  return {
    lossDeviation: held?.lossDeviation ?? null,
    activeUnits: held && activeUnits(held.meanVariance),
    klPerLatent: hasKl && posteriors ? Array.from(held.klTerms) : null,
    posteriorDeviations: posteriors && deviationsOf(posteriors.deviations, config.model.latent),
    information: posteriors && informs ? informationOf(posteriors, config, epoch) : null,
    gradientNorms: gradients && partNorms(gradients),
    silentUnits: gradients && silentUnits(gradients),
    ...rest,
  };
}

/** What a leading encoder has reached, a float32; null where it gained nothing and leads no more. */
export function leadAfter(before: number, figures: Figures | null): number | null {
  const told = Math.fround(figures?.information?.mutualInformation ?? 0);
  return told > before ? told : null;
}

function deviationsOf(deviations: Float32Array, latent: number): { least: number; most: number } {
  const rows = deviations.length / latent;
  const each = Array.from({ length: latent }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += Math.log(deviations[i * latent + j]!);
    return Math.exp(sum / rows);
  });
  return { least: Math.min(...each), most: Math.max(...each) };
}
