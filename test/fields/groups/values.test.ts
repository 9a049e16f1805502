// What groups say where a formula of one line says it too: squared errors, vectors, pictures in
// their layout, levels that are not there.
import { describe, expect, test } from "vitest";
import type { ColumnValues } from "#elbo/fields/columns.js";
import type { ModelledField } from "#elbo/fields/field.js";
import { evaluate } from "../../oracle/index.ts";
import { categorical, count, image, ordinal, positive, real, time, vector } from "../schemas.ts";
import { type Built, build } from "./build.ts";
import { expectNear, logGaussian, logNegativeBinomial } from "./densities.ts";
import { type Specimen, specimens } from "./specimens.ts";

const of = (field: ModelledField | ModelledField[], more: Partial<Specimen> = {}) =>
  build({ name: "", fields: [field].flat(), rows: [], hidden: [], grid: null, ...more });

/** A graph's values of these rows and outputs, parameters as they begin. */
function valuesOf(built: Built, rows: number[][], outputs: number[][], more = {}) {
  const { group, raw, parameters, outputs: emitted, feeds } = built;
  const named = {
    logProb: group.logProb(parameters, raw, emitted),
    expected: group.expected(parameters, emitted, raw),
    target: group.target(raw),
    prediction: group.prediction(parameters, emitted, raw),
    features: group.features(parameters, raw),
  };
  const there = Object.entries(named).flatMap(([name, x]) => (x ? [[name, x] as const] : []));
  const fed = feeds(rows, { outputs, beginning: true, ...more });
  const values = evaluate(
    there.map(([, x]) => x),
    fed,
    rows.length,
  );
  return Object.fromEntries(there.map(([name], i) => [name, [...values[i]!.data]]));
}

const rawOf = ([column]: ColumnValues[]) => [...(column!.values as Float64Array)];

describe("squared errors are on the network's scale, and expected values raw", () => {
  const likelihood = "squared-error";
  test("real", () => {
    const built = of(real("x", { likelihood, mean: 10, deviation: 4 }));
    const { logProb, expected } = valuesOf(built, [[12]], [[2]]);
    expectNear(logProb, [-2.25]);
    expect(rawOf(built.group.columns(Float32Array.from(expected!), 1))).toEqual([18]);
  });
  test("real, through a sigmoid", () => {
    const built = of(real("x", { likelihood }), { options: { output: "sigmoid" } });
    const { logProb, expected } = valuesOf(built, [[1]], [[0]]);
    expectNear(logProb, [-0.25]);
    expectNear(expected, [0.5]);
  });
  test("positive", () => {
    const built = of(positive("x", { likelihood, mean: 1, deviation: 2, offset: 0.5 }));
    const { logProb, expected } = valuesOf(built, [[2]], [[0.25]]);
    expectNear(logProb, [-(((Math.log(2.5) - 1) / 2 - 0.25) ** 2)]);
    expectNear(rawOf(built.group.columns(Float32Array.from(expected!), 1)), [Math.exp(1.5) - 0.5]);
    // Nothing below 0 comes back.
    expect(rawOf(built.group.columns(Float32Array.of(0.25), 1))).toEqual([0]);
  });
  test("count", () => {
    const built = of(count("x", { likelihood, mean: 1, deviation: 2 }));
    const { logProb, expected } = valuesOf(built, [[4]], [[0.25]]);
    expectNear(logProb, [-(((Math.log(5) - 1) / 2 - 0.25) ** 2)]);
    expectNear(rawOf(built.group.columns(Float32Array.from(expected!), 1)), [Math.exp(1.5) - 1]);
  });
  test("time", () => {
    const built = of(time("x", false, { likelihood, mean: 100.5, deviation: 10 }));
    const { logProb, expected } = valuesOf(built, [[110, 43_200_000]], [[0.5]]);
    expectNear(logProb, [-0.25]);
    const columns = built.group.columns(Float32Array.from(expected!), 1);
    expect(columns).toEqual([{ type: "time", values: Float64Array.of(105.5 * 86_400_000) }]);
  });
  test("vector, of measures and of counts", () => {
    const measures = of(vector("v", 2, { likelihood, mean: [1, 2], deviation: [2, 4] }));
    const one = valuesOf(measures, [[3, 2]], [[0.5, 1]]);
    expectNear(one["logProb"], [-1.25]);
    expect(rawOf(measures.group.columns(Float32Array.from(one["expected"]!), 1))).toEqual([2, 6]);
    const counts = of(
      vector("v", 2, {
        likelihood,
        counts: true,
        mean: [9, 5],
        deviation: [1, 2],
        spread: [1, 1],
        logShare: [0, 0],
      }),
    );
    const scaled = (x: number, j: number) => (Math.log1p((1e4 * x) / 20) - [9, 5][j]!) / (j + 1);
    const two = valuesOf(counts, [[19, 1]], [[0.25, 0.5]]);
    expectNear(two["features"], [scaled(19, 0), scaled(1, 1)]);
    expectNear(two["logProb"], [-((scaled(19, 0) - 0.25) ** 2) - (scaled(1, 1) - 0.5) ** 2]);
    expectNear(two["expected"], [Math.expm1(9.25) / 500, Math.expm1(6) / 500]);
  });
  test("image", () => {
    const built = of(image("i", [1, 2, 1], { likelihood }));
    const { logProb, expected } = valuesOf(built, [[0, 255]], [[0.5, 0.2]]);
    expectNear(logProb, [-0.25 - 0.64]);
    const [column] = built.group.columns(Float32Array.from(expected!), 1);
    expect(column).toEqual({ type: "image", values: Uint8Array.of(128, 51) });
  });
  test("none of them is drawn", () => {
    const squares = specimens.filter(({ fields }) => fields[0]!.likelihood === likelihood);
    expect(squares.length).toBeGreaterThan(8);
    for (const specimen of squares) {
      const { group, parameters, outputs } = build(specimen);
      expect([group.likelihood, group.mass]).toEqual([null, false]);
      expect(group.drawn(parameters, outputs, null)).toEqual([]);
    }
  });
});

