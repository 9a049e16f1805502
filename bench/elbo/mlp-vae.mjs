// The MLP VAE 784-400-20, batch 128, Adam 1e-3, Bernoulli pixels: a step of `train`, data included.

import { images, options, report, timedTraining } from "./common.mjs";
import { gflopsOfLargeMatmul } from "./matmul.mjs";

const { data, threads } = options();
const settings = { network: "mlp:400", latent: 20, batch: 128, epochs: 6, threads };
const times = await timedTraining(await images(data), settings);
// The peak before the large product, as the peer's.
const peakBeforeMatmulMiB = process.resourceUsage().maxRSS / 1024;
const forward = 2 * 128 * (784 * 400 + 400 * 40 + 20 * 400 + 400 * 784);
// Backward is twice forward, but for the gradient of the input, which nobody asks for.
const flops = 3 * forward - 2 * 128 * 784 * 400;
report("mlp_vae", {
  ...times,
  gflopsOfStep: flops / times.msPerStep / 1e6,
  gflopsOfLargeMatmul: await gflopsOfLargeMatmul(threads),
  peakBeforeMatmulMiB,
  threads,
});
