// How many channels a device's convolutions take at a time, found by trying: the width depends on the
// processor, and a kernel in blocks of another width gives other numbers.
import { BATCH, input, parameter, toOnnx } from "../graph/index.ts";
import { allocate, type Device } from "./device.ts";

/** Channels in a block by AVX-512, and by AVX. */
const WIDTHS = [16, 8];

const CHANNELS = 16;
const ROWS = 1;
const SIDE = 2;

/** Whether two results are of the same sums, in whatever order. */
const isClose = (a: Float32Array, b: Float32Array) =>
  a.every((value, i) => Math.abs(value - b[i]!) < 1e-3);

/** Null where there are no blocks. */
export async function findChannelBlock(compile: Device["compile"]): Promise<number | null> {
  const x = input("x", [BATCH, CHANNELS, SIDE, SIDE]);
  const outputs = { out: x.conv(parameter("kernel", [CHANNELS, CHANNELS, SIDE, SIDE])) };
  const results = async (block: number | null) => {
    const model = toOnnx(outputs, undefined, block);
    const buffers = allocate([...model.inputs, ...model.parameters, ...model.outputs], ROWS);
    // Sums tell where each factor came from.
    buffers["x"]!.forEach((_, i, values) => {
      values[i] = Math.sin(i);
    });
    buffers["kernel"]!.forEach((_, i, values) => {
      values[i] = Math.cos(i * i);
    });
    const executable = await compile(model);
    await executable.bind(ROWS, buffers)();
    await executable.release();
    return buffers["out"] as Float32Array;
  };
  const plain = await results(null);
  for (const block of WIDTHS) {
    // A runtime without these operators refuses the model.
    const blocked = await results(block).catch(() => null);
    if (blocked && isClose(blocked, plain)) return block;
  }
  return null;
}
