// Every operator, and those of its gradient, against the float64 oracle.
import { describe, test } from "vitest";
import { concreteShape, gradients, type Tensor } from "#elbo/graph/index.js";
import { wholeNumbers } from "../../graph/cases/flat.ts";
import { cases } from "../../graph/cases/index.ts";
import { type Draw, forExamples } from "../../graph/draw.ts";
import { expectLikeOracle } from "../../graph/onnx.ts";
import { compute } from "./run.ts";

/** At several batches, so that some are the same plan and some are not. */
function check(outputs: readonly Tensor[], draw: Draw): void {
  for (const batch of [1, 3, 5]) {
    const feeds = draw.feeds(batch);
    const received = compute(outputs, feeds, batch).map((data, i) => ({
      shape: concreteShape(outputs[i]!.shape, batch),
      data: Float64Array.from(data),
    }));
    expectLikeOracle(received, outputs, feeds, batch);
  }
}

describe("like the oracle", () => {
  for (const [name, example] of Object.entries(cases)) {
    test(`${name} and its gradient`, () =>
      forExamples(example, 6, (y, draw) => {
        const loss = y.square().mul(0.5).sum();
        check([y, ...gradients(loss, draw.reals)], draw);
      }));
  }
  for (const [name, example] of Object.entries(wholeNumbers)) {
    test(`${name} of whole numbers`, () => forExamples(example, 4, (y, draw) => check([y], draw)));
  }
});
