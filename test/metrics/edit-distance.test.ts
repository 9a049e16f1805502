// Edits between texts: known distances, and that it is a metric.
import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance } from "#elbo/metrics/edit-distance.js";

test.each([
  ["kitten", "sitting", 3],
  ["intention", "execution", 5],
  ["", "abc", 3],
  ["naïve 🙂", "naive 🙃", 2],
  ["same", "same", 0],
] as const)("%j to %j takes %i", (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
});

test("it is symmetric, and a way around is no shorter", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
