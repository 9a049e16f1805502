// Every operator's gradient, and the gradient of its gradient, against central differences.
import { expect, test } from "vitest";
import * as graph from "#elbo/graph/index.js";
import { gradients, Tensor } from "#elbo/graph/index.js";
import { evaluate } from "../oracle/index.ts";
import { cases } from "./cases/index.ts";
import { checkGradient, lossOf } from "./differences.ts";
import { type Case, forExamples } from "./draw.ts";

const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => !["constructor", "rank"].includes(name),
);
const functions = ["concat", "resize"];
/** Whose gradient is by definition not that of their value. */
const control = ["stopGradient", "straightThrough"];
const notOperators = [
  ...["gradients", "toOnnx", "toShelledOnnx", "innerGraph", "filled"],
  ...["constant", "input", "parameter"],
  ...["Tensor", "BATCH"],
];
const helpers = [
  "apply",
  "convolutionOperators",
  "graphError",
  "sameShape",
  "broadcastShapes",
  "polynomial",
  "concreteShape",
  "formatShape",
  "sizeOf",
  "substitute",
  "topological",
];

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
