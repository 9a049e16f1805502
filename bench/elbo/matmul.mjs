// What ONNX Runtime's own large float32 product reaches: 2048 × 2048 × 2048.
import { BATCH, input, toOnnx } from "#elbo/graph/index.js";
import { openDevice } from "#elbo/runtime/open.js";
import { Runner } from "#elbo/runtime/runner.js";
import { median } from "./common.mjs";

export async function gflopsOfLargeMatmul(threads) {
  const size = 2048;
  const product = input("a", [BATCH, size]).matmul(input("b", [size, size]));
  const { device } = await openDevice("cpu");
  const runner = await Runner.create(device, toOnnx({ product }), { batch: size, threads });
  for (const slot of runner.inputs.values()) runner.memory.view(slot).fill(0.5);
  const times = [];
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    await runner.run(size);
    times.push(performance.now() - begin);
  }
  await runner.release();
  return (2 * size ** 3) / median(times) / 1e6;
}
