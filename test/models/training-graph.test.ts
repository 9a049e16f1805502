// What training lowers: means over rows, their weights, gaps, and targets that some rows lack.
import { expect, test } from "vitest";
import type { FieldSchema } from "#elbo/fields/field.js";
import { layoutOf, maskInput, noiseInput, rowsInput, WEIGHTS } from "#elbo/fields/layout.js";
import { gradients, type Tensor, toOnnx } from "#elbo/graph/index.js";
import {
  INVERSE_BATCH,
  KL_WEIGHT,
  trainingGraph,
  trainingMetrics,
  validationGraph,
} from "#elbo/models/graphs.js";
import { Random } from "#elbo/runtime/random.js";
import type { Weights } from "#elbo/train/checkpoint.js";
import { binary, real, schemaOf, weight } from "../fields/schemas.ts";
import { evaluate as oracle } from "../oracle/index.ts";
import { spread } from "../runtime/conformance/case.ts";
import { modelConfig } from "./config.ts";

const model = modelConfig({ activation: "tanh" });

interface Rows {
  /** x and z, then the target y; null is missing. */
  cells: readonly (readonly (number | null)[])[];
  weights?: readonly number[];
}
const base = [real("x"), real("z")];
const target = binary("y", { role: "target", mean: 0.5 });

const startOf = (schema: FieldSchema): Weights =>
  trainingGraph(schema, model).parameters.initialize(new Random(2));

/** The loss of rows, its parts, and gradients by all parameters, at the same noise for each row. */
function lossOf(
  schema: FieldSchema,
  { cells, weights }: Rows,
  noiseOf = (row: number) => row,
  begin = startOf(schema),
) {
  const graph = trainingGraph(schema, model);
  const noise = spread(20);
  const matrix = (values: number[][]) => ({
    shape: [values.length, values[0]!.length],
    data: values.flat(),
  });
  const feeds: Record<string, { shape: number[]; data: number[] }> = {
    [noiseInput("normal")]: matrix(
      cells.map((_, i) => noise.slice(2 * noiseOf(i), 2 * noiseOf(i) + 2)),
    ),
    [KL_WEIGHT]: { shape: [], data: [1] },
    [INVERSE_BATCH]: { shape: [], data: [1 / cells.length] },
    ...(weights ? { [WEIGHTS]: { shape: [cells.length], data: [...weights] } } : {}),
    ...Object.fromEntries(
      [...begin].map(([name, values]) => [name, { shape: [], data: [...values] }]),
    ),
  };
  let at = 0;
  for (const layout of layoutOf(schema)) {
    const own = cells.map((row) => row.slice(at, at + layout.elements));
    at += layout.elements;
    feeds[rowsInput(layout)] = matrix(own.map((row) => row.map((cell) => cell ?? 0)));
    feeds[maskInput(layout)] = matrix(own.map((row) => row.map((cell) => +(cell !== null))));
  }
  const { specs } = graph.parameters;
  const slopes = gradients(graph.loss, graph.parameters.tensors());
  const values = oracle([...graph.metrics, ...slopes], feeds, cells.length);
  const parts = Object.fromEntries(trainingMetrics.map((name, i) => [name, values[i]!.data[0]!]));
  const gradient = Object.fromEntries(
    specs.map(({ name }, i) => [name, [...values[trainingMetrics.length + i]!.data]]),
  );
  return { parts, gradient };
}
const scaled = (one: ReturnType<typeof lossOf>, by: number) => ({
  parts: Object.fromEntries(Object.entries(one.parts).map(([k, v]) => [k, by * v])),
  gradient: Object.fromEntries(
    Object.entries(one.gradient).map(([k, v]) => [k, v.map((x) => by * x)]),
  ),
});
function expectSame(one: ReturnType<typeof lossOf>, other: ReturnType<typeof lossOf>) {
  for (const [name, value] of Object.entries(other.parts)) {
    expect(one.parts[name], name).toBeCloseTo(value, 6);
  }
  expect(Object.keys(one.gradient)).toEqual(Object.keys(other.gradient));
  for (const [name, values] of Object.entries(other.gradient)) {
    for (const [i, value] of values.entries()) {
      expect(one.gradient[name]![i]!, `${name}[${i}]`).toBeCloseTo(value, 6);
    }
  }
}

test("a row of weight 2 counts as the row twice", () => {
  const weighted = (mean: number) => schemaOf(...base, { ...weight("w"), mean });
  const [a, b] = [
    [0.5, -1],
    [2, 0.25],
  ] as const;
  const once = lossOf(weighted(1.5), { cells: [a, b], weights: [2, 1] });
  // Three rows of weight 1, of which two have one noise.
  const twice = lossOf(weighted(1), { cells: [a, b, a], weights: [1, 1, 1] }, (row) => row % 2);
  expectSame(once, twice);
  expectSame(
    twice,
    lossOf(schemaOf(...base), { cells: [a, b, a] }, (row) => row % 2),
  );
  const alone = lossOf(weighted(1), { cells: [a, b], weights: [1, 0] });
  expectSame(alone, scaled(lossOf(schemaOf(...base), { cells: [a] }), 0.5));
});

