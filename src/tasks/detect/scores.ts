// How strange rows are, by one of several scores of which the model and some training rows are the
// measure. Higher is stranger; the same row always has the same score.
import type { PackedRows } from "../../fields/pack.ts";
import type { Run, TaskOptions } from "../run.ts";
import { Neighbours } from "./neighbours.ts";
import type { Said, Scorer } from "./scorer.ts";
import { Space } from "./space.ts";

export const scoreNames = ["ensemble", "neighbours", "elbo", "reconstruction", "latent"] as const;
export type ScoreName = (typeof scoreNames)[number];

/**
 * Neighbours whose distances are averaged. The rows that they are found among are taken for normal, so
 * that no cluster of strange ones has to be outnumbered.
 */
const NEIGHBOURS = 3;
/**
 * Of the ensemble's mean. On many tables neighbours tell anomalies better than likelihoods do (Han et
 * al. 2022, ADBench), and those see what lies between rows.
 */
const WEIGHTS = { neighbours: 2 / 3, likelihood: 1 / 3 };
/** Held-out rows below which the training rows tell scores' spread instead. */
const FEWEST = 20;

/** −ELBO, or what comes nearest to it in a model without a density. */
function costs({ told, rest }: Said, withRest: boolean): Float64Array {
  return told.map((value, i) => value + ((withRest && rest?.[i]) || 0));
}

const median = (values: Float64Array) => values.slice().sort()[Math.floor(values.length / 2)] ?? 0;

function spreadOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) || 1 };
}

/** Grows as the logarithm of what is far above or below the measure's own values. */
function compressed(measure: Float64Array): (value: number) => number {
  const middle = median(measure);
  const { deviation } = spreadOf(measure);
  return (value) => Math.asinh((value - middle) / deviation);
}

/** The logarithm of distances, in deviations of the measure's. */
function logDistance(measure: Float64Array): (value: number) => number {
  const typical = median(measure) || spreadOf(measure).mean || 1;
  const log = (distance: number) => Math.log1p(distance / typical);
  const { mean, deviation } = spreadOf(measure.map(log));
  return (distance) => (log(distance) - mean) / deviation;
}

export interface Scores {
  /** Scores of rows that the model was not trained on, where `heldOut`; if not, of those it was. */
  calibration: Float64Array;
  /** Those rows. */
  calibrating: Said;
  heldOut: boolean;
  /** Medians of the nats of each field in those rows. */
  usual: Float64Array;
  of(said: Said): Promise<Float64Array>;
  release(): Promise<void>;
}

/** What rows are measured by: of those kept in the run. */
export async function scoresOf(
  run: Run,
  name: ScoreName,
  scorer: Scorer,
  options: TaskOptions,
): Promise<Scores> {
  const { training, heldOut } = await run.reference();
  const reference = await scorer.say(training);
  const enough = heldOut.rows >= FEWEST;
  const calibrating = enough ? await scorer.say(heldOut as PackedRows) : reference;
  const { nats, rows } = calibrating;
  const fields = nats.length / rows;
  const usual = Float64Array.from({ length: fields }, (_, j) =>
    median(Float64Array.from({ length: rows }, (_, i) => nats[i * fields + j]!)),
  );
  const given = { calibrating, heldOut: enough, usual };
  if (name === "elbo" || name === "reconstruction") {
    const of = async (said: Said) => costs(said, name === "elbo");
    const calibration = await of(calibrating);
    return { ...given, calibration, of, release: async () => {} };
  }
  const space = new Space(name === "latent" ? [] : scorer.blocks, reference);
  const neighbours = await Neighbours.of(
    space.points(reference),
    space.size,
    NEIGHBOURS + 1,
    options,
  );
  const distances = (said: Said) =>
    neighbours.distances(space.points(said), NEIGHBOURS, said === reference);
  const measure = await distances(calibrating);
  const far = logDistance(measure);
  const costly = compressed(costs(calibrating, true));
  const of = async (said: Said) => {
    const [found, cost] = [await distances(said), costs(said, true)];
    if (name !== "ensemble") return found;
    return found.map(
      (distance, i) => WEIGHTS.neighbours * far(distance) + WEIGHTS.likelihood * costly(cost[i]!),
    );
  };
  return {
    ...given,
    calibration: await of(calibrating),
    of,
    release: () => neighbours.release(),
  };
}
