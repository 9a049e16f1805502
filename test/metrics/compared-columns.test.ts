// Columns compared and simple models of them: SciPy's, NumPy's and scikit-learn's numbers.
import { expect, test } from "vitest";
import {
  type ComparedColumn,
  columnDistance,
  correlation,
  ksDistance,
  pairDistance,
} from "#elbo/metrics/compared-columns.js";
import { ridgeRegression, scoresOf, softmaxRegression } from "#elbo/metrics/linear-model.js";
import fixture from "../fixtures/synthetic.json" with { type: "json" };

const numbers = ({ data }: { data: number[] }) => Float64Array.from(data);
const column = (values: { data: number[] }): ComparedColumn => ({
  sort: "numbers",
  values: numbers(values),
});
const levels = (values: { data: number[] }): ComparedColumn => ({
  sort: "levels",
  values: Int32Array.from(values.data),
});
const { real, other } = fixture;
const rows = real.a.data.map((a, i) =>
  Float64Array.from([a, real.b.data[i]!, +(real.level.data[i] === 1)]),
);

test("distances of columns and of pairs", () => {
  expect(ksDistance(numbers(real.a), numbers(other.a))).toBeCloseTo(fixture.ks, 12);
  const gaps = Float64Array.from([...real.a.data, Number.NaN, Number.NaN]);
  expect(ksDistance(gaps, numbers(other.a))).toBeCloseTo(fixture.ks, 12);
  expect(columnDistance(levels(real.level), levels(other.level))).toBeCloseTo(
    fixture.levelDistance,
    12,
  );
  const [first, second] = fixture.correlations as [number, number];
  expect(correlation(numbers(real.a), numbers(real.b))).toBeCloseTo(first, 12);
  expect(
    pairDistance([column(real.a), column(real.b)], [column(other.a), column(other.b)]),
  ).toBeCloseTo(Math.abs(first - second) / 2, 12);
  expect(
    pairDistance([column(real.a), levels(real.level)], [column(other.a), levels(other.level)]),
  ).toBeCloseTo(fixture.mixedDistance, 12);
  expect(columnDistance(column(real.a), column(real.a))).toBe(0);
});

test("ridge regression: scikit-learn's weights", () => {
  const { weights } = ridgeRegression(rows, fixture.number.data, 2);
  const expected = [...fixture.ridge.weights.data, fixture.ridge.intercept];
  for (const [j, weight] of expected.entries()) expect(weights[0]![j]).toBeCloseTo(weight, 8);
});

const probabilities = (steps: number) => {
  const model = softmaxRegression(rows, fixture.levels.data, 3, { ridge: 2, steps });
  return rows.slice(0, 20).flatMap((row) => {
    const all = scoresOf(model, row).map(Math.exp);
    const sum = all.reduce((total, value) => total + value, 0);
    return all.map((value) => value / sum);
  });
};

test("softmax regression: scikit-learn's probabilities, nearly so after as few steps as are taken", () => {
  const expected = fixture.probabilities.data;
  for (const [i, p] of probabilities(3000).entries()) expect(p).toBeCloseTo(expected[i]!, 5);
  for (const [i, p] of probabilities(300).entries()) {
    expect(Math.abs(p - expected[i]!)).toBeLessThan(0.01);
  }
});
