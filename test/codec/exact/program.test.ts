// What a program takes and gives, what it refuses, and that JavaScript's functions have no part in it.
import { afterEach, expect, test, vi } from "vitest";
import { describeProgram } from "#elbo/codec/exact/description.js";
import { instantiateExact } from "#elbo/codec/exact/module.js";
import { exactProgram } from "#elbo/codec/exact/program.js";
import {
  apply,
  BATCH,
  concat,
  constant,
  input,
  parameter,
  type Tensor,
} from "#elbo/graph/index.js";
import type { Operator } from "#elbo/graph/tensor.js";
import { elboError } from "../../helpers/errors.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const x = input("x", [BATCH, 2]);
const w = parameter("w", [2, 3]);
const weights = new Map([["w", Float32Array.of(1, 2, 3, 4, 5, 6)]]);

test("outputs are floats for floats and truth, whole numbers for whole numbers", () => {
  const bytes = input("bytes", [BATCH], "uint8");
  const flags = input("flags", [BATCH], "bool");
  const outputs = {
    given: x,
    product: x.matmul(w),
    again: x.matmul(w),
    reshaped: x.matmul(w.reshape([3, 2]).slice(0, 0, 2)),
    otherwise: x.matmul(w.reshape([3, 2]).transpose()),
    columns: concat([x, x.sum(1, true)], 1).matmul(w.reshape([3, 2])),
    weights: w,
    fixed: constant([7, -8], [2], "int32"),
    more: x.greater(2),
    bytes,
    doubled: bytes.cast("int32").mul(2),
    wrapped: bytes.cast("int32").add(250).cast("uint8"),
    chosen: flags.where(bytes.cast("float32"), 0.5),
    counted: flags.cast("int32"),
  };
  const inputs = {
    x: Float32Array.of(1, 2, 3, 4),
    bytes: Uint8Array.of(200, 3),
    flags: Uint8Array.of(0, 9),
  };
  const results = exactProgram(outputs, weights).run(inputs, 2);
  expect(results).toEqual({
    given: Float32Array.of(1, 2, 3, 4),
    product: Float32Array.of(9, 12, 15, 19, 26, 33),
    again: Float32Array.of(9, 12, 15, 19, 26, 33),
    reshaped: Float32Array.of(7, 10, 15, 22),
    otherwise: Float32Array.of(5, 11, 17, 11, 25, 39),
    columns: Float32Array.of(22, 28, 50, 64),
    weights: Float32Array.of(1, 2, 3, 4, 5, 6),
    fixed: Int32Array.of(7, -8),
    more: Float32Array.of(0, 0, 1, 1),
    bytes: Int32Array.of(200, 3),
    doubled: Int32Array.of(400, 6),
    wrapped: Int32Array.of(194, 253),
    chosen: Float32Array.of(0.5, 3),
    counted: Int32Array.of(0, 1),
  });
});

test("results are the caller's own, and later runs do not touch them", () => {
  const program = exactProgram({ y: x.mul(2) }, new Map());
  const first = program.run({ x: Float32Array.of(1, 2) }, 1);
  const second = program.run({ x: Float32Array.of(3, 4) }, 1);
  expect([first["y"], second["y"]]).toEqual([Float32Array.of(2, 4), Float32Array.of(6, 8)]);
  expect(program.run({ x: new Float32Array(0) }, 0)).toEqual({ y: new Float32Array(0) });
});

test("whole numbers wrap around, and are divided towards 0", () => {
  const [a, b] = [input("a", [BATCH], "int32"), input("b", [BATCH], "int32")];
  const inputs = {
    a: Int32Array.of(-7, 7, 2 ** 31 - 1, -(2 ** 31), 5),
    b: Int32Array.of(2, -2, 2, -1, 0),
  };
  const outputs = { quotient: a.div(b), product: a.mul(b), sum: a.add(b) };
  expect(exactProgram(outputs, new Map()).run(inputs, 5)).toEqual({
    quotient: Int32Array.of(-3, -3, 2 ** 30 - 1, -(2 ** 31), 0),
    product: Int32Array.of(-14, -14, -2, -(2 ** 31), 0),
    sum: Int32Array.of(-5, 5, -(2 ** 31) + 1, 2 ** 31 - 1, 5),
  });
});

