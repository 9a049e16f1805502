// Single-cell benchmark measures of how latents keep cell types together and mix batches (Luecken et al.
// 2022, Benchmarking atlas-level data integration in single-cell genomics, Methods). All are 0 to 1, 1
// is best.
import { chiSquareTail } from "./chi-square.ts";
import { codesOf, distancesFrom, nearestOthers, type Points, pickPoints } from "./points.ts";
import { silhouettes } from "./silhouette.ts";

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** (1 + silhouette) / 2 of labels. */
export function labelSilhouette(points: Points, labels: readonly number[]): number {
  return (1 + mean(silhouettes(points, labels))) / 2;
}

const placesOf = (codes: readonly number[], code: number) =>
  codes.flatMap((own, i) => (own === code ? [i] : []));

/** The mean over labels with two batches or more of what is measured within each; null of none. */
function withinLabels(
  points: Points,
  labels: readonly number[],
  batches: readonly number[],
  measure: (points: Points, batches: readonly number[], count: number) => number | null,
): number | null {
  const each = [...new Set(labels)].flatMap((label) => {
    const places = placesOf(labels, label);
    const own = places.map((place) => batches[place]!);
    const count = new Set(own).size;
    return count < 2 ? [] : (measure(pickPoints(points, places), own, count) ?? []);
  });
  return each.length === 0 ? null : mean(each);
}

/** Of each label with two batches or more, 1 − |silhouette| of its batches; the mean over labels. */
export function batchSilhouette(
  points: Points,
  labels: readonly number[],
  batches: readonly number[],
): number | null {
  return withinLabels(points, labels, batches, (cells, own, count) =>
    count === own.length ? null : mean(silhouettes(cells, own).map((s) => 1 - Math.abs(s))),
  );
}

/**
 * (1 + silhouette) / 2 of each label that is in the fewest batches, against all others; their mean. Null
 * where all labels are in every batch.
 */
export function isolatedLabelSilhouette(
  points: Points,
  labels: readonly number[],
  batches: readonly number[],
): number | null {
  const seen = new Map<number, Set<number>>();
  for (const [i, label] of labels.entries()) {
    seen.set(label, (seen.get(label) ?? new Set()).add(batches[i]!));
  }
  const fewest = Math.min(...[...seen.values()].map(({ size }) => size));
  if (fewest === new Set(batches).size) return null;
  const isolated = [...seen].filter(([, { size }]) => size === fewest).map(([label]) => label);
  const each = isolated.map((label) => {
    const one = labels.map((own) => +(own === label));
    const all = silhouettes(points, one);
    return (1 + mean(all.filter((_, i) => one[i] === 1))) / 2;
  });
  return mean(each);
}

/** Neighbours of a point in the graph of `graphConnectivity`. */
export const GRAPH_NEIGHBOURS = 15;

/** The share of each label's cells in its largest connected part of the k-neighbour graph; their mean. */
export function graphConnectivity(points: Points, labels: readonly number[]): number {
  const roots = Int32Array.from(labels, (_, i) => i);
  const root = (place: number): number => {
    let own = place;
    while (roots[own] !== own) own = roots[own] = roots[roots[own]!]!;
    return own;
  };
  for (const [i, label] of labels.entries()) {
    for (const place of nearestOthers(distancesFrom(points, i), i, GRAPH_NEIGHBOURS)) {
      if (labels[place] === label) roots[root(place)] = root(i);
    }
  }
  const each = [...new Set(labels)].map((label) => {
    const places = placesOf(labels, label);
    const parts = new Map<number, number>();
    for (const place of places) parts.set(root(place), (parts.get(root(place)) ?? 0) + 1);
    return Math.max(...parts.values()) / places.length;
  });
  return mean(each);
}

/** Of kBET: a quarter of a label's mean batch, within these; and the level of its tests. */
const LEAST_NEIGHBOURS = 10;
const MOST_NEIGHBOURS = 70;
const LEVEL = 0.05;

/**
 * The share of these points around which batches are as frequent as among all of them, by χ² tests; null of too
 * few to tell.
 */