describe("positive numbers", () => {
  const hurdle = { likelihood: "hurdle-log-normal", zeros: 0.25 } as const;
  const logit = (p: number) => Math.log(p / (1 - p));
  test("behind a hurdle: a zero is told by its probability, and shown as such", () => {
    const built = of(positive("x", { ...hurdle, mean: 2, deviation: 0.5 }));
    const [z, more] = [0.5, 1.25];
    const rows = [[0], [9]];
    const { logProb, features, target, prediction, expected } = valuesOf(built, rows, [
      [z, more],
      [z, more],
    ]);
    const share = 1 / (1 + Math.exp(-logit(0.25) - more));
    const location = 2 + 0.5 * z;
    const density = logGaussian(Math.log(9), location, 0.5) - Math.log(9);
    expectNear(logProb, [Math.log(share), Math.log(1 - share) + density]);
    const at = (Math.log(9) - 2) / 0.5;
    expectNear(features, [0, -1, at, 1]);
    expectNear(target, [-3, at]);
    expectNear(prediction, new Array(2).fill(share * -3 + (1 - share) * z));
    const mean = (1 - share) * Math.exp(location + 0.125);
    expectNear(expected, [mean, mean]);
    expect(built.group.logSlope(built.raw)).toBeNull();
  });
  test("a missing amount shows nothing", () => {
    const field = positive("x", { ...hurdle, mean: 2, deviation: 0.5 });
    const built = build({ name: "", fields: [field], rows: [], hidden: [], grid: null }, true);
    const { features, logProb } = valuesOf(built, [[0]], [[0, 0]], { mask: [[0]] });
    expectNear(features, [0, 0]);
    expectNear(logProb, [0]);
  });
  test("expected ones count what lies above the largest of training as that", () => {
    // Half of a log-normal lies above its median e²: E[min(x, e²)] = e² (e^½σ² Φ(−σ) + ½), σ = 1.
    const most = Math.exp(2);
    const limited = most * (Math.exp(0.5) * 0.15865525393145707 + 0.5);
    for (const [likelihood, share] of [
      ["log-normal", 1] as const,
      ["hurdle-log-normal", 0.75] as const,
    ]) {
      const built = of(positive("x", { likelihood, mean: 2, largest: most, zeros: 0.25 }));
      const { expected } = valuesOf(built, [[5]], [[0, 0].slice(0, built.group.outputs)]);
      expectNear(expected, [share * limited]);
    }
    const moved = of(positive("x", { mean: 2, largest: most - 0.5, offset: 0.5 }));
    const { expected } = valuesOf(moved, [[5]], [[0]]);
    expectNear(rawOf(moved.group.columns(Float32Array.from(expected!), 1)), [limited - 0.5]);
  });
});

