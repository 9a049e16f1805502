// The likelihoods' log-probabilities, gradients, means and modes against mpmath and SciPy; and
// their sums and integrals.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH, gradients, input, type Tensor } from "#elbo/graph/index.js";
import { categorical } from "#elbo/prob/categorical.js";
import { gaussianMixture } from "#elbo/prob/gaussian-mixture.js";
import { hurdleLogNormal } from "#elbo/prob/hurdle-log-normal.js";
import type { Likelihood } from "#elbo/prob/likelihood.js";
import { logNormal } from "#elbo/prob/log-normal.js";
import { ordinal } from "#elbo/prob/ordinal.js";
import { stirlingCorrection, stirlingSlope } from "#elbo/prob/stirling.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { type Draw, forExamples } from "../graph/draw.ts";
import { elboError } from "../helpers/errors.ts";
import { worst } from "../oracle/fixture.ts";
import { evaluate, type Feeds } from "../oracle/index.ts";
import { stirlingCorrection as correction } from "../oracle/special.ts";
import { families, inputsOf, type Support } from "./families.ts";
import { feedsOf, fixture, logProbs, run } from "./run.ts";

/** One rounding of a float32. */
const EPSILON = 2 ** -24;

/** Roundings in a value and in a gradient; the negative binomial's by r errs by 2 of the count. */
const ROUNDINGS: Record<string, { value: number; gradient: number }> = {
  "beta-binomial": { value: 8, gradient: 32 },
  "negative-binomial": { value: 8, gradient: 300 },
  "zero-inflated-negative-binomial": { value: 8, gradient: 32 },
};
const USUAL = { value: 8, gradient: 8 };

describe.each(["cpu", "wasm"] as const)("on %s: values and gradients are mpmath's", (device) => {
  test.each(families)("$family.name", async ({ family }) => {
    const expected = fixture.cases[family.name]!;
    const { x, parameters } = inputsOf(family);
    const output = family.logProb(x, parameters);
    const feeds = { x: expected.x, ...expected.parameters };
    const outputs = [output, ...gradients(output.sum(), parameters)];
    const [values, ...slopes] = await run(outputs, feeds, device);
    const roundings = ROUNDINGS[family.name] ?? USUAL;
    for (const [row, want] of expected.logProb.data.entries()) {
      // A parameter is itself rounded, and with it the value moves along its gradient.
      let condition = 1 + Math.abs(want);
      for (const [p, { name, size }] of family.parameters.entries()) {
        for (let i = row * size; i < (row + 1) * size; i++) {
          const slope = expected.gradients[name]!.data[i]!;
          const allowed = 1 + Math.abs(slope) + expected.conditions[name]!.data[i]!;
          const error = Math.abs(slopes[p]![i]! - slope);
          const text = `${name} at row ${row}: ${slopes[p]![i]}, ${slope}`;
          expect(error, text).toBeLessThan(roundings.gradient * EPSILON * allowed);
          condition += Math.abs(slope) * Math.max(1, Math.abs(expected.parameters[name]!.data[i]!));
        }
      }
      const error = Math.abs(values![row]! - want);
      const text = `row ${row}: ${values![row]}, ${want}`;
      expect(error, text).toBeLessThan(roundings.value * EPSILON * condition);
    }
  });
});

describe("means and modes are SciPy's", () => {
  test.each(Object.entries(fixture.moments))(
    "%s",
    async (name, { parameters: raw, mean, mode }) => {
      const { family } = families.find((entry) => entry.family.name === name)!;
      const { parameters } = inputsOf(family);
      const received = await run([family.mean(parameters), family.mode(parameters)], raw);
      expect(worst(received[0]!, mean.data).largest, "mean").toBeLessThan(2e-6);
      expect(worst(received[1]!, mode.data).largest, "mode").toBeLessThan(2e-6);
    },
  );
});

/** Raw parameters of moderate distributions, the same at each call. */
function moderate(family: Likelihood, examples: number): number[][][] {
  const one = fc.integer({ min: -1500, max: 1500 }).map((i) => Math.fround(i / 1000));
  const raw = fc.tuple(
    ...family.parameters.map(({ size }) => fc.array(one, { minLength: size, maxLength: size })),
  );
  return fc.sample(raw, { seed: 11, numRuns: examples });
}

