// Whether each known factor of variation has a latent of its own: MIG, SAP, DCI and the FactorVAE score.
// All are 0 to 1, 1 is best.
import { Random, streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import { entropyOf, mutualInformation } from "./partitions.ts";
import { type Points, pickPoints } from "./points.ts";
import { RandomForest } from "./random-forest.ts";

/** A factor's value in each row as a level from 0. */
export interface Factor {
  codes: readonly number[];
  count: number;
}

const BINS = 20;

/** Even bins from the least value to the largest. */
export function binned(values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const width = (high - low) / BINS || 1;
  return all.map((value) => Math.min(BINS - 1, Math.floor((value - low) / width)));
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const columnOf = ({ rows, size, values }: Points, j: number) =>
  Float64Array.from({ length: rows }, (_, i) => values[i * size + j]!);

/** The largest less the second. */
function lead(values: readonly number[]): number {
  const [first = 0, second = 0] = [...values].sort((a, b) => b - a);
  return first - second;
}

const columnsOf = (points: Points) =>
  Array.from({ length: points.size }, (_, j) => columnOf(points, j));

/**
 * The mutual information gap (Chen et al. 2018, equation 6): how much more one latent tells of a factor
 * than the next, as a share of the factor's entropy, of latents in 20 bins; the mean over factors.
 */
export function mutualInformationGap(points: Points, factors: readonly Factor[]): number {
  const latents = columnsOf(points).map(binned);
  return mean(
    factors.map(({ codes }) => {
      return lead(latents.map((own) => mutualInformation(own, codes))) / entropyOf(codes);
    }),
  );
}

/** The share of a latent's variance that lies between the levels of a factor. */
function shareBetween(latent: Float64Array, { codes, count }: Factor): number {
  const [sums, sizes] = [new Float64Array(count), new Float64Array(count)];
  for (const [i, value] of latent.entries()) {
    sums[codes[i]!]! += value;
    sizes[codes[i]!]!++;
  }
  const middle = mean([...latent]);
  const whole = latent.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  let between = 0;
  for (const [k, size] of sizes.entries()) {
    if (size > 0) between += size * (sums[k]! / size - middle) ** 2;
  }
  return whole > 0 ? between / whole : 0;
}

/**
 * Separated attribute predictability (Kumar et al. 2018, §3): the same lead of what a latent alone tells
 * of a factor. As factors are levels, which need not lie on a line, that is the share of the latent's
 * variance between them, in the place of the paper's R² of a line.
 */
export function separatedAttributePredictability(
  points: Points,
  factors: readonly Factor[],
): number {
  const latents = columnsOf(points);
  return mean(factors.map((factor) => lead(latents.map((own) => shareBetween(own, factor)))));
}

export interface Dci {
  /** Whether each latent tells of one factor alone, latents weighted by how much they tell. */
  disentanglement: number;
  /** Whether each factor is told by one latent alone. */
  completeness: number;
  /** The share of other rows of which forests tell the level, the mean over factors. */
  informativeness: number;
}

/** −Σ p log p over the logarithm of how many there are. */
function relativeEntropy(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0 || values.length < 2) return 0;
  const entropy = -values.reduce((sum, value) => {
    const p = value / total;
    return p > 0 ? sum + p * Math.log(p) : sum;
  }, 0);
  return entropy / Math.log(values.length);
}

/** From importances of latents for each factor, `[factor][latent]`. */
export function dciOf(importances: readonly Float64Array[]): Omit<Dci, "informativeness"> {
  const latents = Array.from(importances[0]!, (_, j) => importances.map((own) => own[j]!));
  const sums = latents.map((own) => own.reduce((sum, value) => sum + value, 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  return {
    disentanglement: latents.reduce(
      (sum, own, j) => sum + (total > 0 ? sums[j]! / total : 0) * (1 - relativeEntropy(own)),
      0,
    ),
    completeness: mean(importances.map((own) => 1 - relativeEntropy([...own]))),
  };
}

const FOREST = { trees: 20, depth: 12 };
/** Steps of `streams.measures`. */
const [HALVES, VOTES] = [2, 3];

/** Eastwood and Williams 2018, by random forests that half of the rows are fitted to. */
export function dci(points: Points, factors: readonly Factor[], seed: number): Dci {
  const order = [...new Random(seed).permutation(streams.measures, HALVES, points.rows)];
  const half = Math.ceil(points.rows / 2);
  const [fitted, told] = [order.slice(0, half), order.slice(half)];
  const training = pickPoints(points, fitted);
  const importances: Float64Array[] = [];
  const right: number[] = [];
  for (const { codes, count } of factors) {
    const own = fitted.map((row) => codes[row]!);
    const forest = new RandomForest(training, own, count, { ...FOREST, seed });
    importances.push(forest.importances);
    right.push(mean(told.map((row) => +(forest.predict(points, row) === codes[row]))));
  }
  return { ...dciOf(importances), informativeness: mean(right) };
}

/** Of the FactorVAE score: votes of either half, and rows of a vote. */
const [MOST_VOTES, VOTE_ROWS] = [800, 64];
/** Latents whose variance is below this share of the largest do not vote, as the paper prunes them. */
const LEAST_VARIANCE = 0.05;

/**
 * Kim and Mnih 2018, §4: of rows that have one level of a factor, the latent that varies least votes for
 * the factor; the share of votes that a majority of others foretells.
 */
export function factorVaeScore(points: Points, factors: readonly Factor[], seed: number): number {
  const variance = (values: Float64Array) => {
    const middle = mean([...values]);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
  };
  const all = columnsOf(points);
  const variances = all.map(variance);
  const largest = Math.max(...variances);
  const kept = all.filter((_, j) => variances[j]! > LEAST_VARIANCE * largest);
  const scales = kept.map(variance);
  const draws = new Sequence(seed, streams.measures, VOTES);
  const below = (limit: number) => Math.min(limit - 1, Math.floor(draws.uniform() * limit));
  const places = factors.map(({ codes, count }) => {
    const own: number[][] = Array.from({ length: count }, () => []);
    for (const [i, code] of codes.entries()) own[code]!.push(i);
    return own;
  });
  const votes = () => {
    const table = kept.map(() => new Float64Array(factors.length));
    for (let vote = 0; vote < MOST_VOTES; vote++) {
      const k = below(factors.length);
      const level = factors[k]!.codes[below(points.rows)]!;
      const rows = places[k]![level]!;
      const chosen = Array.from({ length: VOTE_ROWS }, () => rows[below(rows.length)]!);
      const spread = kept.map(
        (own, j) => variance(Float64Array.from(chosen, (row) => own[row]!)) / scales[j]!,
      );
      table[spread.indexOf(Math.min(...spread))]![k]!++;
    }
    return table;
  };
  const [first, second] = [votes(), votes()];
  const foretold = first.map((own) => own.indexOf(own.reduce((most, n) => Math.max(most, n), 0)));
  return second.reduce((sum, own, j) => sum + own[foretold[j]!]!, 0) / MOST_VOTES;
}
