// Columns compared and simple models of them: SciPy's, NumPy's and scikit-learn's numbers.
import { expect, test } from "vitest";
import {
  type ComparedColumn,
  columnDistance,
  correlation,
  ksDistance,
  pairDistance,
} from "#elbo/metrics/compared-columns.js";
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
