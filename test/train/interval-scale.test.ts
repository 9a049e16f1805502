// The scales that intervals of numbers are told on: each has an inverse and keeps the order.
import { expect, test } from "vitest";
import type { ModelledField } from "#elbo/fields/field.js";
import { intervalScale } from "#elbo/train/calibration.js";
import { count, positive, real } from "../fields/schemas.ts";

const hurdle = { likelihood: "hurdle-log-normal", zeros: 0.9, mean: 7, deviation: 1 } as const;
const fields: [string, ModelledField][] = [
  ["real", real("x")],
  ["positive", positive("x", { mean: 7, offset: 0.5 })],
  ["positive, behind a hurdle", positive("x", hurdle)],
  ["count", count("x")],
];

test.each(fields)("%s", (_, field) => {
  const { to, from } = intervalScale(field);
  const raw = [0, 1, 20, 1000, 1e6];
  const scaled = raw.map(to);
  expect(scaled).toEqual(scaled.toSorted((a, b) => a - b));
  for (const value of raw)
    expect(Math.abs(from(to(value)) - value)).toBeLessThan(1e-9 * (1 + value));
});

test("behind a hurdle a zero is no farther from a typical amount than that from seven of it", () => {
  const { to } = intervalScale(positive("x", hurdle));
  const typical = Math.exp(7);
  expect(to(typical) - to(0)).toBeLessThan(to(7 * typical) - to(typical));
});
