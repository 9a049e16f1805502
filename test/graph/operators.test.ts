// What operators promise beyond their gradient: values at the edges, pairs of rows, limits refused.
import { describe, expect, test } from "vitest";
import {
  BATCH,
  concat,
  constant,
  gradients,
  input,
  type Operand,
  parameter,
  type Tensor,
} from "#elbo/graph/index.js";
import { evaluate } from "../oracle/index.ts";
import { checkGradient, lossOf } from "./differences.ts";
import { forExamples } from "./draw.ts";
import { checkForms, compile, expectLikeOracle } from "./onnx.ts";

/** f's values at `x`, computed by ONNX Runtime. */
async function at(x: readonly number[], f: (x: Tensor) => Tensor): Promise<number[]> {
  const feeds = { x: { shape: [x.length], data: x } };
  const model = await compile([f(input("x", [x.length]))], feeds);
  const [y] = await model.run(feeds);
  await model.release();
  return [...y!.data];
}

/** The derivative of f at `x`. */
const slope = (x: readonly number[], f: (x: Tensor) => Tensor) =>
  at(x, (t) => gradients(f(t).sum(), [t])[0]!);

describe("values at the edges", () => {
  test("leakyRelu keeps its branches at a slope above 1", async () => {
    expect(await at([-2, 0, 2], (x) => x.leakyRelu(3))).toEqual([-6, 0, 2]);
    expect(await at([-2, 0, 2], (x) => x.leakyRelu(0.5))).toEqual([-1, 0, 2]);
  });

  test("elu has slope 1 at 0", async () => {
    expect(await slope([0, 2], (x) => x.elu())).toEqual([1, 1]);
  });

  test("ties share the gradient", async () => {
    expect(await slope([1, 1, 0], (x) => x.max())).toEqual([0.5, 0.5, 0]);
    expect(await slope([1, 2, 0], (x) => x.maximum(1))).toEqual([0.5, 1, 0]);
    expect(await slope([1, 2, 0], (x) => x.minimum(1))).toEqual([0.5, 0, 1]);
  });

  test("the gradient of 0^b by b is 0, not the NaN of 0 · log 0", async () => {
    const [gradient] = evaluate(
      gradients(
        constant([0, 0])
          .pow(parameter("b", [2]))
          .sum(),
        [parameter("b", [2])],
      ),
      { b: { shape: [2], data: [1, 2.5] } },
    );
    expect([...gradient!.data].map(Math.abs)).toEqual([0, 0]);
    expect(await slope([1, 2.5], (x) => constant([0, 0]).pow(x))).not.toContain(Number.NaN);
  });

  test("logSumExp neither overflows nor loses a row of −∞", async () => {
    const rows = (x: Tensor) => x.reshape([3, 2]).logSumExp(1);
    const gone = Number.NEGATIVE_INFINITY;
    const result = await at([1e4, 1e4, -1e4, -1e4, gone, gone], rows);
    expect(result[0]).toBeCloseTo(1e4 + Math.LN2, 2);
    expect(result[1]).toBeCloseTo(-1e4 + Math.LN2, 2);
    expect(result[2]).toBe(gone);
  });

  test("topK gives the first of equals, and where they stood", async () => {
    const x = input("x", [BATCH, 4]);
    const { values, indices } = x.topK(2);
    const feeds = { x: { shape: [2, 4], data: [3, 1, 3, 2, 0, 5, 4, 6] } };
    const model = await compile([values, indices, x.argmax(1)], feeds);
    const results = await model.run(feeds);
    await model.release();
    expect(results.map(({ data }) => [...data])).toEqual([
      [3, 3, 6, 5],
      [0, 2, 3, 1],
      [0, 3],
    ]);
  });

  test("bytes and truth values pass through selection and casting", async () => {
    const bytes = input("bytes", [BATCH], "uint8");
    const flags = input("flags", [BATCH], "bool");
    const outputs = [
      bytes.cast("float32").div(255),
      flags.where(bytes.cast("int32"), -1),
      flags.broadcastTo([2, BATCH]).cast("float32").sum(0),
      flags.where(bytes.cast("int32").greater(60), flags.not()).cast("int32"),
    ];
    const feeds = {
      bytes: { shape: [3], data: [0, 255, 51] },
      flags: { shape: [3], data: [1, 0, 1] },
    };
    const model = await compile(outputs, feeds);
    const results = await model.run(feeds);
    await model.release();
    expect(results.map(({ data }) => [...data])).toEqual([
      [0, 1, Math.fround(0.2)],
      [0, -1, 51],
      [2, 0, 2],
      [0, 1, 0],
    ]);
  });
});