describe("vectors", () => {
  test("of measures are Gaussians, each of its own scale", () => {
    const built = of(vector("v", 2, { mean: [1, 2], deviation: [2, 4], resolution: 0 }));
    const { logProb } = valuesOf(built, [[3, 2]], [[0.5, 1]]);
    expectNear(logProb, [logGaussian(3, 2, 2) + logGaussian(2, 6, 4)]);
  });
  test("of counts are negative binomials about shares of the row's sum; a new row has the usual sum", () => {
    const shares = [0.75, 0.25];
    const field = vector("v", 2, {
      ...{ likelihood: "negative-binomial", counts: true, total: 40 },
      ...{ logShare: shares.map(Math.log), logInverseDispersion: [1, -1], spread: [1, 1] },
    });
    const built = of(field);
    const outputs = [0.5, -0.25];
    for (const row of [
      [30, 7],
      [0, 3],
      [0, 0],
    ]) {
      const total = Math.max(1, row[0]! + row[1]!);
      const means = shares.map((share, j) => total * share * Math.exp(outputs[j]!));
      const { logProb, expected, target } = valuesOf(built, [row], [outputs]);
      const terms = row.map((x, j) => logNegativeBinomial(x, means[j]!, Math.exp(1 - 2 * j)));
      expectNear(logProb, [terms[0]! + terms[1]!]);
      expectNear(expected, means);
      expectNear(
        target,
        row.map((x, j) => x - total * shares[j]!),
      );
    }
    const { group, parameters, outputs: emitted } = built;
    const [fresh] = evaluate(
      [group.expected(parameters, emitted, null)],
      built.feeds([[0, 0]], { outputs: [outputs], beginning: true }),
    );
    expectNear([...fresh!.data], [40 * 0.75 * Math.exp(0.5), 40 * 0.25 * Math.exp(-0.25)]);
  });
  test("a missing count is no part of the row's sum", () => {
    const field = vector("v", 3, {
      ...{ likelihood: "negative-binomial", counts: true },
      ...{ logShare: [0.5, 0.3, 0.2].map(Math.log), logInverseDispersion: [0, 0, 0] },
      spread: [1, 1, 1],
    });
    const built = build({ name: "", fields: [field], rows: [], hidden: [], grid: null }, true);
    const { logProb } = valuesOf(built, [[6, 0, 4]], [[0, 0, 0]], { mask: [[1, 0, 1]] });
    expectNear(logProb, [logNegativeBinomial(6, 5, 1) + logNegativeBinomial(4, 2, 1)]);
  });
});

