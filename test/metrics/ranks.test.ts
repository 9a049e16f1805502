// How many known numbers are below a value, as counting one by one tells.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Ranks } from "#elbo/metrics/ranks.js";

const number = fc.oneof(
  fc.double(),
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.integer({ min: -4, max: 4 }),
  fc.constantFrom(0, -0, 1e300, -1e300, 5e-324, Infinity, -Infinity),
);

test("as many as are below, whatever the numbers", () => {
  fc.assert(
    fc.property(fc.array(number), fc.array(number), (known, values) => {
      const sorted = Float64Array.from(known.filter((value) => !Number.isNaN(value))).sort();
      const ranks = new Ranks(sorted);
      for (const value of [...values, ...sorted]) {
        expect(ranks.below(value)).toBe(sorted.filter((one) => one < value).length);
      }
    }),
    { numRuns: 2000 },
  );
});
