// Many more examples of every operator than `npm test` has time for. ELBO_SEED chooses others.
import { test } from "vitest";
import { gradients } from "#elbo/graph/index.js";
import { expression } from "./cases/expression.ts";
import { cases } from "./cases/index.ts";
import { checkGradient, lossOf } from "./differences.ts";
import { type Case, forExamples } from "./draw.ts";
import { checkForms } from "./onnx.ts";

const seed = Number(process.env["ELBO_SEED"] ?? 1);
const all: [string, Case][] = [...Object.entries(cases), ["random expressions", expression]];

for (const [name, example] of all) {
  test(`gradient of ${name}`, () =>
    forExamples(example, 300, (y, draw) => checkGradient(lossOf(y, draw), draw), seed));

  test(`ONNX form of ${name}`, () =>
    forExamples(
      example,
      100,
      (y, draw) => checkForms([y, ...gradients(lossOf(y, draw), draw.reals)], draw),
      seed,
    ));
}