test("a row whose target is missing trains the rest as if there were no target", () => {
  const schema = schemaOf(...base, target);
  const row = [0.5, -1];
  const without = lossOf(schema, { cells: [[...row, null]] });
  // The same model without its last output, the target's.
  const names = ["decoder.output.weight", "decoder.output.bias"];
  const others = (values: readonly number[]) => values.filter((_, i) => i % 3 < 2);
  const start = new Map(startOf(schema));
  for (const name of names) start.set(name, Float32Array.from(others([...start.get(name)!])));
  const plain = lossOf(schemaOf(...base), { cells: [row] }, (i) => i, start);
  expectSame(
    {
      parts: without.parts,
      gradient: {
        ...without.gradient,
        ...Object.fromEntries(names.map((name) => [name, others(without.gradient[name]!)])),
      },
    },
    plain,
  );
  for (const name of names) {
    const own = without.gradient[name]!.filter((_, i) => i % 3 === 2);
    expect(own.every((slope) => slope === 0)).toBe(true);
  }
  const encoder = Object.entries(without.gradient).filter(([name]) => /^encoder\./.test(name));
  expect(encoder.length).toBe(4);
  for (const [, slopes] of encoder) expect(slopes.some((slope) => slope !== 0)).toBe(true);
  const known = lossOf(schema, { cells: [[...row, 1]] });
  expect(known.parts["target"]).toBeGreaterThan(0);
  expect(known.parts["loss"]).toBeCloseTo(without.parts["loss"]! + known.parts["target"]!, 9);
  expect(known.parts["reconstruction"]).toBe(without.parts["reconstruction"]);
  expect(known.gradient["decoder.output.bias"]![2]).not.toBe(0);
});

test("a batch is the mean of its rows, with and without their targets", () => {
  const schema = schemaOf(...base, target);
  const cells = [
    [0.5, -1, null],
    [null, 2, 1],
    [1, null, 0],
    [null, null, null],
  ];
  const whole = lossOf(schema, { cells });
  const sums = cells.map((row, i) => lossOf(schema, { cells: [row] }, () => i));
  const mean = (of: (one: (typeof sums)[number]) => number) =>
    sums.reduce((sum, one) => sum + of(one), 0) / cells.length;
  for (const name of trainingMetrics) {
    expect(whole.parts[name]).toBeCloseTo(
      mean(({ parts }) => parts[name]!),
      9,
    );
  }
  for (const [name, values] of Object.entries(whole.gradient)) {
    for (const [i, slope] of values.entries()) {
      expect(slope, name).toBeCloseTo(
        mean(({ gradient }) => gradient[name]![i]!),
        9,
      );
    }
  }
  // Of a row of nothing the KL alone is left.
  expect(sums[3]!.parts["reconstruction"]).toBe(0);
  expect(sums[3]!.parts["loss"]).toBe(sums[3]!.parts["kl"]);
});

test("masks are inputs where training rows have gaps, and always of rows held out", () => {
  const schema = schemaOf(real("a", { gaps: false }), binary("b"), target);
  const inputs = (outputs: Readonly<Record<string, Tensor>>) =>
    toOnnx(outputs)
      .inputs.map(({ name }) => name)
      .filter((name) => name.startsWith("mask:"));
  const { loss } = trainingGraph(schema, model);
  expect(inputs({ loss })).toEqual(["mask:data-binary-bernoulli", "mask:target-binary-bernoulli"]);
  expect(inputs(validationGraph(schema, model)).sort()).toEqual([
    ...["mask:data-binary-bernoulli", "mask:data-real-gaussian", "mask:target-binary-bernoulli"],
  ]);
  // The encoder sees the masks that training has: b's alone, beside a and b.
  const { specs } = trainingGraph(schema, model).parameters;
  expect(specs.find(({ name }) => name === "encoder.dense0.weight")!.shape).toEqual([3, 4]);
});

test("an autoencoder's loss is the mean of squared errors, and of targets the cross-entropy", () => {
  const likelihood = "squared-error" as const;
  const schema = schemaOf(
    ...[real("x", { likelihood }), real("z", { likelihood, mean: 2, deviation: 4 })],
    target,
  );
  const { loss, metrics, parameters } = trainingGraph(schema, { ...model, method: "ae" });
  const [numbers, levels] = layoutOf(schema);
  const matrix = (values: number[][]) => ({
    shape: [values.length, values[0]!.length],
    data: values.flat(),
  });
  const feeds = {
    [rowsInput(numbers!)]: matrix([
      [0.5, 6],
      [3, 0],
    ]),
    [maskInput(numbers!)]: matrix([
      [1, 1],
      [1, 0],
    ]),
    [rowsInput(levels!)]: matrix([[1], [0]]),
    [maskInput(levels!)]: matrix([[1], [0]]),
    [INVERSE_BATCH]: { shape: [], data: [1 / 2] },
    // Weights of 0 decode 0: errors are the values, the target is even.
    ...Object.fromEntries(
      parameters.specs.map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape: [...shape], data: new Array<number>(size).fill(0) }];
      }),
    ),
  };
  const values = oracle([loss, ...metrics], feeds, 2).map(({ data }) => data[0]!);
  const [reconstruction, of] = [(0.25 + 1 + 9) / 2 / 2, Math.LN2 / 2];
  for (const [i, want] of [
    reconstruction + of,
    reconstruction + of,
    reconstruction,
    0,
    of,
  ].entries()) {
    expect(values[i]!).toBeCloseTo(want, 6);
  }
});
