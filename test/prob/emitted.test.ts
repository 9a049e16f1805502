// The likelihoods stay finite whatever finite numbers a network emits, at every x of the support.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gradients } from "#elbo/graph/index.js";
import type { Likelihood } from "#elbo/prob/likelihood.js";
import type { Feeds } from "../oracle/index.ts";
import { families, inputsOf, type Support } from "./families.ts";
import { run } from "./run.ts";

/** Any finite float32, often an awkward one. */
const emitted = fc.oneof(
  fc.constantFrom(0, -0, 1e4, -1e4, 50, -50, 3e38, -3e38, 1e-38),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -40, max: 40 }),
);

function supported(support: Support): fc.Arbitrary<number> {
  const tiny = 2 ** -126;
  if (support === "real") return emitted;
  if (support === "unit")
    return fc.oneof(fc.constantFrom(0, 1), fc.float({ min: 0, max: 1, noNaN: true }));
  if (support === "positive" || support === "hurdle") {
    const any = fc.float({ min: tiny, noNaN: true, noDefaultInfinity: true });
    return fc.oneof(fc.constantFrom(0, tiny, 1, Math.fround(3e38)), any);
  }
  const small = fc.integer({ min: 0, max: Math.min(support, 40) });
  if (support < 1e9)
    return fc.oneof(fc.constantFrom(0, support), fc.integer({ min: 0, max: support }));
  return fc.oneof(small, fc.integer({ min: 0, max: 2 ** 24 }), fc.constantFrom(1e12, 3e38));
}

/** Rows of x and raw parameters as feeds. */
function rowsOf(family: Likelihood, value: fc.Arbitrary<number>, x: fc.Arbitrary<number>) {
  const widths = family.parameters.map(({ size }) => size);
  const raw = fc.tuple(
    ...widths.map((size) => fc.array(value, { minLength: size, maxLength: size })),
  );
  return fc.array(fc.tuple(x, raw), { minLength: 64, maxLength: 64 }).map((rows): Feeds => {
    const parameters = family.parameters.map(({ name, size }, p) => {
      const data = rows.flatMap(([, row]) => row[p]!);
      return [name, { shape: size === 1 ? [rows.length] : [rows.length, size], data }] as const;
    });
    const values = { shape: [rows.length], data: rows.map(([first]) => first) };
    return { x: values, ...Object.fromEntries(parameters) };
  });
}

describe("whatever a network emits, log-probabilities, means and modes are finite", () => {
  test.each(families)("$family.name", async ({ family, support }) => {
    const { x, parameters } = inputsOf(family);
    const output = family.logProb(x, parameters);
    const all = [output, family.mean(parameters), family.mode(parameters)];
    const property = fc.asyncProperty(
      rowsOf(family, emitted, supported(support)),
      async (feeds) => {
        const [logs, ...moments] = await run(all, feeds);
        for (const value of [...logs!, ...moments.flatMap((part) => [...part])]) {
          expect(Number.isFinite(value)).toBe(true);
        }
        // A rounding above 0 is all that a probability may be above 1.
        if (family.mass) expect(Math.max(...logs!)).toBeLessThan(1e-2);
      },
    );
    await fc.assert(property, { seed: 3, numRuns: 12 });
  });

  test.each(families)(
    "$family.name: gradients, of outputs within ±50",
    async ({ family, support }) => {
      const { x, parameters } = inputsOf(family);
      const slopes = gradients(family.logProb(x, parameters).sum(), parameters);
      const within = fc.oneof(
        fc.constantFrom(0, 50, -50),
        fc.float({ min: -50, max: 50, noNaN: true }),
      );
      const moderateX = support === "real" ? within : supported(support);
      const property = fc.asyncProperty(rowsOf(family, within, moderateX), async (feeds) => {
        const received = await run(slopes, feeds);
        for (const value of received.flatMap((part) => [...part])) {
          expect(Number.isFinite(value)).toBe(true);
        }
      });
      await fc.assert(property, { seed: 4, numRuns: 12 });
    },
  );
});
