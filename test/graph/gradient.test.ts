// Every operator's gradient, and the gradient of its gradient, against central differences.
import { expect, test } from "vitest";
import * as graph from "#elbo/graph/index.js";
import { gradients, Tensor } from "#elbo/graph/index.js";
import { evaluate, type Feeds } from "../oracle/index.ts";
import { cases } from "./cases/index.ts";
import { type Case, type Draw, forExamples } from "./draw.ts";

const STEP = 2 ** -14;

/** d loss / d x by central differences of fourth order, whose error is about STEP⁴. */
function numericGradient(loss: Tensor, name: string, feeds: Feeds, batch: number): number[] {
  const { shape, data } = feeds[name]!;
  const at = (i: number, by: number) => {
    const moved = Float64Array.from(data);
    moved[i]! += by;
    return evaluate([loss], { ...feeds, [name]: { shape, data: moved } }, batch)[0]!.data[0]!;
  };
  return Array.from(data, (_, i) => {
    const near = at(i, STEP) - at(i, -STEP);
    const far = at(i, 2 * STEP) - at(i, -2 * STEP);
    return (8 * near - far) / (12 * STEP);
  });
}

/** Compares the gradient of `loss` with central differences of it. */
function checkGradient(loss: Tensor, draw: Draw): void {
  const feeds = draw.feeds();
  const symbolic = gradients(loss, draw.reals);
  expect(symbolic.map((g) => g.shape)).toEqual(draw.reals.map((x) => x.shape));
  const values = evaluate([loss, ...symbolic], feeds, draw.batch);
  for (const [i, x] of draw.reals.entries()) {
    const name = x.attributes["name"] as string;
    const received = values[i + 1]!.data;
    const expected = numericGradient(loss, name, feeds, draw.batch);
    // Rounding of the loss, divided by the step; and the 1e-8 to which expansions are accurate.
    const scale = Math.max(1, Math.abs(values[0]!.data[0]!), ...expected.map(Math.abs));
    for (const [j, value] of expected.entries()) {
      expect(
        Math.abs(received[j]! - value),
        `${name}[${j}]: ${received[j]}, ${value}`,
      ).toBeLessThan(1e-7 * scale);
    }
  }
}

/** A scalar whose derivative by `y` differs from element to element and depends on `y`. */
function lossOf(y: Tensor, draw: Draw): Tensor {
  const weights = draw.real(y.shape);
  draw.reals.pop();
  return weights.mul(y.add(y.square().mul(0.5))).sum();
}

const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => !["constructor", "rank"].includes(name),
);
const functions = ["concat", "resize"];
/** Whose gradient is by definition not that of their value. */
const control = ["stopGradient", "straightThrough"];
const notOperators = ["gradients", "toOnnx", "constant", "input", "parameter", "Tensor", "BATCH"];
const helpers = ["concreteShape", "formatShape", "sizeOf"];

test("every operator has an example", () => {
  const names = [...Object.keys(cases), ...control];
  expect(names.sort()).toEqual([...methods, ...functions].sort());
  const known = [...functions, ...notOperators, ...helpers];
  expect(Object.keys(graph).filter((name) => !known.includes(name))).toEqual([]);
});

test("stopGradient is constant to the gradient, straightThrough has its surrogate's", async () => {
  const numbers = (example: Case) =>
    forExamples(example, 5, (y, draw) => {
      const [x] = draw.reals as [Tensor];
      const [received, expected] = evaluate([gradients(y, [x])[0]!, x], draw.feeds(), draw.batch);
      expect(received).toEqual(expected);
    });
  await numbers((d) => {
    const x = d.real();
    return x.stopGradient().mul(x).sum();
  });
  await numbers((d) => {
    const x = d.real();
    return x.floor().straightThrough(x.square().mul(0.5)).sum();
  });
});

test("a composite that expands into composites has its third derivative", async () => {
  await forExamples(
    (d) => d.positive([2]).digamma().sum(),
    5,
    (y, draw) => {
      const [first] = gradients(y, draw.reals);
      const [second] = gradients(first!.sum(), draw.reals);
      checkGradient(second!.sum(), draw);
    },
  );
});

for (const [name, example] of Object.entries(cases)) {
  test(`gradient of ${name}`, () =>
    forExamples(example, 12, (y, draw) => checkGradient(lossOf(y, draw), draw)));

  test(`second derivative of ${name}`, () =>
    forExamples(example, 6, (y, draw) => {
      const squares = gradients(lossOf(y, draw), draw.reals).map((g) => g.square().sum());
      checkGradient(
        squares.reduce((sum, part) => sum.add(part)),
        draw,
      );
    }));
}
