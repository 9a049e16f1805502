// The area under the curve as what it means: the share of pairs in the right order.
import fc from "fast-check";
import { expect, test } from "vitest";
import { rocAuc } from "#elbo/metrics/roc.js";

const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });

test("is the share of pairs in the right order, half of equal ones", () => {
  fc.assert(
    fc.property(scores, scores, (normal, strange) => {
      const pairs = strange.flatMap((s) => normal.map((n) => (s > n ? 1 : s === n ? 0.5 : 0)));
      const share = pairs.reduce<number>((sum, value) => sum + value, 0) / pairs.length;
      expect(rocAuc(normal, strange)).toBeCloseTo(share, 12);
    }),
    { seed: 1 },
  );
});
