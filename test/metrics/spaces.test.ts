// Measures of embeddings, groups and images against scikit-learn, SciPy and NumPy (make_spaces.py).
import { describe, expect, test } from "vitest";
import { chiSquareTail } from "#elbo/metrics/chi-square.js";
import { frechetDistance } from "#elbo/metrics/frechet.js";
import { psnr, ssim } from "#elbo/metrics/image-quality.js";
import {
  batchAcceptance,
  batchLisi,
  batchRegression,
  batchSilhouette,
  graphConnectivity,
  isolatedLabelSilhouette,
  labelLisi,
  labelSilhouette,
} from "#elbo/metrics/mixing.js";
import { neighbourhoods } from "#elbo/metrics/neighbourhoods.js";
import { adjustedRandIndex, normalizedMutualInformation } from "#elbo/metrics/partitions.js";
import type { Points } from "#elbo/metrics/points.js";
import { silhouettes } from "#elbo/metrics/silhouette.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";

type Figures =
  | "trustworthiness"
  | "continuity"
  | "adjustedRand"
  | "nmi"
  | "labelSilhouette"
  | "batchSilhouette"
  | "isolatedLabelSilhouette"
  | "graphConnectivity"
  | "batchLisi"
  | "labelLisi"
  | "kbet"
  | "regression"
  | "psnr"
  | "ssim"
  | "frechet";
const fixture = readFixture<
  Record<Figures, number> &
    Record<"data" | "embedding" | "images" | "other" | "silhouettes", Numbers> &
    Record<"labels" | "batches" | "clusters", number[]> & { chiSquare: number[][] }
>("spaces");
const pointsOf = ({ shape, data }: Numbers): Points => ({
  ...{ rows: shape[0]!, size: shape[1]!, values: data },
});
const [data, embedding] = [pointsOf(fixture.data), pointsOf(fixture.embedding)];
const { labels, batches, clusters } = fixture;

test("trustworthiness and continuity are scikit-learn's, both ways; 1 of the same space", () => {
  const told = neighbourhoods(data, embedding, 12);
  expect(told.trustworthiness).toBeCloseTo(fixture.trustworthiness, 12);
  expect(told.continuity).toBeCloseTo(fixture.continuity, 12);
  expect(neighbourhoods(data, data, 12)).toEqual({ trustworthiness: 1, continuity: 1 });
});

test("silhouettes, the adjusted Rand index and mutual information are scikit-learn's", () => {
  for (const [i, value] of silhouettes(embedding, labels).entries()) {
    expect(value).toBeCloseTo(fixture.silhouettes.data[i]!, 12);
  }
  expect(adjustedRandIndex(labels, clusters)).toBeCloseTo(fixture.adjustedRand, 12);
  expect(normalizedMutualInformation(labels, clusters)).toBeCloseTo(fixture.nmi, 12);
  const renamed = labels.map((label) => 9 - label);
  expect(adjustedRandIndex(labels, renamed)).toBe(1);
  expect(normalizedMutualInformation(labels, renamed)).toBeCloseTo(1, 12);
});

describe("single-cell measures", () => {
  test("silhouettes of labels, of batches within labels, of labels in the fewest batches", () => {
    expect(labelSilhouette(embedding, labels)).toBeCloseTo(fixture.labelSilhouette, 12);
    expect(batchSilhouette(embedding, labels, batches)).toBeCloseTo(fixture.batchSilhouette, 12);
    const isolated = isolatedLabelSilhouette(embedding, labels, batches);
    expect(isolated).toBeCloseTo(fixture.isolatedLabelSilhouette, 12);
    const even = labels.map((_, i) => i % 2);
    const sorted = labels.map((_, i) => Math.floor(i / 2) % 2);
    expect(isolatedLabelSilhouette(embedding, sorted, even)).toBeNull();
    expect(batchSilhouette(embedding, batches, batches)).toBeNull();
  });

  test("connectivity of the neighbour graph, and local inverse Simpson's indices", () => {
    expect(graphConnectivity(embedding, labels)).toBeCloseTo(fixture.graphConnectivity, 12);
    // Entropies of kernels are brought within 1e-5 nats of the perplexity's.
    expect(Math.abs(batchLisi(embedding, batches) - fixture.batchLisi)).toBeLessThan(1e-4);
    expect(Math.abs(labelLisi(embedding, labels) - fixture.labelLisi)).toBeLessThan(1e-4);
  });

  test("how often kBET accepts, and how much of the variance batches leave", () => {
    expect(batchAcceptance(embedding, labels, batches)).toBeCloseTo(fixture.kbet, 12);
    expect(batchRegression(data, batches)).toBeCloseTo(fixture.regression, 12);
    const apart = {
      ...embedding,
      values: Array.from(embedding.values, (v, i) => v + 99 * batches[i >> 1]!),
    };
    // Ten neighbours of a batch that has seven tenths of the label are no surprise.
    expect(batchAcceptance(apart, labels, batches)).toBeLessThan(0.25);
    expect(batchRegression(apart, batches)).toBeLessThan(0.01);
    const one = labels.map(() => 0);
    expect(batchAcceptance(embedding, batches, one)).toBeNull();
    expect(batchRegression({ rows: 2, size: 1, values: [3, 3] }, [0, 1])).toBe(1);
  });

  test("the tail of χ²", () => {
    for (const [x, degrees, tail] of fixture.chiSquare) {
      expect(chiSquareTail(x!, degrees!), `${x}, ${degrees}`).toBeCloseTo(tail!, 12);
    }
    expect(chiSquareTail(0, 3)).toBe(1);
  });
});

test("PSNR and SSIM of images, and 1 of an image and itself", () => {
  const [, height, width] = fixture.images.shape as [number, number, number];
  const [a, b] = [0, 1].map((i) =>
    Float64Array.from(fixture.images.data.slice(i * height * width, (i + 1) * height * width)),
  ) as [Float64Array, Float64Array];
  expect(psnr(a, b)).toBeCloseTo(fixture.psnr, 10);
  expect(ssim(a, b, height, width)).toBeCloseTo(fixture.ssim, 12);
  expect(ssim(a, a, height, width)).toBeCloseTo(1, 12);
  expect(psnr(a, a)).toBe(Infinity);
});

test("the Fréchet distance is that of SciPy's matrix root, either way, and 0 of the same points", () => {
  const other = pointsOf(fixture.other);
  expect(frechetDistance(data, other)).toBeCloseTo(fixture.frechet, 8);
  expect(frechetDistance(other, data)).toBeCloseTo(fixture.frechet, 8);
  expect(frechetDistance(data, data)).toBeLessThan(1e-9);
});
