// What a person reads who builds a graph wrongly.
import { expect, test } from "vitest";
import { BATCH, gradients, input, parameter, Tensor } from "#elbo/graph/index.js";
import { apply, type Operator } from "#elbo/graph/tensor.js";

function errorOf(build: () => unknown): { code: string; kind: string; message: string } {
  try {
    build();
  } catch (error) {
    return error as { code: string; kind: string; message: string };
  }
  throw new Error("nothing was thrown");
}

/** The line of this file on which the caller stands. */
function hereLine(): number {
  const frame = new Error()
    .stack!.split("\n")
    .find((line, i) => i > 1 && line.includes("errors.test.ts"));
  return Number(frame!.match(/:(\d+):\d+\)?$/)![1]);
}

test("a shape error names the operator, both shapes and the user's line", () => {
  const [x, w] = [input("x", [BATCH, 784]), parameter("w", [400, 20])];
  const line = hereLine() + 1;
  const error = errorOf(() => x.matmul(w));
  expect(error).toMatchObject({ code: "shape", kind: "usage" });
  expect(error.message).toContain("matmul expects");
  expect(error.message).toContain("(batch, 784) float32 and (400, 20) float32");
  expect(error.message).toMatch(new RegExp(`errors\\.test\\.ts:${line}:\\d+\\)$`));
});

test("the line is found beneath many frames of the package", () => {
  const transpose = { toString: Tensor.prototype.transpose.bind(input("x", [2]), [5]) };
  // Written out, each list inside another is two more frames that are not this file's.
  let nested: unknown = transpose;
  for (let depth = 0; depth < 10; depth++) nested = [nested];
  const limit = Error.stackTraceLimit;
  const message = errorOf(() => String(nested)).message;
  expect(message).toMatch(/transpose expects .*errors\.test\.ts:\d+:\d+\)$/);
  expect(Error.stackTraceLimit).toBe(limit);
});

test("a missing gradient names the operator", () => {
  const round: Operator = {
    name: "round",
    infer: ([x]) => ({ shape: [...x!.shape], dtype: "float32" }),
    emit: (emitter, node) => emitter.node("Round", emitter.names(node)),
  };
  const x = input("x", [BATCH, 2]);
  const loss = apply(round, [x]).sum();
  const error = errorOf(() => gradients(loss, [x]));
  expect(error).toMatchObject({ code: "gradient-missing" });
  expect(error.message).toContain("round");
  expect(gradients(apply(round, [x]).stopGradient().mul(x).sum(), [x])).toHaveLength(1);
});
