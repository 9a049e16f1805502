// Labels as groups of points: how well they stand apart, whether a mixture finds them, how batches mix.
import {
  batchAcceptance,
  batchLisi,
  batchRegression,
  batchSilhouette,
  graphConnectivity,
  isolatedLabelSilhouette,
  labelLisi,
  labelSilhouette,
} from "../../metrics/mixing.ts";
import { adjustedRandIndex, normalizedMutualInformation } from "../../metrics/partitions.ts";
import { codesOf, type Points } from "../../metrics/points.ts";
import { silhouettes } from "../../metrics/silhouette.ts";
import { fitMixture, responsibilities } from "../../prob/mixture-fit.ts";
import { streams } from "../../runtime/random.ts";
import { Sequence } from "../../runtime/sequence.ts";

type Values = readonly (string | number)[];

export interface GroupFigures {
  /** Of rows by their labels, the mean. */
  silhouette: number;
  /** Of labels and the components of a Gaussian mixture, one for each label: */
  adjustedRandIndex: number;
  normalizedMutualInformation: number;
}

/** Of single cells, by labels and batches: 0 to 1, 1 is best. */
export interface MixingFigures {
  labelSilhouette: number;
  labelLisi: number;
  graphConnectivity: number;
  /** Null where all labels are in every batch. */
  isolatedLabelSilhouette: number | null;
  /** Null where no label is in two batches. */
  batchSilhouette: number | null;
  batchLisi: number;
  /** kBET within labels. Null where no label of some size is in two batches. */
  batchAcceptance: number | null;
  /** Principal component regression on batches. */
  batchRegression: number;
}

/** Enough for groups that stand apart, and a bounded cost for those that do not. */
const FIT = { starts: 2, steps: 30 };

const mean = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function groupFigures(points: Points, labels: Values, seed: number): GroupFigures {
  const { codes, count } = codesOf(labels);
  const rows = Array.from({ length: points.rows }, (_, i) =>
    Float64Array.from({ length: points.size }, (_, j) => points.values[i * points.size + j]!),
  );
  const draws = new Sequence(seed, streams.mixture, 0);
  const mixture = fitMixture(rows, { components: count, ...FIT }, draws);
  const found = rows.map((row) => {
    const { shares } = responsibilities(row, mixture);
    return shares.indexOf(shares.reduce((most, share) => Math.max(most, share), 0));
  });
  return {
    silhouette: mean(silhouettes(points, codes)),
    adjustedRandIndex: adjustedRandIndex(codes, found),
    normalizedMutualInformation: normalizedMutualInformation(codes, found),
  };
}

export function mixingFigures(points: Points, labels: Values, batches: Values): MixingFigures {
  const [own, of] = [codesOf(labels).codes, codesOf(batches).codes];
  return {
    labelSilhouette: labelSilhouette(points, own),
    labelLisi: labelLisi(points, own),
    graphConnectivity: graphConnectivity(points, own),
    isolatedLabelSilhouette: isolatedLabelSilhouette(points, own, of),
    batchSilhouette: batchSilhouette(points, own, of),
    batchLisi: batchLisi(points, of),
    batchAcceptance: batchAcceptance(points, own, of),
    batchRegression: batchRegression(points, of),
  };
}
