// exp, log and their relatives over the whole of float32 against float64, and at their edges.
import { expect, test } from "vitest";
import { exactProgram } from "#elbo/codec/exact/program.js";
import { BATCH, input, type Tensor } from "#elbo/graph/index.js";
import { specialFixture } from "../../oracle/fixture.ts";
import { erf, sigmoid } from "../../oracle/special.ts";

const x = input("x", [BATCH]);
const y = input("y", [BATCH]);

function apply(f: Tensor, xs: Float32Array, ys = new Float32Array(0)): Float32Array {
  const inputs = ys.length > 0 ? { x: xs, y: ys } : { x: xs };
  return exactProgram({ out: f }, new Map()).run(inputs, xs.length)["out"] as Float32Array;
}

/** Every `step`-th float32 of both signs, infinities and NaN left out. */
function everyFloat(step: number): Float32Array {
  const count = Math.floor(0x7f800000 / step);
  const bits = Uint32Array.from({ length: 2 * count }, (_, i) =>
    i < count ? i * step : 0x80000000 + (i - count) * step,
  );
  return new Float32Array(bits.buffer);
}

/** The distance of neighbouring float32 around `value`, in whose halves a rounding error is told. */
function spacing(value: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(value) || 1)));
  return 2 ** (exponent - 23);
}

/** The largest error in units of the last place; values that float32 cannot hold must be so here. */
function worst(received: Float32Array, expected: (i: number) => number): number {
  let largest = 0;
  for (const [i, got] of received.entries()) {
    const want = expected(i);
    if (Object.is(got, Math.fround(want)) || got === Math.fround(want)) continue;
    const error = Math.abs(got - want) / spacing(want);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

// Computed to 1e-11 and rounded once: half a unit, and what 1e-11 is of a unit of 6e-8.
const ROUNDED = 0.5 + 1e-11 / 2 ** -24;

test.each<[string, Tensor, (x: number) => number]>([
  ["exp", x.exp(), Math.exp],
  ["log", x.log(), Math.log],
  ["tanh", x.tanh(), Math.tanh],
  ["sigmoid", x.sigmoid(), sigmoid],
  ["erf", x.erf(), erf],
  ["sin", x.sin(), Math.sin],
  ["cos", x.cos(), Math.cos],
  ["sqrt", x.sqrt(), Math.sqrt],
  ["reciprocal", x.reciprocal(), (v) => 1 / v],
])("%s is rounded once over all of float32", (_, f, value) => {
  const xs = everyFloat(65_537);
  expect(worst(apply(f, xs), (i) => value(xs[i]!))).toBeLessThanOrEqual(ROUNDED);
});

test("pow is rounded once over bases and exponents", () => {
  const bases = everyFloat(7_000_003).filter((base) => base >= 0);
  const exponents = [-37.25, -3, -1, -0.5, 0, 0.1, 0.5, 1, 2, 2.5, 3, 17, 100.5];
  const xs = Float32Array.from(exponents.flatMap(() => [...bases]));
  const ys = Float32Array.from(exponents.flatMap((p) => [...bases].fill(p)));
  expect(worst(apply(x.pow(y), xs, ys), (i) => xs[i]! ** ys[i]!)).toBeLessThanOrEqual(ROUNDED);
});

test("erf is mpmath's", () => {
  const { x: at, y: values } = specialFixture.functions["erf"]!;
  const xs = Float32Array.from(at);
  const exact = at.flatMap((v, i) => (Math.fround(v) === v ? [i] : []));
  expect(exact.length).toBeGreaterThan(3);
  const received = apply(x.erf(), xs);
  const own = Float32Array.from(exact, (i) => received[i]!);
  expect(worst(own, (i) => values[exact[i]!]!)).toBeLessThanOrEqual(ROUNDED);
});

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test("the edges are IEEE 754's", () => {
  const edges = Float32Array.of(0, -0, 1, -1, inf, -inf, nan, 1e-45);
  expect([...apply(x.exp(), edges).slice(0, 7)]).toEqual([
    1,
    1,
    Math.fround(Math.E),
    Math.fround(1 / Math.E),
    inf,
    0,
    nan,
  ]);
  const logs = [-inf, -inf, 0, nan, inf, nan, nan, Math.fround(Math.log(2 ** -149))];
  expect([...apply(x.log(), edges)]).toEqual(logs);
  expect([...apply(x.tanh(), edges).slice(4, 7)]).toEqual([1, -1, nan]);
  expect([...apply(x.tanh(), edges).slice(0, 2)]).toEqual([0, -0]);
  expect([...apply(x.sigmoid(), edges).slice(4, 7)]).toEqual([1, 0, nan]);
  expect([...apply(x.erf(), edges).slice(4, 7)]).toEqual([1, -1, nan]);
  expect([...apply(x.sin(), edges).slice(4, 7)]).toEqual([nan, nan, nan]);
  expect([...apply(x.cos(), edges).slice(4, 7)]).toEqual([nan, nan, nan]);
});

test("pow of zeros, negative bases and infinities", () => {
  const cases = [
    [-2, 3],
    [-2, 2],
    [-2, 0.5],
    [0, 2],
    [0, -1],
    [-0, -1],
    [-0, 3],
    [inf, -0.5],
    [inf, 2],
    [2, -inf],
    [2, inf],
    [0.5, inf],
    [nan, 0],
    [nan, 1],
    [2, nan],
  ] as const;
  const [xs, ys] = [cases.map(([a]) => a), cases.map(([, b]) => b)];
  const received = apply(x.pow(y), Float32Array.from(xs), Float32Array.from(ys));
  expect([...received]).toEqual(cases.map(([a, b]) => a ** b));
});

test("every NaN that is given out has the same bits", () => {
  const others = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc00000, 0x7f800001, 0).buffer);
  const received = apply(x.neg().abs(), others);
  const bits = [...new Uint32Array(received.buffer)];
  expect(bits).toEqual([0x7fc00000, 0x7fc00000, 0x7fc00000, 0]);
});
