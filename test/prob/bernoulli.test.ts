// The Bernoulli's log-likelihood: against PyTorch, central differences, and at awkward sizes.
import { describe, expect, test } from "vitest";
import { BATCH, gradients, input } from "#elbo/graph/index.js";
import { bernoulliLogLikelihood } from "#elbo/prob/bernoulli.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { forExamples } from "../graph/draw.ts";
import { compile } from "../graph/onnx.ts";
import { expectLayer, inputsOf, type Numbers } from "../graph/pytorch.ts";
import { elboError } from "../helpers/errors.ts";
import { losses } from "../models/losses.ts";
import { evaluate } from "../oracle/index.ts";

test("values and gradients are PyTorch's, grey rows included", () => {
  const term = losses.bernoulli;
  const feeds = { x: term["x"] as Numbers, logits: term["logits"] as Numbers };
  const inputs = inputsOf(feeds);
  const output = bernoulliLogLikelihood(inputs["x"]!, inputs["logits"]!);
  return expectLayer({ ...term, output: term.logProb }, inputs, output, feeds);
});

test("gradients by values and logits, and theirs, are central differences", async () => {
  const example = (draw: Parameters<Parameters<typeof forExamples>[0]>[0]) => {
    const shape = [draw.bool() ? BATCH : 2, draw.int(1, 5)];
    return bernoulliLogLikelihood(draw.real(shape, { low: 0, scale: 0.25 }), draw.real(shape));
  };
  await forExamples(example, 20, (y, draw) => checkGradient(lossOf(y, draw), draw));
  await forExamples(example, 10, (y, draw) => {
    const squares = gradients(lossOf(y, draw), draw.reals).map((g) => g.square().sum());
    checkGradient(
      squares.reduce((sum, part) => sum.add(part)),
      draw,
    );
  });
});

/** `rows` × `size` values that differ, between `low` and `high`. */
function spread(rows: number, size: number, low: number, high: number): Numbers {
  const at = (i: number) => ((i * 0.6180339887) % 1) * (high - low) + low;
  const data = Array.from({ length: rows * size }, (_, i) => Math.fround(at(i)));
  return { shape: [rows, size], data };
}

async function run(x: Numbers, logits: Numbers) {
  const inputs = [input("x", [BATCH, x.shape[1]!]), input("logits", [BATCH, x.shape[1]!])] as const;
  const loss = bernoulliLogLikelihood(...inputs);
  const outputs = [loss, ...gradients(loss.sum(), inputs)];
  const feeds = { x, logits };
  const model = await compile(outputs, feeds);
  const received = await model.run(feeds);
  await model.release();
  return { received, expected: evaluate(outputs, feeds, x.shape[0]), loss, feeds };
}

describe("sizes whose factors make long, short and no products", () => {
  // Primes, one, and both sides of the longest product, 120.
  test.each([1, 2, 7, 119, 120, 121, 127, 784, 787, 1000])("%i values a row", async (size) => {
    const { received, expected, loss, feeds } = await run(
      spread(3, size, 0, 1),
      spread(3, size, -12, 12),
    );
    // Each value's sigmoid errs by up to 2⁻²³ of at least ½, and the sum by its own rounding.
    for (const [row, value] of expected[0]!.data.entries()) {
      const allowed = size * 2 ** -22 + Math.abs(value) * 2 ** -20;
      expect(Math.abs(received[0]!.data[row]! - value)).toBeLessThan(allowed);
    }
    for (const [i, gradient] of expected.slice(1).entries()) {
      for (const [j, value] of gradient.data.entries()) {
        expect(Math.abs(received[i + 1]!.data[j]! - value)).toBeLessThan(1e-5);
      }
    }
    const expanded = loss.operator.expand!(loss.inputs, {});
    for (const [row, value] of evaluate([expanded], feeds, 3)[0]!.data.entries()) {
      expect(value).toBeCloseTo(expected[0]!.data[row]!, 9);
    }
  });
});

test("logits of ±100 and ±1e4 are certain: finite values, gradients and no NaN", async () => {
  const logits = [100, -100, 100, -100, 1e4, -1e4];
  const values = [1, 0, 0, 1, 0.25, 0.25];
  const { received } = await run({ shape: [6, 1], data: values }, { shape: [6, 1], data: logits });
  // x·l − softplus(l) with exp(−100) below what float32 adds to 1.
  expect([...received[0]!.data]).toEqual([0, 0, -100, -100, -7500, -2500].map((v) => v + 0));
  // The derivative by a logit is x − p, by a value the logit; where p is 0 it may be a denormal.
  for (const [i, slope] of [0, 0, -1, 1, -0.75, 0.25].entries()) {
    expect(received[2]!.data[i]).toBeCloseTo(slope, 12);
  }
  expect([...received[1]!.data]).toEqual(logits);
});

test("a row of 784 fair coins loses no digit in its products", async () => {
  const size = 784;
  const half = { shape: [2, size], data: new Array(2 * size).fill(0) };
  const { received } = await run(half, half);
  for (const value of received[0]!.data) expect(value).toBeCloseTo(-size * Math.LN2, 3);
});

test("values and logits of other shapes are refused", async () => {
  const { message } = await elboError(() =>
    bernoulliLogLikelihood(input("x", [BATCH, 3]), input("logits", [BATCH, 4])),
  );
  expect(message).toContain("bernoulliLogLikelihood expects values and logits (batch, size)");
  expect(message).toContain("(batch, 4)");
});
