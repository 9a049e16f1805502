// Mutual information of levels is scikit-learn's; of cut numbers it nears the formula, and its bias is known.
import { expect, test } from "vitest";
import { binsFor, equalShares, mutualInformation } from "#elbo/metrics/mutual-information.js";
import { Random, streams } from "#elbo/runtime/random.js";
import fixture from "../fixtures/mutual_information.json" with { type: "json" };

test.each(fixture.cases)("of levels: scikit-learn's", ({ a, b, information }) => {
  const own = mutualInformation(a, b);
  expect(own.plain).toBeCloseTo(information, 12);
  const levels = (column: number[]) => new Set(column).size;
  expect(own.bias).toBeCloseTo(((levels(a) - 1) * (levels(b) - 1)) / (2 * a.length), 12);
  expect(own.value).toBe(Math.max(0, own.plain - own.bias));
});

test("places hold equal shares, and equal numbers have one place", () => {
  expect([...equalShares([5, 1, 4, 2, 3, 0], 3)]).toEqual([2, 0, 2, 1, 1, 0]);
  expect([...equalShares([7, 7, 7, 1], 2)]).toEqual([0, 0, 0, 0]);
  expect([...equalShares([7, 7, 1, 1], 2)]).toEqual([1, 1, 0, 0]);
  expect(binsFor(344)).toBe(7);
  expect(binsFor(1e6)).toBe(16);
});

test("columns of no relation are told nothing on average, less the bias", () => {
  const [rows, times] = [400, 200];
  const bins = binsFor(rows);
  const random = new Random(5);
  let sum = 0;
  let bias = 0;
  for (let k = 0; k < times; k++) {
    const [a, b] = [0, 1].map((side) => random.normal(streams.synthetic, 2 * k + side, rows));
    const own = mutualInformation(equalShares(a!, bins), equalShares(b!, bins));
    sum += own.plain / times;
    bias = own.bias;
  }
  // 2n · I is nearly χ² with (bins − 1)² degrees of freedom, of variance twice as many.
  const error = Math.sqrt(2 * (bins - 1) ** 2) / (2 * rows) / Math.sqrt(times);
  // The next term of the bias is of order 1/n² (Miller 1955).
  expect(Math.abs(sum - bias)).toBeLessThan(5 * error + bins ** 2 / rows ** 2);
});

test.each([0.3, 0.8, 0.95])(
  "Gaussians of correlation %f: −½ log(1 − ρ²), less what bins leave out",
  (rho) => {
    const rows = 20_000;
    const random = new Random(9);
    const [x, e] = [0, 1].map((side) => random.normal(streams.synthetic, side, rows));
    const y = x!.map((value, i) => rho * value + Math.sqrt(1 - rho ** 2) * e![i]!);
    const bins = binsFor(rows);
    const { value } = mutualInformation(equalShares(x!, bins), equalShares(y, bins));
    const exact = -0.5 * Math.log(1 - rho ** 2);
    // Bins can but lose (data processing); sixteen keep most of it at these correlations.
    expect(value).toBeLessThan(exact + 5 * Math.sqrt(exact / rows));
    expect(value).toBeGreaterThan(0.85 * exact);
  },
);