/** Points and weights of a sum or an integral over the support. */
function quadrature(support: Support): { x: number[]; weights: number[] } {
  if (support === "hurdle") {
    const { x, weights } = quadrature("positive");
    return { x: [0, ...x], weights: [1, ...weights] };
  }
  if (typeof support === "number") {
    const x = Array.from({ length: Math.min(support, 20_000) + 1 }, (_, k) => k);
    return { x, weights: x.map(() => 1) };
  }
  // The trapezoid's rule in t: x = sinh t, x = exp t or x = t.
  const [low, high] = { real: [-25, 25], positive: [-85, 85], unit: [0, 1] }[support] as number[];
  const steps = 20_000;
  const step = (high! - low!) / steps;
  const t = Array.from({ length: steps + 1 }, (_, i) => low! + i * step);
  const shape = { real: Math.sinh, positive: Math.exp, unit: (s: number) => s }[support];
  const slope = { real: Math.cosh, positive: Math.exp, unit: () => 1 }[support];
  return {
    x: t.map((s) => Math.fround(shape(s))),
    weights: t.map((s, i) => slope(s) * step * (i === 0 || i === steps ? 0.5 : 1)),
  };
}

describe("masses sum to 1, densities integrate to 1, and give the mean and the mode", () => {
  test.each(families)("$family.name", async ({ family, support }) => {
    const { x, weights } = quadrature(support);
    const { parameters } = inputsOf(family);
    for (const raw of moderate(family, 6)) {
      const logs = await logProbs(family, raw, x);
      const p = Array.from(logs, (log, i) => Math.exp(log) * weights[i]!);
      const total = p.reduce((sum, part) => sum + part, 0);
      expect(Math.abs(total - 1), `${raw}`).toBeLessThan(
        family.name === "beta-binomial" ? 2e-3 : 1e-4,
      );
      const feeds = feedsOf(family, raw, [0]);
      const [mean, mode] = await run([family.mean(parameters), family.mode(parameters)], feeds);
      // The tails that a t of few degrees of freedom has beyond the grid weigh in its mean.
      if (family.name !== "student-t") {
        const average = p.reduce((sum, part, i) => sum + part * x[i]!, 0) / total;
        const rounded =
          family.name === "discretized-logistic" ? 0.5 : 1e-3 * (1 + Math.abs(average));
        expect(Math.abs(mean![0]! - average), `mean of ${raw}`).toBeLessThan(rounded);
      }
      const [atMode] = await logProbs(family, raw, [mode![0]!]);
      // A probability and densities have no order: 0 is the mode where it is likelier than all else.
      const ordered = support === "hurdle" ? logs.slice(1) : logs;
      const peak =
        support === "hurdle" && mode![0] === 0
          ? Math.log(0.5)
          : Math.max(...Array.from(ordered).filter(Number.isFinite));
      expect(atMode!, `mode of ${raw}`).toBeGreaterThan(peak - 1e-4);
    }
  });
});