test("constants are computed by the program's functions, not by JavaScript's", () => {
  const fixed = () =>
    constant([0.3, 2, 5]).exp().log().tanh().sin().cos().add(constant(3).pow(0.37)).exp();
  const run = (tensor: Tensor) => exactProgram({ y: tensor }, new Map()).run({}, 1)["y"];
  const expected = run(fixed());
  for (const name of ["exp", "log", "tanh", "sin", "cos", "pow"] as const) {
    vi.spyOn(Math, name).mockImplementation(() => 0.125);
  }
  expect(run(fixed())).toEqual(expected);
});

test("an input that is missing or of another length is refused", async () => {
  const program = exactProgram({ y: x.mul(2) }, new Map());
  for (const inputs of [{}, { x: Float32Array.of(1, 2, 3) }]) {
    const { code, message } = await elboError(() => program.run(inputs, 2));
    expect(code).toBe("input-invalid");
    expect(message).toContain("the input x of shape (batch, 2) has 4 values, received");
  }
  const { message } = await elboError(() => program.run({ x: Float32Array.of(1, 2) }, 0.5));
  expect(message).toBe("a batch is a whole number of rows, received 0.5");
});

test("weights that are missing or of another model are refused", async () => {
  for (const values of [new Map(), new Map([["w", new Float32Array(5)]])]) {
    const { code, message } = await elboError(() => exactProgram({ y: x.matmul(w) }, values));
    expect(code).toBe("weights-missing");
    expect(message).toMatch(/the graph's parameter w has 6 values, received (none|5)/);
  }
});

test("an operator without exact arithmetic is named", async () => {
  const strange: Operator = {
    name: "strange",
    infer: () => ({ shape: [BATCH, 2], dtype: "float32" }),
    emit: () => "",
  };
  const outputs = { y: apply(strange, [x]) };
  const { code, message } = await elboError(() => exactProgram(outputs, new Map()));
  expect(code).toBe("not-exact");
  expect(message).toContain("strange of float32 is none of them");
});

test("an index outside its axis is refused, whichever way it goes", async () => {
  const indices = input("indices", [BATCH], "int32");
  const outputs = [w.gather(0, indices), x.scatterAdd(indices, 2)];
  for (const y of outputs) {
    const program = exactProgram({ y }, weights);
    const rows = Float32Array.of(1, 2, 3, 4);
    expect(program.run({ x: rows, indices: Int32Array.of(1, 0) }, 2)["y"]?.[0]).toBeGreaterThan(2);
    for (const wrong of [2, -1]) {
      const inputs = { x: rows, indices: Int32Array.of(1, wrong) };
      const { code, message } = await elboError(() => program.run(inputs, 2));
      expect(code).toBe("index-outside");
      expect(message).toContain("lie in 0 to 1, received another at place 1");
    }
  }
});

test("the description tells other constants, orders and operators, and nothing of when it was built", () => {
  const build = (value: number) => ({
    y: x
      .matmul(w)
      .add(constant([value, 1, 2]))
      .softplus(),
  });
  const text = describeProgram(build(0));
  expect(describeProgram(build(0))).toBe(text);
  expect(describeProgram(build(-0))).not.toBe(text);
  expect(describeProgram(build(1e-45))).not.toBe(text);
  expect(describeProgram({ z: build(0).y })).not.toBe(text);
  expect(describeProgram({ y: build(0).y.neg() })).not.toBe(text);
  const [early, late] = [x.add(1), x.exp()];
  expect(describeProgram({ y: late.sub(early) })).toBe(
    describeProgram({ y: x.exp().sub(x.add(1)) }),
  );
  expect(describeProgram({ y: w.transpose().transpose().add(1) })).toMatchSnapshot();
});

test("the compiler's static data ends below what kernels write to", () => {
  const kernels = instantiateExact(new WebAssembly.Memory({ initial: 1, maximum: 65536 }));
  expect(kernels.heapBase()).toBeLessThanOrEqual(4096);
});
