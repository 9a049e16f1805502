// The files: their wire format, and what a model declares.
import { describe, expect, test } from "vitest";
import { BATCH, constant, input, parameter, toOnnx } from "#elbo/graph/index.js";
import { ProtobufWriter } from "#elbo/graph/onnx/protobuf.js";
import { compile } from "./onnx.ts";

const hex = (writer: ProtobufWriter) => Buffer.from(writer.finish()).toString("hex");

test("protocol buffers: the examples of its encoding guide", () => {
  // https://protobuf.dev/programming-guides/encoding/
  expect(hex(new ProtobufWriter().int(1, 150))).toBe("089601");
  expect(hex(new ProtobufWriter().string(2, "testing"))).toBe("120774657374696e67");
  expect(hex(new ProtobufWriter().message(3, (m) => m.int(1, 150)))).toBe("1a03089601");
  expect(hex(new ProtobufWriter().int(1, -2))).toBe("08feffffffffffffffff01");
});

test("protocol buffers: floats, large numbers and long contents", () => {
  expect(hex(new ProtobufWriter().float(2, 1))).toBe("150000803f");
  expect(hex(new ProtobufWriter().int(1, 2 ** 40))).toBe("08808080808020");
  const long = new ProtobufWriter().bytes(1, new Uint8Array(1000).fill(7)).finish();
  expect(long.length).toBe(1003);
  expect([...long.subarray(0, 4)]).toEqual([0x0a, 0xe8, 0x07, 7]);
});

describe("a model declares", () => {
  const x = input("x", [BATCH, 2]);
  const w = parameter("w", [2, 3]);

  test("inputs, parameters and outputs with the batch left open", () => {
    const { inputs, parameters, outputs } = toOnnx({ y: x.matmul(w) });
    expect(inputs).toEqual([{ name: "x", dtype: "float32", shape: [BATCH, 2] }]);
    expect(parameters).toEqual([{ name: "w", dtype: "float32", shape: [2, 3] }]);
    expect(outputs).toEqual([{ name: "y", dtype: "float32", shape: [BATCH, 3] }]);
  });

  test("each name once", () => {
    const taken = expect.objectContaining({ code: "name-taken" });
    expect(() => toOnnx({ y: x.sum(0).add(input("x", [2])) })).toThrow(taken);
    expect(() => toOnnx({ y: w.sum().add(parameter("w", [])) })).toThrow(taken);
    expect(() => toOnnx({ x: x.exp() })).toThrow(taken);
    expect(() => toOnnx({ y: input("_0", [2]).exp() })).toThrow(taken);
  });

  test("weights of the parameters' sizes", () => {
    const missing = expect.objectContaining({ code: "weights-missing" });
    expect(() => toOnnx({ y: x.matmul(w) }, new Map())).toThrow(missing);
    const wrong = new Map([["w", new Float32Array(5)]]);
    expect(() => toOnnx({ y: x.matmul(w) }, wrong)).toThrow(missing);
  });

  test("one value under two names, and an input as an output", async () => {
    const y = x.exp();
    const feeds = { x: { shape: [1, 2], data: [0, 1] } };
    const model = await compile([y, y, x, x.exp(), constant([1, 2])], feeds);
    const results = await model.run(feeds);
    await model.release();
    const e = [1, Math.fround(Math.E)];
    expect(results.map(({ data }) => [...data])).toEqual([e, e, [0, 1], e, [1, 2]]);
  });

  test("sizes that are a multiple of the batch", async () => {
    const pairs = constant([1])
      .broadcastTo([2 * BATCH])
      .cumulativeSum(0);
    const y = x.reshape([2 * BATCH]).mul(pairs);
    const feeds = { x: { shape: [2, 2], data: [1, 1, 2, 2] } };
    const model = await compile([y], feeds);
    const results = await model.run(feeds);
    await model.release();
    expect(results).toEqual([{ shape: [4], data: Float64Array.of(1, 2, 6, 8) }]);
  });

  test("the batch of an input that was made after the node that needs it", async () => {
    const rows = constant([1, 2]).broadcastTo([BATCH, 2]).cumulativeSum(0);
    const feeds = { late: { shape: [2, 2], data: [1, 1, 1, 1] } };
    const model = await compile([rows.mul(input("late", [BATCH, 2]))], feeds);
    const [y] = await model.run(feeds);
    await model.release();
    expect([...y!.data]).toEqual([1, 2, 2, 4]);
  });
});
