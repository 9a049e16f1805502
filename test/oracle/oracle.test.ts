// The oracle's special functions against mpmath: an authority has to be checked itself.
import { expect, test } from "vitest";
import { specialFixture, unaryFunctions, worst } from "./fixture.ts";
import { digamma, digammaDifference, lgammaDifference } from "./special.ts";

for (const [name, { x, y }] of Object.entries(specialFixture.functions)) {
  test(`${name} in float64`, () => {
    expect(worst(x.map(unaryFunctions[name]!), y).largest).toBeLessThan(1e-13);
  });
}

test("differences of lgamma and digamma in float64", () => {
  const { k, r, value, gradientR, gradientK } = specialFixture.lgammaDifference;
  const both = (f: (k: number, r: number) => number) => k.map((n, i) => f(n, r[i]!));
  expect(worst(both(lgammaDifference), value).largest).toBeLessThan(1e-13);
  expect(worst(both(digammaDifference), gradientR).largest).toBeLessThan(1e-13);
  expect(
    worst(
      both((n, s) => digamma(n + s)),
      gradientK,
    ).largest,
  ).toBeLessThan(1e-13);
});