describe("expected values below a limit are mpmath's", () => {
  const { parameters: raw, limit, limitedMean } = fixture.limitedMeans;
  const place = input("limit", [BATCH]);
  test("of a log-normal", async () => {
    const output = logNormal.limitedMean!(inputsOf(logNormal).parameters, place);
    const [received] = await run([output], { ...raw, limit });
    for (const [i, want] of limitedMean.data.entries()) {
      // Φ(−3) is 2⁻⁹·⁵, what 1 − Φ has of it is right to some 2⁻²⁴ of 1, and exponents of 20 lose as much.
      const text = `${raw["location"]!.data[i]}, ${raw["logScale"]!.data[i]}, ${limit.data[i]}`;
      expect(Math.abs(received![i]! - want) / want, text).toBeLessThan(1e-4);
    }
  });
  test("of a hurdle, by the share that is more than 0", async () => {
    const logits = { shape: limit.shape, data: limit.data.map((_, i) => (i % 7) - 3) };
    const output = hurdleLogNormal.limitedMean!(inputsOf(hurdleLogNormal).parameters, place);
    const [received] = await run([output], { ...raw, limit, zeroLogit: logits });
    for (const [i, want] of limitedMean.data.entries()) {
      const share = 1 / (1 + Math.exp(logits.data[i]!));
      expect(received![i]! / (want * share)).toBeCloseTo(1, 3);
    }
  });
  test("without a limit in reach it is the mean, and never above the limit", async () => {
    const { parameters } = inputsOf(logNormal);
    const outputs = [logNormal.limitedMean!(parameters, place), logNormal.mean(parameters)];
    const grid = [-60, -3, 0, 2, 60].flatMap((m) => [-12, -1, 0, 1, 12].map((s) => [m, s]));
    const data = (values: number[]) => ({ shape: [values.length], data: values });
    const feeds = (most: number) => ({
      location: data(grid.map(([m]) => m!)),
      logScale: data(grid.map(([, s]) => s!)),
      limit: data(grid.map(() => most)),
    });
    for (const most of [1e-3, 1, 1e6]) {
      const [limited, mean] = await run(outputs, feeds(most));
      for (const [i, value] of limited!.entries()) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1.00001 * Math.min(most, mean![i]!));
      }
    }
    const [limited, mean] = await run(outputs, feeds(1e6));
    for (const [i, [m, s]] of grid.entries()) {
      if (m! <= 2 && s! <= 0) expect(limited![i]! / mean![i]!).toBeCloseTo(1, 3);
    }
  });
});

test("the mode of a mixture is its densest point, and not only near a component", async () => {
  const family = gaussianMixture(3);
  const { x } = quadrature("real");
  // Two that overlap beat the heavier, wider third; and the same the other way round.
  for (const logScale of [0, -2.5]) {
    const raw = [
      [0, 0, 0.3],
      [-0.8, 0.8, 8],
      [0, 0, logScale],
    ].map((list) => list.map(Math.fround));
    const feeds = feedsOf(family, raw, [0]);
    const [mode] = await run([family.mode(inputsOf(family).parameters)], feeds);
    const peak = Math.max(...(await logProbs(family, raw, x)));
    expect((await logProbs(family, raw, [mode![0]!]))[0]!).toBeGreaterThan(peak - 1e-4);
  }
});

test("a mixture of one is the Gaussian, and one level is certain", async () => {
  const [one, plain] = [gaussianMixture(1), families[0]!.family];
  const raw = [[0.3], [1.5], [-0.5]];
  const logs = await logProbs(one, raw, [-1, 0, 3]);
  const expected = await logProbs(plain, raw.slice(1), [-1, 0, 3]);
  expect(worst(logs, [...expected]).largest).toBeLessThan(1e-6);
  const moments = [one.mean(inputsOf(one).parameters), one.mode(inputsOf(one).parameters)];
  expect(await run(moments, feedsOf(one, raw, [0]))).toEqual([
    Float64Array.of(1.5),
    Float64Array.of(1.5),
  ]);
  expect([...(await logProbs(categorical(1), [[7]], [0, 0]))]).toEqual([0, 0]);
});

test("levels: probabilities are those of logProb, for two levels too", async () => {
  const list = families.filter(({ family }) => family.probabilities).map(({ family }) => family);
  expect(list.map(({ name }) => name)).toEqual(["categorical", "ordinal"]);
  for (const [family, levels] of [...list.map((f) => [f, 5] as const), [ordinal(2), 2] as const]) {
    const [raw] = moderate(family, 1);
    const codes = Array.from({ length: levels }, (_, k) => k);
    const logs = await logProbs(family, raw!, codes);
    const outputs = [family.probabilities!(inputsOf(family).parameters)];
    const [p] = await run(outputs, feedsOf(family, raw!, [0]));
    for (const k of codes) expect(p![k]).toBeCloseTo(Math.exp(logs[k]!), 6);
    expect(p!.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 6);
  }
});

