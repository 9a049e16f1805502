// The likelihoods' log-probabilities, by which an entropy coder codes, against mpmath.
import { expect, test } from "vitest";
import fixture from "../../fixtures/likelihoods.json" with { type: "json" };
import { families, inputsOf } from "../../prob/families.ts";
import { compute } from "./run.ts";

/** Random points of each family come first in the fixture; extremes, of other condition, after. */
const MODERATE = 24;

/** Error over (1 + |value|): what every device is held to. */
const USUAL = 3e-5;

test.each(families.map(({ family }) => ({ name: family.name, family })))(
  "of $name",
  ({ family }) => {
    const { x, parameters } = inputsOf(family);
    const expected = fixture.cases[family.name as "gaussian"];
    const raw = expected.parameters as unknown as Record<string, { data: number[] }>;
    const values = Object.fromEntries(
      family.parameters.map(({ name, size }) => [name, raw[name]!.data.slice(0, MODERATE * size)]),
    );
    const feeds = Object.fromEntries(
      Object.entries({ x: expected.x.data.slice(0, MODERATE), ...values }).map(([name, data]) => [
        name,
        { shape: [data.length], data },
      ]),
    );
    const [received] = compute([family.logProb(x, parameters)], feeds, MODERATE);
    expect(received).toHaveLength(MODERATE);
    for (const [i, value] of expected.logProb.data.slice(0, MODERATE).entries()) {
      expect(Math.abs(received![i]! - value), `${i}`).toBeLessThanOrEqual(
        USUAL * (1 + Math.abs(value)),
      );
    }
  },
);
