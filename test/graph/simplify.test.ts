// Simplified graphs mean what they meant, and are smaller.
import { describe, expect, test } from "vitest";
import { BATCH, constant, gradients, input, parameter, type Tensor } from "#elbo/graph/index.js";
import { simplify } from "#elbo/graph/simplify.js";
import { topological } from "#elbo/graph/tensor.js";
import { evaluate } from "../oracle/index.ts";
import { type Draw, forExamples } from "./draw.ts";
import { checkForms } from "./onnx.ts";

const WIDTH = 3;

/** Ways to make a further `(batch, WIDTH)` tensor of those at hand, none of them growing values. */
const steps: readonly ((d: Draw, pool: readonly Tensor[]) => Tensor)[] = [
  (d, pool) => d.pick(pool).add(d.pick(pool)).mul(0.5),
  (d, pool) => d.pick(pool).sub(d.pick(pool)).tanh(),
  (d, pool) => d.pick(pool).mul(d.pick(pool)).sigmoid(),
  (d, pool) => d.pick(pool).maximum(d.pick(pool)),
  (d, pool) => d.pick(pool).softplus().neg().exp(),
  (d, pool) => d.pick(pool).softmax(1),
  // What changes nothing, and constants that fold.
  (d, pool) =>
    d
      .pick(pool)
      .add(0)
      .mul(1)
      .div(constant([1]))
      .sub(constant(0).neg()),
  (d, pool) =>
    d
      .pick(pool)
      .mul(constant(2).log().mul(constant(0.5).exp()))
      .neg()
      .neg(),
  (d, pool) => d.pick(pool).transpose().transpose().reshape([WIDTH, BATCH]).reshape([BATCH, WIDTH]),
  // The same expression made again.
  (d, pool) => {
    const [x, y] = [d.pick(pool), d.pick(pool)];
    return x.mul(y).tanh().add(x.mul(y).tanh()).mul(0.5);
  },
  // Broadcasts, written out or not.
  (d, pool) =>
    d
      .pick(pool)
      .add(d.real([WIDTH]).broadcastTo([BATCH, WIDTH]))
      .tanh(),
  (d, pool) =>
    d.pick(pool).mean(1, true).broadcastTo([BATCH, WIDTH]).exp().mul(d.pick(pool)).tanh(),
  (d, pool) =>
    d
      .pick(pool)
      .mul(d.real([]))
      .add(d.real([1, WIDTH]))
      .sigmoid(),
  // Products: transposed or not, with a bias on either side, used once or twice.
  (d, pool) =>
    d
      .pick(pool)
      .matmul(d.real([WIDTH, WIDTH]))
      .add(d.real([WIDTH]))
      .tanh(),
  (d, pool) =>
    d
      .real([1, WIDTH])
      .add(d.pick(pool).matmul(d.real([WIDTH, WIDTH]).transpose()))
      .tanh(),
  (d, pool) => {
    const product = d
      .pick(pool)
      .transpose()
      .transpose()
      .matmul(d.real([WIDTH, WIDTH]));
    return product
      .add(d.real([WIDTH]))
      .mul(product.add(d.pick(pool)))
      .tanh();
  },
  (d, pool) => {
    const across = d.pick(pool).transpose().matmul(d.pick(pool)).mul(0.1).tanh();
    return across.transpose().matmul(d.pick(pool).transpose()).transpose().tanh();
  },
  (d, pool) => {
    const columns = d.pick(pool).matmul(d.real([WIDTH, 1]));
    return columns
      .add(d.real([1]))
      .tanh()
      .mul(d.pick(pool));
  },
  // A scalar product and a sum of products.
  (d, pool) => {
    const [v, w] = [d.real([WIDTH, WIDTH]), d.real([WIDTH, WIDTH])];
    return d.pick(pool).matmul(v).add(d.pick(pool).matmul(w)).tanh();
  },
];

function expression(d: Draw): Tensor {
  const pool: Tensor[] = [d.real([BATCH, WIDTH]), d.real([BATCH, WIDTH])];
  for (let i = d.int(1, 6); i > 0; i--) pool.push(d.pick(steps)(d, pool));
  return pool.at(-1)!.add(pool.at(-2)!);
}

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

describe("fewer nodes", () => {
  const x = input("x", [BATCH, 4]);
  const w = parameter("w", [4, 3]);
  const b = parameter("b", [3]);

  test("equal expressions are computed once", () => {
    expect(operators(x.exp().add(x.exp()))).toEqual(["exp", "add"]);
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
    const [gradient] = gradients(x.matmul(w).add(b).square().sum(), [w]);
    expect(operators(gradient!)).not.toContain("transpose");
  });

  test("a product that is used twice is computed once", () => {
    const product = x.matmul(w);
    expect(operators(product.add(b), product).filter((name) => name === "gemm")).toHaveLength(1);
  });
});
