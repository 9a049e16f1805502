// The headline's comparisons: who is better, and by which figures, whoever it is.
import { expect, test } from "vitest";
import { baselineSection } from "#elbo/report/section-baselines.js";
import { comparisons } from "#elbo/report/verdict.js";
import type { EvaluationReport } from "#elbo/tasks/evaluate.js";
import type { TargetReport } from "#elbo/tasks/evaluation/targets.js";

const figures = (logLoss: number) => ({
  accuracy: 0.8,
  logLoss,
  rocAuc: null,
  brier: 0.2,
  calibrationError: 0.01,
});

const target = (model: number, linear: number, neighbours: number): TargetReport => ({
  of: "classes",
  name: "species",
  rows: 30,
  trainingRows: 300,
  model: figures(model),
  linear: figures(linear),
  neighbours: figures(neighbours),
  constant: figures(0.9),
});

/** Of a table without an ELBO's or an error's baselines. */
const evaluation = (
  targets: TargetReport[],
  bitsPerDim: number | null = null,
  [gzip, xz] = [3, 2],
): EvaluationReport => ({
  rows: 30,
  elbo: -4,
  reconstruction: 3,
  kl: 1,
  target: null,
  klPerLatent: [1],
  fields: [{ name: "length", nats: 3 }],
  activeUnits: 1,
  mse: null,
  symbolAccuracy: null,
  levelAccuracy: null,
  bitsPerDim,
  nll: null,
  baselines: {
    independent: null,
    mean: null,
    pca: null,
    noPca: null,
    compression:
      bitsPerDim === null
        ? null
        : {
            ...{ rows: 30, values: 4, bytes: 100, gzip, xz, brotli: null },
            model: bitsPerDim,
            noModel: null,
          },
  },
  targets,
  anomalies: null,
  images: null,
  latents: null,
});

test("a target's model is compared with the best of the simple ones", () => {
  const [better] = comparisons(evaluation([target(0.3, 0.5, 0.4)]), "column");
  expect(better).toMatchObject({ won: true, baseline: "5-nearest neighbours of “species”" });
  expect(better!.sentence).toContain("(log loss 0.3000 beside 0.4000)");
  const [worse] = comparisons(evaluation([target(0.6, 0.5, 0.7)]), "column");
  expect(worse).toMatchObject({ won: false, baseline: "logistic regression of “species”" });
  expect(worse!.sentence).toContain("(log loss 0.5000 beside 0.6000 of the model)");
});

test("bits are compared with the better general compressor", () => {
  const [won] = comparisons(evaluation([], 1.5), "pixel");
  expect(won).toMatchObject({ won: true, baseline: "xz" });
  const [lost] = comparisons(evaluation([], 1.5, [1.2, 1.3]), "pixel");
  expect(lost).toMatchObject({ won: false, baseline: "gzip" });
  expect(lost!.sentence).toContain("1.200 bits a value beside 1.500 by the model");
});

test("levels and numbers are compared with PCA where it has them", () => {
  const report = {
    ...{ ...evaluation([]), mse: 0.5, levelAccuracy: 0.75 },
    baselines: {
      ...evaluation([]).baselines,
      pca: { components: 2, mse: 0.6, levelAccuracy: 0.8, elbo: null },
    },
  };
  const [numbers, levels] = comparisons(report, "column");
  expect(numbers).toMatchObject({ won: true, baseline: "PCA with 2 components" });
  expect(levels).toMatchObject({ won: false, baseline: "PCA with 2 components on levels" });
  expect(levels!.sentence).toContain("at least as many levels right (80.00 % beside 75.00 % by");
});

test("the section has each predictor's figures, the bits of compressors, and images' likeness", () => {
  const report = {
    ...evaluation([target(0.3, 0.5, 0.4)], 1.5),
    images: {
      rows: 30,
      model: { psnr: 21.5, ssim: null },
      pca: { psnr: 20.25, ssim: null },
      frechet: { features: 5, samples: 2.5, training: 0.5 },
    },
  };
  const facts = {
    evaluation: { called: "30 rows", heldOut: true, report },
    run: { config: { schema: { fields: [] } } },
  };
  const { text } = baselineSection(facts as never)!;
  const cells = [...text.matchAll(/<tr><th scope="row">([^<]*)<\/th>(.*?)<\/tr>/g)].map(
    ([, head, rest]) => [head, ...[...rest!.matchAll(/<td>([^<]*)<\/td>/g)].map(([, d]) => d)],
  );
  expect(cells).toContainEqual(["logistic regression", "0.8000", "0.5000", "0.2000", "0.01000"]);
  expect(cells).toContainEqual(["– of xz", "2.000 (8.000 a row)"]);
  expect(cells).toContainEqual(["the model", "21.50", ""]);
  expect(text).toContain("2.500 of drawn images, 0.5000 of training images");
});
