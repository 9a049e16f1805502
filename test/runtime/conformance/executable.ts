// What an Executable promises: two forms of a graph, any batch, buffers used again, errors.
import { BATCH, input, parameter, toOnnx } from "#elbo/graph/index.js";
import { allocate, type Buffer, type DeviceTensor } from "#elbo/runtime/device.js";
import { type Case, evaluate, expectClose, range, spread } from "./case.ts";

const x = input("x", [BATCH, 3]);
const affine = x
  .matmul(parameter("weight", [3, 2]))
  .add(parameter("bias", [2]))
  .tanh();
const weights = { weight: spread(6), bias: [0.25, -0.5] };

/** tanh(x W + b) in float64. */
function expected(rows: readonly number[]): number[] {
  return range((rows.length / 3) * 2).map((i) => {
    const [row, column] = [Math.floor(i / 2), i % 2];
    const sum = range(3).reduce(
      (total, k) => total + rows[row * 3 + k]! * weights.weight[k * 2 + column]!,
      weights.bias[column]!,
    );
    return Math.tanh(sum);
  });
}

export const executables: Case[] = [
  {
    name: "the two forms agree: weights as inputs, weights as initializers",
    async run(device) {
      const rows = spread(12);
      for (const baked of [false, true]) {
        const options = { batch: 4, weights, baked };
        const { out } = await evaluate(device, { out: affine }, { x: rows }, options);
        expectClose(out!, expected(rows), baked ? "initializers" : "inputs");
      }
    },
  },
  {
    name: "one executable serves batches of 1, 3 and 5, in buffers longer than they need",
    async run(device) {
      const model = toOnnx({ out: affine, total: x.sum([0, 1]) });
      const executable = await device.compile(model);
      const buffers = allocate([...model.inputs, ...model.parameters, ...model.outputs], 7);
      buffers["weight"]!.set(weights.weight);
      buffers["bias"]!.set(weights.bias);
      for (const batch of [5, 1, 3, 5]) {
        const rows = spread(3 * batch, -batch, batch);
        buffers["x"]!.set(rows);
        buffers["out"]!.fill(9);
        await executable.bind(batch, buffers)();
        const out = buffers["out"] as Float32Array;
        expectClose(out.subarray(0, 2 * batch), expected(rows), `batch ${batch}`);
        expectClose(out.subarray(2 * batch), new Array(14 - 2 * batch).fill(9), "beyond the batch");
        const total = rows.reduce((a, b) => a + b, 0);
        expectClose(buffers["total"]!.subarray(0, 1), [total], "total", 2e-6);
      }
      await executable.release();
    },
  },
  {
    name: "one binding reads changed inputs and weights at each run",
    async run(device) {
      const model = toOnnx({ out: affine });
      const executable = await device.compile(model);
      const buffers = allocate([...model.inputs, ...model.parameters, ...model.outputs], 1);
      const run = executable.bind(1, buffers);
      buffers["x"]!.set([1, 2, 3]);
      await run();
      expectClose(buffers["out"]!, [0, 0], "zero weights");
      buffers["bias"]!.set([1, -1]);
      await run();
      expectClose(buffers["out"]!, [Math.tanh(1), Math.tanh(-1)], "changed bias");
      buffers["weight"]!.set([1, 0, 0, 1, 0, 0]);
      buffers["x"]!.set([0.5, 0.25, 7]);
      await run();
      expectClose(buffers["out"]!, [Math.tanh(1.5), Math.tanh(-0.75)], "changed weights");
      await executable.release();
    },
  },
  {
    name: "uint8, int32 and bool cross in both directions",
    async run(device) {
      const [bytes, whole] = [input("b", [BATCH, 3], "uint8"), input("i", [BATCH, 3], "int32")];
      const floats = bytes.cast("float32");
      const outputs = {
        whole: whole.add(1),
        flag: floats.greater(9),
        bytes: floats.cast("uint8"),
      };
      const feeds = { b: [0, 9, 255], i: [-2147483648, 0, 2147483646] };
      const result = await evaluate(device, outputs, feeds);
      expectClose(result["whole"]!, [-2147483647, 1, 2147483647], "int32");
      expectClose(result["flag"]!, [0, 0, 1], "bool");
      expectClose(result["bytes"]!, [0, 9, 255], "uint8");
    },
  },
  {
    name: "tensors stay in the memory of a device that has its own, and go from run to run",
    async run(device) {
      const ownMemory = device.name === "webgpu";
      if (ownMemory !== (device.compileResident !== undefined)) throw new Error("compileResident");
      const sum = parameter("sum", [3]);
      const model = toOnnx({ next: sum.add(x.sum(0)), before: sum.mul(1) });
      const executable = await device.compileResident?.(model, new Set(["next"]));
      let state: Buffer | DeviceTensor = Float32Array.of(1, 2, 3);
      for (const batch of executable ? [2, 1, 2] : []) {
        const before = new Float32Array(3);
        const rows = new Float32Array(3 * batch).fill(1);
        const results = await executable!.run(batch, { x: rows, sum: state, before });
        if (Object.keys(results).join() !== "next") throw new Error("more than asked for stays");
        if ("dispose" in state) state.dispose();
        state = results["next"]!;
        expectClose(before, [before[0]!, before[0]! + 1, before[0]! + 2], "the state so far");
      }
      const last = new Float32Array(3);
      const rows = new Float32Array(3);
      (await executable?.run(1, { x: rows, sum: state, before: last }))?.["next"]?.dispose();
      if (executable) expectClose(last, [6, 7, 8], "the sum of all runs");
      if ("dispose" in state) state.dispose();
      await executable?.release();
    },
  },
  {
    name: "a missing, short or mistyped buffer is refused",
    async run(device) {
      const model = toOnnx({ out: affine });
      const executable = await device.compile(model);
      const whole = allocate([...model.inputs, ...model.parameters, ...model.outputs], 2);
      const { out: _, ...missing } = whole;
      const wrong = {
        missing,
        short: { ...whole, weight: new Float32Array(5) },
        mistyped: { ...whole, x: new Int32Array(6) },
      };
      for (const [name, buffers] of Object.entries(wrong)) {
        const code = await refusal(() => executable.bind(2, buffers));
        if (code !== "buffer-mismatch") throw new Error(`a ${name} buffer: ${code}`);
      }
      await executable.release();
    },
  },
  {
    name: "a broken model is refused",
    async run(device) {
      const model = { ...toOnnx({ out: affine }), bytes: new Uint8Array([1, 2, 3]) };
      const code = await refusal(() => device.compile(model));
      if (code !== "device-compile") throw new Error(`a broken model: ${code}`);
    },
  },
];

async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no error";
}
