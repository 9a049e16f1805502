// Simplified graphs mean what they meant, and are smaller.
import { describe, expect, test } from "vitest";
import {
  BATCH,
  concat,
  constant,
  gradients,
  input,
  parameter,
  type Tensor,
} from "#elbo/graph/index.js";
import { simplify } from "#elbo/graph/simplify.js";
import { topological } from "#elbo/graph/tensor.js";
import { evaluate } from "../oracle/index.ts";
import { expression } from "./cases/expression.ts";
import { type Draw, forExamples } from "./draw.ts";
import { checkForms } from "./onnx.ts";

describe("random expressions and their gradients", () => {
  const withGradients = (y: Tensor, d: Draw) => [y, ...gradients(y.square().sum(), d.reals)];

  test("keep their values when simplified", () =>
    forExamples(expression, 60, (y, draw) => {
      const outputs = withGradients(y, draw);
      const feeds = draw.feeds();
      const before = evaluate(outputs, feeds, draw.batch);
      const after = evaluate(simplify(outputs), feeds, draw.batch);
      for (const [i, { shape, data }] of before.entries()) {
        expect(after[i]!.shape).toEqual(shape);
        const scale = data.reduce((largest, v) => Math.max(largest, Math.abs(v)), 1);
        // Folding rounds to float32, and expansions are exact to 1e-8.
        for (const [j, v] of data.entries()) {
          expect(Math.abs(after[i]!.data[j]! - v)).toBeLessThan(1e-6 * scale);
        }
      }
    }));

  test("have the oracle's values in both ONNX forms", () =>
    forExamples(expression, 40, (y, draw) => checkForms(withGradients(y, draw), draw)));
});

/** The operators of the simplified graph, sources left out. */
function operators(...outputs: Tensor[]): string[] {
  return topological(simplify(outputs))
    .map((node) => node.operator.name)
    .filter((name) => !["input", "parameter", "constant"].includes(name));
}

test("a function of a constant whose values are alike has as many", () => {
  const x = input("x", [BATCH, 2]);
  const y = x.add(constant([4, 4], [2]).sqrt().exp());
  const feeds = { x: { shape: [1, 2], data: [0, 1] } };
  const [sum] = evaluate(simplify([y]), feeds, 1);
  expect(sum!.shape).toEqual([1, 2]);
  expect(sum!.data[0]).toBeCloseTo(Math.exp(2), 5);
  expect(sum!.data[1]).toBeCloseTo(1 + Math.exp(2), 5);
  expect(operators(y)).toEqual(["add"]);
});

test("transposes one after another are one, in the right order", () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const x = parameter("x", [2, 3, 4]);
  const feeds = { x: { shape: [2, 3, 4], data: Array.from({ length: 24 }, (_, i) => i) } };
  const outputs = orders.flatMap((p) => orders.map((q) => x.transpose(p).transpose(q)));
  const simpler = simplify(outputs);
  expect(evaluate(simpler, feeds)).toEqual(evaluate(outputs, feeds));
  expect(topological(simpler)).toHaveLength(orders.length);
});

describe("fewer nodes", () => {
  const x = input("x", [BATCH, 4]);
  const w = parameter("w", [4, 3]);
  const b = parameter("b", [3]);

  test("equal expressions are computed once", () => {
    expect(operators(x.exp().add(x.exp()))).toEqual(["exp", "mul"]);
    expect(
      operators(
        parameter("v", [2])
          .exp()
          .add(parameter("v", [2]).exp()),
      ),
    ).toHaveLength(2);
    expect(operators(x.add(constant([1, 2, 3, 4])), x.add(constant([1, 2, 3, 4])))).toEqual([
      "add",
    ]);
    expect(operators(x.sum(0).add(x.sum(0, true)))).toHaveLength(3);
  });

  test("constants fold, and what changes nothing goes", () => {
    expect(operators(x.mul(constant(2).mul(3).exp().neg()))).toEqual(["mul"]);
    expect(operators(x.add(0).mul(1).transpose().transpose().stopGradient())).toEqual([]);
    expect(operators(x.reshape([2, 2, BATCH]).reshape([BATCH, 4]))).toEqual([]);
  });

  test("what broadcasts stays when it does more than that", () => {
    expect(operators(b.add(constant(0).broadcastTo([BATCH, 3])), x)).toContain("broadcast");
    expect(simplify([constant([0]).add(constant(1))])[0]!.shape).toEqual([1]);
  });

  test("a product takes up its bias and its transposes", () => {
    expect(operators(x.matmul(w).add(b))).toEqual(["gemm"]);
    expect(operators(b.add(x.matmul(w)))).toEqual(["gemm"]);
    expect(operators(w.transpose().matmul(x.transpose()))).toEqual(["gemm"]);
    // What is added to it after its bias is added to the bias.
    expect(
      operators(
        x
          .matmul(w)
          .add(b)
          .add(constant([1, 2, 3])),
      ),
    ).toEqual(["add", "gemm"]);
    expect(operators(constant([1, 2, 3]).add(b.add(x.matmul(w))))).toEqual(["add", "gemm"]);
    const [gradient] = gradients(x.matmul(w).add(b).square().sum(), [w]);
    expect(operators(gradient!)).not.toContain("transpose");
  });

  test("slices of slices, pads of pads and concatenations of concatenations are one", () => {
    const y = input("y", [BATCH, 6, 8]);
    expect(operators(y.slice(1, 1, 5).slice(2, 0, 8, 2).slice(1, 1, 4, 2))).toEqual(["slice"]);
    expect(operators(y.pad(1, 1, 0).pad(2, 0, 2).pad(1, 0, 3))).toEqual(["pad"]);
    expect(operators(y.pad(1, 1, 0).pad(2, 0, 2, 7))).toEqual(["pad", "pad"]);
    expect(operators(concat([concat([x, x.exp()], 1), x.neg()], 1))).toEqual([
      "exp",
      "neg",
      "concat",
    ]);
    const halves = y
      .slice(2, 0, 4)
      .add(y.slice(2, 4, 8))
      .slice(1, 2, 5)
      .square()
      .sum();
    const [gradient] = gradients(halves, [y]);
    expect(operators(gradient!).filter((name) => name === "add")).toEqual(["add"]);
  });

  test("transposes wait until after what is elementwise, and meet", () => {
    const y = input("y", [BATCH, 5, 6]);
    const turned = y.transpose([0, 2, 1]);
    expect(operators(turned.exp().add(turned).mul(2).transpose([0, 2, 1]))).not.toContain(
      "transpose",
    );
    const bias = parameter("c", [5]);
    expect(operators(turned.add(bias).transpose([0, 2, 1]))).toEqual(["reshape", "add"]);
    expect(operators(turned.sum([0, 1], true).transpose([0, 2, 1]))).not.toContain("transpose");
  });

  test("a product takes up what is added to it, whole or by columns", () => {
    const other = input("other", [BATCH, 3]);
    expect(operators(x.matmul(w).add(other))).toEqual(["gemm"]);
    expect(operators(x.matmul(w).add(x.exp().matmul(w)))).toEqual(["exp", "gemm", "gemm"]);
  });

  test("a product that is used twice is computed once", () => {
    const product = x.matmul(w);
    expect(operators(product.add(b), product).filter((name) => name === "gemm")).toHaveLength(1);
  });
});