test.each(families)("$family.name: a parameter of every row is broadcast", async ({ family }) => {
  const n = 3;
  const x = input("x", [BATCH, n], family.dtype);
  const of = (leading: number[]) =>
    family.parameters.map(({ name, size }, p) =>
      input(name, size === 1 ? (p === 0 ? [BATCH, n] : leading) : [...leading, size]),
    );
  const raw = moderate(family, n);
  const values = (rows: number, p: number) =>
    Array.from({ length: rows }, () => raw.flatMap((one) => one[p]!)).flat();
  const feeds = (rows: number): Feeds => ({
    x: { shape: [2, n], data: [0, 1, 1, 1, 0, 1] },
    ...Object.fromEntries(
      family.parameters.map(({ name, size }, p) => {
        const count = size === 1 && p === 0 ? 2 : rows;
        const leading = count === 2 ? [2, n] : [n];
        return [name, { shape: size === 1 ? leading : [...leading, size], data: values(count, p) }];
      }),
    ),
  });
  const shared = of([n]);
  const own = of([BATCH, n]);
  const output = family.logProb(x, shared);
  const slopes = gradients(output.sum(), shared);
  expect(slopes.map(({ shape }) => shape)).toEqual(shared.map(({ shape }) => shape));
  const [broadcast] = await run([output, ...slopes], feeds(1));
  const [written] = await run([family.logProb(x, own)], feeds(2));
  expect(worst(broadcast!, [...written!]).largest).toBeLessThan(1e-6);
});

describe("operators with gradients of their own: central differences", () => {
  /** Whole counts are no variable of a mass; grey values and those of densities are. */
  const examples: Record<string, (draw: Draw, shape: number[]) => Tensor> = {
    poisson: (d, s) => logProb("poisson", counts(d, s), [d.real(s)]),
    "negative-binomial": (d, s) =>
      logProb("negative-binomial", counts(d, s), [d.real(s), d.real(s)]),
    "beta-binomial": (d, s) => logProb("beta-binomial", counts(d, s), [d.real(s), d.real(s)]),
    bernoulli: (d, s) => logProb("bernoulli", grey(d, s), [d.real(s)]),
    "continuous-bernoulli": (d, s) => logProb("continuous-bernoulli", grey(d, s), [d.real(s)]),
    stirlingCorrection: (d, s) => stirlingCorrection(d.real(s, { low: 0.25, scale: 2 })),
  };
  const counts = (d: Draw, s: number[]) => d.whole(s, 0, 40).cast("float32");
  const grey = (d: Draw, s: number[]) => d.real(s, { low: 0, scale: 0.25 });
  function logProb(name: string, x: Tensor, parameters: Tensor[]): Tensor {
    return families.find(({ family }) => family.name === name)!.family.logProb(x, parameters);
  }
  test.each(Object.entries(examples))("%s", async (_, example) => {
    await forExamples(
      (draw) => example(draw, draw.shape(2)),
      20,
      (y, draw) => checkGradient(lossOf(y, draw), draw),
    );
  });
});

test("values and parameters that do not broadcast are refused", async () => {
  const { family } = families.find((entry) => entry.family.name === "poisson")!;
  const { message } = await elboError(() =>
    family.logProb(input("x", [BATCH, 3]), [input("logRate", [BATCH, 4])]),
  );
  expect(message).toContain("poissonLogProb expects float32 inputs whose shapes broadcast");
  expect(message).toContain("(batch, 4)");
});

test("Stirling's correction and its slope, from 1e-4 to 1e6, on the cpu", async () => {
  const x = Array.from({ length: 4000 }, (_, i) => Math.fround(1e-4 * 1e10 ** (i / 4000)));
  const place = input("x", [BATCH]);
  const outputs = [stirlingCorrection(place), stirlingSlope(place)];
  const feeds = { x: { shape: [x.length], data: x } };
  const [value, slope] = await run(outputs, feeds);
  expect(worst(value!, x.map(correction)).largest).toBeLessThan(2e-6);
  const [, exact] = evaluate(outputs, feeds, x.length);
  // The slope is −1/2x at 0: the oracle's float64 of the same formula, and below by its own series.
  expect(worst(slope!, [...exact!.data]).largest).toBeLessThan(2e-6);
});