function acceptanceOf(points: Points, batches: readonly number[], count: number): number | null {
  if (batches.length <= LEAST_NEIGHBOURS) return null;
  const { codes } = codesOf(batches);
  const quarter = Math.floor(codes.length / count / 4);
  const near = Math.min(MOST_NEIGHBOURS, Math.max(LEAST_NEIGHBOURS, quarter));
  const expected = new Float64Array(count);
  for (const code of codes) expected[code]! += near / codes.length;
  const accepted = codes.map((_, i) => {
    const seen = new Float64Array(count);
    for (const place of nearestOthers(distancesFrom(points, i), i, near)) seen[codes[place]!]!++;
    const statistic = seen.reduce(
      (sum, n, code) => sum + (n - expected[code]!) ** 2 / expected[code]!,
      0,
    );
    return chiSquareTail(statistic, count - 1) >= LEVEL ? 1 : 0;
  });
  return mean(accepted);
}

/**
 * kBET (Büttner et al. 2019, A test metric for assessing single-cell RNA-seq batch correction) of each label with
 * two batches or more: how often the k-nearest-neighbour batch effect test accepts; the mean over labels. Null
 * where no label is in two batches. Neighbours are those of the same label, without a graph's diffusion.
 */
export function batchAcceptance(
  points: Points,
  labels: readonly number[],
  batches: readonly number[],
): number | null {
  return withinLabels(points, labels, batches, acceptanceOf);
}

/**
 * 1 less the share of the variance that batches explain: principal component regression over all components,
 * whose R² weighted by their variances add up to what lies between batches over all that there is.
 */
export function batchRegression(
  { rows, size, values }: Points,
  batches: readonly number[],
): number {
  const { codes, count } = codesOf(batches);
  const counts = new Float64Array(count);
  for (const code of codes) counts[code]!++;
  let [between, total] = [0, 0];
  for (let j = 0; j < size; j++) {
    const sums = new Float64Array(count);
    for (const [i, code] of codes.entries()) sums[code]! += values[i * size + j]!;
    const center = sums.reduce((sum, value) => sum + value, 0) / rows;
    for (const [code, sum] of sums.entries()) {
      between += counts[code]! * (sum / counts[code]! - center) ** 2;
    }
    for (let i = 0; i < rows; i++) total += (values[i * size + j]! - center) ** 2;
  }
  return total === 0 ? 1 : 1 - between / total;
}

/** Of LISI (Korsunsky et al. 2019): its perplexity, and so many neighbours for each of that. */
const PERPLEXITY = 30;
const NEIGHBOURS_EACH = 3;
const HALVINGS = 50;

/** Weights of distances, as steep as makes exp of their entropy the perplexity. */
function kernel(distances: readonly number[], perplexity: number): Float64Array {
  let [low, high, beta] = [0, Infinity, 1];
  let weights = new Float64Array(distances.length);
  for (let step = 0; step < HALVINGS; step++) {
    const raw = Float64Array.from(distances, (d) => Math.exp(-beta * (d - distances[0]!)));
    const total = raw.reduce((sum, value) => sum + value, 0);
    weights = raw.map((value) => value / total);
    const entropy = -weights.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
    if (Math.abs(entropy - Math.log(perplexity)) < 1e-5) break;
    if (entropy > Math.log(perplexity)) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
  return weights;
}

/** The local inverse Simpson's index of each point: how many groups there seem to be around it. */
export function localGroups(points: Points, codes: readonly number[]): Float64Array {
  const perplexity = Math.min(PERPLEXITY, Math.floor((points.rows - 1) / NEIGHBOURS_EACH));
  return Float64Array.from(codes, (_, i) => {
    const distances = distancesFrom(points, i);
    const near = nearestOthers(distances, i, NEIGHBOURS_EACH * perplexity);
    const weights = kernel(
      near.map((place) => distances[place]!),
      perplexity,
    );
    const shares = new Map<number, number>();
    for (const [k, place] of near.entries()) {
      const code = codes[place]!;
      shares.set(code, (shares.get(code) ?? 0) + weights[k]!);
    }
    return 1 / [...shares.values()].reduce((sum, share) => sum + share ** 2, 0);
  });
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

/** The median of that, 0 of one batch around each point and 1 of all alike. */
export function batchLisi(points: Points, batches: readonly number[]): number {
  return (median(localGroups(points, batches)) - 1) / (new Set(batches).size - 1);
}

/** … and 1 of one label around each point and 0 of all alike. */
export function labelLisi(points: Points, labels: readonly number[]): number {
  const count = new Set(labels).size;
  return (count - median(localGroups(points, labels))) / (count - 1);
}
