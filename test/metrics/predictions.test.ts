// Linear models and figures of predictions against scikit-learn (make_predictions.py).
import { expect, test } from "vitest";
import { averagePrecision } from "#elbo/metrics/average-precision.js";
import { fitLinearModel, linearScores, softmaxRows } from "#elbo/metrics/linear-model.js";
import { classFigures, numberFigures } from "#elbo/metrics/predictions.js";
import { openDevice } from "#elbo/runtime/open.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";

interface Classes {
  labels: number[];
  probabilities: Numbers;
  accuracy: number;
  logLoss: number;
  brier: number;
  rocAuc: number;
  averagePrecision: number;
}
const fixture = readFixture<{
  x: Numbers;
  y: Numbers;
  numbers: { predicted: Numbers; rmse: number; mae: number; r2: number };
  classes: Classes[];
}>("predictions");
const size = fixture.x.shape[1]!;
const [training, rows] = [80, fixture.x.shape[0]!];
const inputs = Float32Array.from(fixture.x.data.slice(0, training * size));
const others = Float32Array.from(fixture.x.data.slice(training * size));

test("ridge regression, with two columns that are nearly one, is scikit-learn's", async () => {
  const { device } = await openDevice("cpu");
  const truths = Float32Array.from(fixture.y.data.slice(0, training));
  const model = await fitLinearModel(device, 1, "ridge", { rows: training, inputs, truths });
  const told = linearScores(model, others);
  const { predicted, rmse, mae, r2 } = fixture.numbers;
  for (const [i, value] of told.entries()) {
    expect(Math.abs(value - predicted.data[i]!)).toBeLessThan(1e-3);
  }
  const figures = numberFigures(predicted.data, fixture.y.data.slice(training));
  expect(figures.rmse).toBeCloseTo(rmse, 12);
  expect(figures.mae).toBeCloseTo(mae, 12);
  expect(figures.r2).toBeCloseTo(r2, 12);
  expect(numberFigures([1, 2], [3, 3])).toEqual({ rmse: Math.sqrt(2.5), mae: 1.5, r2: null });
});

test.each(fixture.classes.map((each) => [each.probabilities.shape[1]!, each] as const))(
  "multinomial logistic regression of %i classes, and its figures, are scikit-learn's",
  async (classes, expected) => {
    const { device } = await openDevice("cpu");
    const truths = new Float32Array(training * classes);
    for (let i = 0; i < training; i++) truths[i * classes + expected.labels[i]!] = 1;
    const told = { rows: training, inputs, truths };
    const model = await fitLinearModel(device, 1, "logistic", told);
    const p = softmaxRows(linearScores(model, others), classes);
    for (const [i, value] of p.entries()) {
      expect(Math.abs(value - expected.probabilities.data[i]!)).toBeLessThan(1e-3);
    }
    const labels = expected.labels.slice(training, rows);
    const exact = Float64Array.from(expected.probabilities.data);
    const figures = classFigures(exact, labels);
    expect(figures.accuracy).toBeCloseTo(expected.accuracy, 12);
    expect(figures.logLoss).toBeCloseTo(expected.logLoss, 12);
    expect(figures.brier).toBeCloseTo(expected.brier, 12);
    if (classes > 2) expect(figures.rocAuc).toBeNull();
    else {
      expect(figures.rocAuc).toBeCloseTo(expected.rocAuc, 12);
      // Rounded to a tenth: many scores are equal.
      const scores = (label: number) =>
        labels.flatMap((own, i) => (own === label ? [Number(exact[2 * i + 1]!.toFixed(1))] : []));
      expect(averagePrecision(scores(0), scores(1))).toBeCloseTo(expected.averagePrecision, 12);
    }
  },
);