describe("pictures", () => {
  const coloured = (more: object) => image("i", [1, 2, 3], more);
  /** Pixel by pixel, channels last. */
  const pixels = [10, 20, 30, 40, 50, 60];
  /** Channel by channel. */
  const channels = [10, 40, 20, 50, 30, 60];

  test("lie channel by channel in the network, and come back pixel by pixel", () => {
    const built = of(coloured({ likelihood: "squared-error" }));
    const unit = channels.map((value) => value / 255);
    const { features, logProb, expected } = valuesOf(built, [pixels], [unit]);
    expectNear(features, unit);
    expectNear(logProb, [0]);
    const [column] = built.group.columns(Float32Array.from(expected!), 1);
    expect(column).toEqual({ type: "image", values: Uint8Array.from(pixels) });
    expect([built.group.picture, built.group.outputPicture]).toEqual([
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  test.each([
    "bernoulli",
    "continuous-bernoulli",
    "gaussian",
    "discretized-logistic",
    "discretized-logistic-mixture",
    "beta-binomial",
    "categorical",
  ] as const)("%s: an image's log-probability is the sum of its pixels'", (likelihood) => {
    const [whole, one] = [of(coloured({ likelihood })), of(image("i", [1, 1, 1], { likelihood }))];
    const each = whole.group.outputs / 6;
    const level = (pixel: number, k: number) => Math.sin(pixel * 7 + k / 9) / 2;
    // Emitted as an image of channels · each: channel by channel, number by number.
    const outputs = [0, 1, 2].flatMap((c) =>
      Array.from({ length: each * 2 }, (_, i) => level(2 * c + (i % 2), Math.floor(i / 2))),
    );
    const { logProb, expected } = valuesOf(whole, [pixels], [outputs]);
    const parts = channels.map((value, p) =>
      valuesOf(one, [[value]], [Array.from({ length: each }, (_, k) => level(p, k))]),
    );
    expectNear(logProb, [parts.reduce((sum, part) => sum + part["logProb"]![0]!, 0)]);
    expectNear(
      expected,
      parts.map((part) => part["expected"]![0]!),
    );
    if (likelihood === "categorical") expect(whole.group.outputPicture).toEqual([768, 1, 2]);
  });

  test("a beta-binomial keeps its mean however scattered and sure it is", () => {
    const built = of(image("i", [1, 1, 1], { likelihood: "beta-binomial" }));
    const rows = [[0], [255]];
    const { logProb, expected } = valuesOf(built, rows, [
      [-1000, -1000],
      [1000, -1000],
    ]);
    expect(expected![0]!).toBeLessThan(1);
    expect(expected![1]!).toBeGreaterThan(254);
    for (const value of logProb!) expect(value).toBeGreaterThan(-0.01);
  });

  test("bits are 0 and 1 by the middle of the range, and a mass", () => {
    const field = coloured({ binarize: "threshold", bytes: false, low: -1, high: 119 });
    const { group, ...built } = of(field);
    const { features } = valuesOf({ group, ...built }, [[58, 59, 60, -1, 119, 0]], [pixels]);
    expect(features).toEqual([0, 0, 0, 1, 1, 0]);
    expect([group.mass, of(coloured({})).group.mass]).toEqual([true, false]);
  });
});

describe("levels", () => {
  const levels = ["low", "middle", "high"];
  test("that training has not seen are rare, and come back as missing", () => {
    const built = of(categorical("c", levels, { shares: [0.5, 0.25, 0.25] }));
    const nothing = new Array<number>(built.group.outputs).fill(0);
    const { logProb, features } = valuesOf(built, [[0], [3]], [nothing, nothing]);
    expect(Math.exp(logProb![0]!)).toBeCloseTo(0.5, 4);
    expect(Math.exp(logProb![1]!)).toBeCloseTo(1e-5, 8);
    expect(features).toEqual([1, ...new Array(7).fill(0)]);
    expect(built.group.columns(Float32Array.of(2, 3), 2)).toEqual([
      { type: "text", values: ["high", null] },
    ]);
  });
  test("of numbers and booleans come back as these", () => {
    const numbers = of(categorical("c", ["-1.5", "20"], { of: "number" })).group;
    expect(numbers.columns(Float32Array.of(1, 0, 2), 3)).toEqual([
      { type: "number", values: Float64Array.of(20, -1.5, Number.NaN) },
    ]);
    const booleans = of(categorical("c", ["false", "true"], { of: "boolean" })).group;
    expect(booleans.columns(Float32Array.of(1, 0), 2)).toEqual([
      { type: "number", values: Float64Array.of(1, 0) },
    ]);
  });
  test("in an order end with the last: none beyond it is given, wherever the location lies", () => {
    const fields = [levels, levels.slice(0, 2)].map((own, j) => ordinal(`o${j}`, own));
    for (const field of fields) {
      const built = of(field);
      const last = field.levels.length - 1;
      for (const location of [-40, 0, 6, 12, 40, 1000]) {
        const codes = field.levels.map((_, k) => [k]);
        const emitted = codes.map(() => [location]);
        const { logProb, expected } = valuesOf(built, codes, emitted);
        const total = logProb!.reduce((sum, log) => sum + Math.exp(log), 0);
        expect(total, `at ${location}`).toBeCloseTo(1, 9);
        expect(expected![0]!).toBeLessThanOrEqual(last);
        if (location >= 6) expect(expected![0]).toBe(last);
        if (location <= -40) expect(expected![0]).toBe(0);
      }
    }
  });
  test("in an order have their shares where the location is 0", () => {
    const shares = [0.2, 0.5, 0.3];
    const { logProb } = valuesOf(
      of(ordinal("o", levels, { shares })),
      [[0], [1], [2]],
      [[0], [0], [0]],
    );
    for (const [k, share] of shares.entries()) expect(Math.exp(logProb![k]!)).toBeCloseTo(share, 4);
  });
});

test("columns of float32 come back as that, with the data's decimals where float32 holds so many digits", () => {
  const third = Math.fround(1 / 3);
  const told = (field: ModelledField) => rawOf(of(field).group.columns(Float32Array.of(third), 1));
  const more = { mean: 2, deviation: 3 };
  const exact = third * 3 + 2;
  expect(told(real("x", more))).toEqual([Number(exact.toPrecision(7))]);
  expect(told(real("x", { ...more, decimals: 12 }))).toEqual([Math.round(exact * 1e12) / 1e12]);
  for (const decimals of [null, 12]) {
    const column = told(real("x", { ...more, decimals, float32: true }));
    expect(column).toEqual([Math.fround(exact)]);
  }
  expect(told(real("x", { ...more, decimals: 1, float32: true }))).toEqual([3]);
  const cent = told(positive("x", { decimals: 2, float32: true }));
  expect(cent).toEqual([Math.fround(0.33)]);
});
