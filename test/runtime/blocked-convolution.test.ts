// Convolutions laid out in blocks of channels: the same numbers as ONNX's own, of any geometry, with their
// gradients. Where the processor has no such blocks, the device says so and nothing is laid out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { BATCH, gradients, input, parameter, type Tensor, toOnnx } from "#elbo/graph/index.js";
import { allocate, type Device } from "#elbo/runtime/device.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Random } from "#elbo/runtime/random.js";

const { device } = await openDevice("cpu");
const block = (await device.channelBlock?.()) ?? null;
const reason = block === null ? " (this processor's runtime has no blocks)" : "";

/** The outputs of a graph on random numbers, laid out in so many channels a block. */
async function run(
  { compile }: Device,
  outputs: Readonly<Record<string, Tensor>>,
  rows: number,
  blocked: number | null,
) {
  const model = toOnnx(outputs, undefined, blocked);
  const buffers = allocate([...model.inputs, ...model.parameters, ...model.outputs], rows);
  for (const [i, { name }] of [...model.inputs, ...model.parameters].entries()) {
    buffers[name]!.set(new Random(7).normal(1, i, buffers[name]!.length));
  }
  const executable = await compile(model, { threads: 2 });
  await executable.bind(rows, buffers)();
  await executable.release();
  const results = model.outputs.map(({ name }) => buffers[name] as Float32Array);
  return { results, text: new TextDecoder("latin1").decode(model.bytes) };
}

function expectSame(plain: readonly Float32Array[], blocked: readonly Float32Array[]): void {
  for (const [i, values] of plain.entries()) {
    const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    const off = values.reduce((most, v, j) => Math.max(most, Math.abs(v - blocked[i]![j]!)), 0);
    // Some thousand products in another order, each off by 2⁻²⁴ at most. Laid out wrongly they differ by 1.
    expect(off / largest).toBeLessThan(1e-4);
  }
}

interface Geometry {
  transposed: boolean;
  channels: [number, number];
  side: number;
  kernel: number;
  stride: number;
  padding: number;
  outputPadding: number;
}

const geometry = fc.record({
  transposed: fc.boolean(),
  channels: fc.tuple(fc.constantFrom(1, 16, 32, 48), fc.constantFrom(1, 16, 32)),
  side: fc.integer({ min: 3, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 2 }),
  outputPadding: fc.integer({ min: 0, max: 2 }),
});

/** Of outputs, gradients by all that goes in, with a bias and what follows it. */
function graphOf({ transposed, channels, ...options }: Geometry) {
  const { side, kernel, stride, padding } = options;
  const [ins, outs] = channels;
  const x = input("x", [BATCH, ins, side, side + 1]);
  const shape = transposed ? [ins, outs, kernel, kernel] : [outs, ins, kernel, kernel];
  const w = parameter("w", shape);
  const outputPadding = Math.min(options.outputPadding, stride - 1);
  const y = (
    transposed
      ? x.convTranspose(w, { stride, padding, outputPadding })
      : x.conv(w, { stride, padding })
  ).add(parameter("b", [outs, 1, 1]));
  const loss = y.tanh().square().sum([0, 1, 2, 3]);
  const [ofW, ofB] = gradients(loss, [w, ...y.inputs.filter(({ rank }) => rank === 3)]);
  return { y, ofW: ofW!, ofB: ofB! };
}

test.skipIf(block === null)(`the same numbers as ONNX's own convolutions${reason}`, async () => {
  let laidOut = 0;
  const property = fc.asyncProperty(geometry, async (each) => {
    let outputs: Record<string, Tensor>;
    try {
      outputs = graphOf(each);
    } catch {
      // A kernel larger than the padded input, which the graph refuses.
      fc.pre(false);
      return;
    }
    const plain = await run(device, outputs, 16, null);
    const blocked = await run(device, outputs, 16, block);
    if (blocked.text.includes("ReorderOutput")) laidOut += 1;
    expectSame(plain.results, blocked.results);
  });
  const halving = { side: 6, kernel: 4, stride: 2, padding: 1, outputPadding: 0 };
  const same = { side: 7, kernel: 3, stride: 1, padding: 1, outputPadding: 0 };
  const examples = [halving, same].flatMap((each): [Geometry][] => [
    [{ ...each, transposed: false, channels: [32, 16] }],
    [{ ...each, transposed: true, channels: [16, 32] }],
    [{ ...each, transposed: false, channels: [1, 32] }],
  ]);
  await fc.assert(property, { numRuns: 60, seed: 3, examples });
  expect(laidOut).toBeGreaterThan(30);
});

test.skipIf(block === null)(`blocks last from one convolution to the next${reason}`, async () => {
  const x = input("x", [BATCH, 16, 8, 8]);
  const [w, v] = [parameter("w", [32, 16, 4, 4]), parameter("v", [32, 16, 4, 4])];
  const options = { stride: 2, padding: 1 };
  const hidden = x
    .conv(w, options)
    .add(parameter("b", [32, 1, 1]))
    .relu();
  const y = hidden.mul(0.5).convTranspose(v, options).tanh();
  const [ofX, ofW, ofV] = gradients(y.square().sum([0, 1, 2, 3]), [x, w, v]);
  const outputs = { y, ofX: ofX!, ofW: ofW!, ofV: ofV! };
  const plain = await run(device, outputs, 32, null);
  const blocked = await run(device, outputs, 32, block);
  expectSame(plain.results, blocked.results);
  const forward = await run(device, { y }, 32, block);
  const count = (type: string) => forward.text.split(type).length - 1;
  expect([count("ReorderOutput"), count("Relu"), count("Tanh")]).toEqual([1, 1, 1]);
});

test.skipIf(block === null)(
  `what has the batch in the channels' place comes back whole${reason}`,
  async () => {
    const [x, g] = [input("x", [BATCH, 32, 6, 6]), input("g", [BATCH, 16, 4, 4])];
    const turned = x.transpose([1, 0, 2, 3]);
    const ofKernel = turned.conv(g.transpose([1, 0, 2, 3]));
    const outputs = { ofKernel, apart: turned.mul(input("y", [32, BATCH, 6, 6])) };
    const plain = await run(device, outputs, 16, null);
    expectSame(plain.results, (await run(device, outputs, 16, block)).results);
  },
);

test("kernels that are constants, and channels in no whole blocks, stay as ONNX has them", () => {
  const text = (channels: number, weights?: ReadonlyMap<string, Float32Array>) => {
    const y = input("x", [BATCH, channels, 4, 4]).conv(parameter("w", [16, channels, 3, 3]));
    return new TextDecoder("latin1").decode(toOnnx({ y }, weights, 16).bytes);
  };
  expect(text(16)).toContain("com.microsoft.nchwc");
  expect(text(24)).not.toContain("com.microsoft.nchwc");
  const weights = new Map([["w", new Float32Array(16 * 16 * 9)]]);
  expect(text(16, weights)).not.toContain("com.microsoft.nchwc");
});
