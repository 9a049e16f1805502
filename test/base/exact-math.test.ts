// The functions that constants of archives are made of, beside mpmath's and beside the coder's own.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { atanh, exp, expm1, log, log1p, logit } from "#elbo/base/exact-math.js";
import { Coder } from "#elbo/codec/ans/coder.js";
import { Random } from "#elbo/runtime/random.js";

interface Table {
  x: number[];
  y: number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/exact_math.json", import.meta.url), "utf8"),
) as Record<string, Table>;

/** What one operation rounds by, of its result. */
const ROUNDING = 2 ** -53;

// Roundings that reach the result in full: of exp the argument's two and the series' last one; of log the
// quotient's two, the series', the product's and the sum's; of the others those of what they call and
// their own.
test.each([
  ["exp", exp, 3],
  ["log", log, 5],
  ["log1p", log1p, 7],
  ["expm1", expm1, 8],
  ["atanh", atanh, 9],
  ["logit", logit, 8],
] as const)("%s is within its few roundings", (name, found, roundings) => {
  const { x, y } = fixture[name]!;
  const worst = x.reduce((most, each, i) => {
    const wanted = y[i]!;
    // Near 1/2 the two logarithms of a logit take each other away.
    const size = name === "logit" ? Math.abs(Math.log(each)) + Math.abs(wanted) : Math.abs(wanted);
    return Math.max(most, Math.abs(found(each) - wanted) / (size || 1));
  }, 0);
  expect(worst).toBeLessThanOrEqual(roundings * ROUNDING);
});

test("exp and log are the coder's to the bit", () => {
  const coder = new Coder();
  const xs = [...new Random(4).uniform(1, 0, 20_000)].flatMap((u) => [1500 * u - 750, u ** 20]);
  const apart = xs.filter((x) => exp(x) !== coder.mathOf(0, x) || log(x) !== coder.mathOf(1, x));
  expect(apart).toEqual([]);
});
