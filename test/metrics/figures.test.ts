// Small figures of training against values worked out by hand and by their definitions.
import fc from "fast-check";
import { expect, test } from "vitest";
import { activeUnits } from "#elbo/metrics/active-units.js";
import { partNorms, silentUnits } from "#elbo/metrics/gradient-norms.js";
import { Spread } from "#elbo/metrics/spread.js";

test("a latent is active whose means vary by more than 0.01", () => {
  expect(activeUnits([0, 0.0099, 0.0101, 3])).toBe(2);
  expect(activeUnits([])).toBe(0);
});

test("norms are of each part's gradient as one vector", () => {
  const gradients = new Map([
    ["encoder.0.weight", [3, 0]],
    ["encoder.0.bias", [4]],
    ["decoder.0.weight", [-5, 12]],
    ["prior.mean", [0]],
  ]);
  expect(partNorms(gradients)).toEqual({ encoder: 5, decoder: 13, prior: 0 });
});

test("units are silent whose bias has no gradient", () => {
  const gradients = new Map([
    ["encoder.hidden0.bias", [0, 1, 0, -1]],
    ["encoder.hidden0.weight", [0, 0]],
    ["decoder.hidden0.bias", [0, 0]],
    ["decoder.out.bias", [1e-30, 2]],
    ["prior.bias", [0]],
  ]);
  expect(silentUnits(gradients)).toEqual({ "encoder.hidden0": 0.5, "decoder.hidden0": 1 });
});

test("mean and deviation as numbers come are those of all of them", () => {
  const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 2, maxLength: 50 }), (values) => {
      const spread = new Spread();
      for (const value of values) spread.add(value);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(spread.count).toBe(values.length);
      // Rounding is of the size of the values, some 50 times over.
      expect(spread.mean).toBeCloseTo(mean, 7);
      const deviation = Math.sqrt(squares / (values.length - 1));
      expect(Math.abs(spread.deviation - deviation)).toBeLessThan(1e-6 * (1 + deviation));
    }),
  );
});
