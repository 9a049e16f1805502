// The oracle's special functions against mpmath: an authority has to be checked itself.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as special from "./special.ts";

const fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/special.json", import.meta.url), "utf8"),
) as {
  functions: Record<string, { x: number[]; y: number[] }>;
  lgammaDifference: Record<"k" | "r" | "value" | "gradientR" | "gradientK", number[]>;
};

const { lgammaDifference, digammaDifference, ...unary } = special;

const functions: Record<string, (x: number) => number> = {
  ...unary,
  log1p: Math.log1p,
  expm1: Math.expm1,
  tanh: Math.tanh,
  logSigmoid: (x) => -special.softplus(-x),
};

function worst(received: readonly number[], expected: readonly number[]): number {
  return Math.max(...expected.map((y, i) => Math.abs(received[i]! - y) / (1 + Math.abs(y))));
}

for (const [name, { x, y }] of Object.entries(fixtures.functions)) {
  test(`${name} in float64`, () => {
    expect(worst(x.map(functions[name]!), y)).toBeLessThan(1e-13);
  });
}

test("differences of lgamma and digamma in float64", () => {
  const { k, r, value, gradientR, gradientK } = fixtures.lgammaDifference;
  const both = (f: (k: number, r: number) => number) => k.map((n, i) => f(n, r[i]!));
  expect(worst(both(lgammaDifference), value)).toBeLessThan(1e-13);
  expect(worst(both(digammaDifference), gradientR)).toBeLessThan(1e-13);
  expect(
    worst(
      both((n, s) => special.digamma(n + s)),
      gradientK,
    ),
  ).toBeLessThan(1e-13);
});
