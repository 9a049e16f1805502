// What the JavaScript peers share: options, data, initial weights, timing, the one line of JSON.
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

export const batch = 128;
export const inputs = 784;
export const latent = 20;
const hidden = 400;
/** Layers of the MLP VAE 784-400-20 as [inputs, outputs]. */
export const layers = {
  hidden: [inputs, hidden],
  mean: [hidden, latent],
  logVariance: [hidden, latent],
  decoderHidden: [latent, hidden],
  logits: [hidden, inputs],
};
const parameters = inputs * hidden + hidden * 2 * latent + latent * hidden + hidden * inputs;
// As in mlp_vae.py: the first layer needs no gradient to its input.
const flop = 2 * batch * (3 * parameters - inputs * hidden);

export function options() {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      warmup: { type: "string", default: "5" },
      windows: { type: "string", default: "9" },
      steps: { type: "string", default: "5" },
    },
  });
  return {
    data: values.data,
    warmup: Number(values.warmup),
    windows: Number(values.windows),
    steps: Number(values.steps),
  };
}

/** Mulberry32: seeded uniforms in [0, 1) for data, order and initial weights. */
export function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** uint8 pixels, 784 a row: MNIST where a folder is given, else random ones as sparse as MNIST. */
export function pixels(folder, rows = 60_000) {
  if (folder) {
    const path = join(folder, "train-images-idx3-ubyte");
    const bytes = existsSync(`${path}.gz`)
      ? gunzipSync(readFileSync(`${path}.gz`))
      : readFileSync(path);
    return bytes.subarray(16);
  }
  const random = uniforms(0);
  return Uint8Array.from({ length: rows * inputs }, () =>
    random() < 0.19 ? 1 + Math.floor(random() * 255) : 0,
  );
}

/** PyTorch's default initialisation: uniform within ±1/√inputs, weights (inputs, outputs). */
export function initial() {
  const random = uniforms(1);
  const draw = (n, bound) => Float32Array.from({ length: n }, () => (2 * random() - 1) * bound);
  return Object.fromEntries(
    Object.entries(layers).map(([name, [from, to]]) => {
      const bound = 1 / Math.sqrt(from);
      return [name, { weight: draw(from * to, bound), bias: draw(to, bound) }];
    }),
  );
}

/** A function that returns the next shuffled batch as float32 in [0, 1]. */
export function batches(data) {
  const rows = data.length / inputs;
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  const random = uniforms(2);
  let next = rows;
  return () => {
    if (next + batch > rows) {
      for (let i = rows - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      next = 0;
    }
    const x = new Float32Array(batch * inputs);
    for (let row = 0; row < batch; row++, next++) {
      const from = order[next] * inputs;
      for (let i = 0; i < inputs; i++) x[row * inputs + i] = data[from + i] / 255;
    }
    return x;
  };
}

/** Times `step`, an async function that returns the loss, and prints the line. */
export async function measure(peer, step, settings, extra) {
  let loss = 0;
  for (let i = 0; i < settings.warmup; i++) loss = await step();
  const times = [];
  for (let window = 0; window < settings.windows; window++) {
    const begin = performance.now();
    for (let i = 0; i < settings.steps; i++) loss = await step();
    times.push((performance.now() - begin) / settings.steps);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  const round = (x) => Math.round(x * 1e4) / 1e4;
  const line = {
    peer,
    work: "mlp_vae",
    batch,
    data: settings.data ? "mnist" : "synthetic",
    msPerStep: round(median),
    msPerStepBest: round(sorted[0]),
    msPerStepWorst: round(sorted.at(-1)),
    windows: times.length,
    gflopsOfStep: round(flop / median / 1e6),
    peakRssMiB: round(process.resourceUsage().maxRSS / 1024),
    loss,
    ...extra,
    node: process.versions.node,
    cpus: availableParallelism(),
  };
  console.log(JSON.stringify(line));
}
