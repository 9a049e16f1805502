// Every operator's ONNX form, and that of its gradient, on ONNX Runtime's cpu against the oracle.
import { describe, test } from "vitest";
import { gradients } from "#elbo/graph/index.js";
import { wholeNumbers } from "./cases/flat.ts";
import { cases } from "./cases/index.ts";
import { forExamples } from "./draw.ts";
import { checkForms } from "./onnx.ts";

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