test("an axis of no elements", async () => {
  const x = input("x", [BATCH, 3]);
  const none = x.slice(1, 0, 0);
  const loss = concat([none.reshape([BATCH, 0, 1]).reshape([BATCH, 0]), x], 1)
    .square()
    .sum();
  const outputs = [none.reshape([0, BATCH]), none.sum(1), ...gradients(loss, [x])];
  const feeds = { x: { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] } };
  const model = await compile(outputs, feeds);
  const results = await model.run(feeds);
  await model.release();
  expectLikeOracle(results, outputs, feeds, 2);
});

test("pairs of rows: distances within the batch, and their gradient", () =>
  forExamples(
    (d) => {
      const [x, y] = [d.real([BATCH, 3]), d.real([BATCH, 3])];
      return x
        .reshape([BATCH, 1, 3])
        .sub(y.reshape([1, BATCH, 3]))
        .square()
        .sum(-1)
        .neg()
        .exp()
        .mul(x.matmul(y.transpose()));
    },
    5,
    async (y, draw) => {
      checkGradient(lossOf(y, draw), draw);
      await checkForms([y, ...gradients(y.sum(), draw.reals)], draw);
    },
  ));

test("a parameter made twice is one parameter", () => {
  const loss = parameter("w", [2])
    .mul(parameter("w", [2]))
    .sum();
  const [gradient] = evaluate(gradients(loss, [parameter("w", [2])]), {
    w: { shape: [2], data: [3, -4] },
  });
  expect([...gradient!.data]).toEqual([6, -8]);
});

test("what the loss does not depend on has gradient zero, of its shape", async () => {
  const [x, w] = [input("x", [BATCH, 2]), input("w", [BATCH, 3])];
  const outputs = [...gradients(x.sum(), [w, x]), x];
  const feeds = { x: { shape: [2, 2], data: [1, 2, 3, 4] } };
  const model = await compile(outputs, feeds);
  const [zero, one] = await model.run(feeds);
  await model.release();
  expect(zero).toEqual({ shape: [2, 3], data: new Float64Array(6) });
  expect(one).toEqual({ shape: [2, 2], data: new Float64Array(4).fill(1) });
});

describe("refused", () => {
  const x = input("x", [BATCH, 3, 4]);
  const square = input("square", [BATCH, BATCH]);
  const whole = input("whole", [2], "int32");
  const picture = input("picture", [BATCH, 2, 5, 5]);
  const kernel = parameter("kernel", [2, 1, 3, 3]);
  const wrong: Record<string, () => unknown> = {
    "a permutation shorter than the rank": () => x.transpose([0]),
    "an axis twice": () => x.transpose([0, 1, 1]),
    "a sum over an axis twice": () => x.sum([1, -2]),
    "a sum over an axis that is not there": () => x.sum(3),
    "a mean over the batch": () => x.mean(0),
    "a mean over two batches": () => square.mean(),
    "a loss of more than one value": () => gradients(x, [x]),
    "a loss of one value for each pair of rows": () => gradients(square, [square]),
    "another number of values": () => x.reshape([BATCH, 11]),
    "a batch taken for a number": () => square.reshape([1]),
    "a concatenation of nothing": () => concat([], 0),
    "a concatenation of different ranks": () => concat([x, x.sum(2)], 1),
    "a slice of the batch": () => x.slice(0, 0, 1),
    "a slice beyond the end": () => x.slice(1, 0, 4),
    "more largest values than there are": () => x.topK(5),
    "indices of another shape": () => x.gatherElements(2, whole),
    "indices that are floats": () => x.gather(1, constant([0, 1])),
    "a surrogate of another shape": () => x.straightThrough(input("s", [BATCH, 3, 5])),
    "an addition of a float and a whole number": () => whole.add(constant([1, 2]) as Operand),
    "a kernel of other channels": () => picture.conv(kernel),
    "a kernel larger than the picture": () => picture.conv(parameter("k", [1, 2, 6, 1])),
    "an output padding of a stride": () =>
      picture.convTranspose(kernel, { stride: 2, outputPadding: 2, dilation: 3 }),
    "three strides for two axes": () => picture.conv(kernel, { stride: [1, 1, 1] }),
  };
  for (const [name, build] of Object.entries(wrong)) {
    test(name, () => expect(build).toThrow(expect.objectContaining({ code: "shape" })));
  }
});
