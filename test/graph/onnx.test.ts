// Every operator's ONNX form, and that of its gradient, on ONNX Runtime's cpu against the oracle.
import { describe, test } from "vitest";
import { gradients, type Tensor } from "#elbo/graph/index.js";
import { wholeNumbers } from "./cases/flat.ts";
import { cases } from "./cases/index.ts";
import { type Draw, forExamples } from "./draw.ts";
import { compile, expectLikeOracle } from "./onnx.ts";

const BATCHES = [1, 3, 5];

async function checkForms(outputs: readonly Tensor[], draw: Draw): Promise<void> {
  for (const form of ["inputs", "initializers"] as const) {
    const model = await compile(outputs, draw.feeds(1), form);
    for (const batch of BATCHES) {
      const feeds = draw.feeds(batch);
      expectLikeOracle(await model.run(feeds), outputs, feeds, batch);
    }
    await model.release();
  }
}

describe("ONNX form", () => {
  for (const [name, example] of Object.entries(cases)) {
    test(`of ${name} and its gradient`, () =>
      forExamples(example, 6, (y, draw) => {
        const loss = y.square().mul(0.5).sum();
        return checkForms([y, ...gradients(loss, draw.reals)], draw);
      }));
  }
  for (const [name, example] of Object.entries(wholeNumbers)) {
    test(`of ${name} of whole numbers`, () =>
      forExamples(example, 4, (y, draw) => checkForms([y], draw)));
  }
});
