// What the SIMD kernels cost, beside what moving their bytes alone would: `node bench/kernels.mjs`
// after a build. Medians of many runs; the limit is this machine's own copy bandwidth, measured
// in the same run over arrays of the same size.
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { applyOptimizer, momentsOf, optimizerDefaults } from "#elbo/runtime/optimizers.js";
import { Random } from "#elbo/runtime/random.js";
import { subSlot } from "#elbo/runtime/slots.js";

const weights = 650_000;
const pixels = 128 * 784;
const rows = 60_000;
const million = 1_000_000;

const plan = new MemoryPlan();
const parameters = plan.reserve("float32", weights);
const gradients = plan.reserve("float32", weights);
const moments = Object.fromEntries(
  ["first", "second", "velocity"].map((name) => [name, plan.reserve("float32", weights)]),
);
const noise = plan.reserve("float32", million);
const words = { ...noise, dtype: "int32" };
const batch = plan.reserve("uint8", pixels);
const flips = plan.reserve("uint8", pixels);
const batchProbabilities = plan.reserve("float32", pixels);
const memory = plan.allocate();
const { kernels } = memory;

const random = new Random(1);
memory.view(parameters).set(random.normal(0, 0, weights));
memory.view(gradients).set(random.normal(0, 1, weights));
memory.view(batchProbabilities).set(random.uniform(0, 2, pixels));
memory.view(batch).set(random.bits(0, 3, pixels).map((word) => word >>> 24));

/** Median milliseconds of a call, over `runs` timings of as many calls as fill 0.2 ms. */
function median(call, runs = 101) {
  for (let i = 0; i < 20; i += 1) call();
  const started = performance.now();
  call();
  const calls = Math.max(1, Math.ceil(0.2 / (performance.now() - started)));
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i += 1) call();
    return (performance.now() - start) / calls;
  });
  return times.sort((a, b) => a - b)[runs >> 1];
}

/** GB/s, read and written, of copying so that `bytes` move in all. */
function copyBandwidth(bytes) {
  const source = new Uint8Array(Math.max(bytes >> 1, 1024)).fill(1);
  const target = new Uint8Array(source.length);
  return (2 * source.length) / median(() => target.set(source)) / 1e6;
}

let step = 0;
const next = () => {
  step += 1;
  return { seed: 1, stream: 2, step };
};
const optimizer = (settings) => () => {
  step += 1;
  applyOptimizer(memory, settings, step, { parameters, gradients, moments });
};
const traffic = (settings) => weights * 4 * (3 + 2 * momentsOf(settings).length);
const { sgd, rmsprop, adam, adamw } = optimizerDefaults;
const momentum = { ...sgd, momentum: 0.9 };
const small = subSlot(noise, 0, 128 * 20);

const rowsOf = [
  ["Adam, 650k", weights, traffic(adam), optimizer(adam)],
  ["AdamW, 650k", weights, traffic(adamw), optimizer(adamw)],
  ["RMSprop, 650k", weights, traffic(rmsprop), optimizer(rmsprop)],
  ["SGD, momentum, 650k", weights, traffic(momentum), optimizer(momentum)],
  ["SGD, 650k", weights, traffic(sgd), optimizer(sgd)],
  ["sum of squares, 650k", weights, weights * 4, () => kernels.sumOfSquares(gradients)],
  ["accumulate, 650k", weights, weights * 12, () => kernels.accumulate(parameters, gradients)],
  [
    "Bernoulli of bytes, 128 x 784",
    pixels,
    pixels * 2,
    () => kernels.bernoulli(flips, batch, next()),
  ],
  [
    "Bernoulli of floats, 128 x 784",
    pixels,
    pixels * 5,
    () => kernels.bernoulli(flips, batchProbabilities, next()),
  ],
  ["Philox words, 1e6", million, million * 4, () => kernels.bits(words, next())],
  ["uniforms, 1e6", million, million * 4, () => kernels.uniform(noise, next())],
  ["normals, 1e6", million, million * 4, () => kernels.normal(noise, next())],
  ["normals, 128 x 20", small.length, small.length * 4, () => kernels.normal(small, next())],
  ["permutation, 60000", rows, rows * 8, () => random.permutation(1, next().step, rows)],
];

console.log("kernel                            ms   ns/element    GB/s   limit ms (copying)");
for (const [name, elements, bytes, call] of rowsOf) {
  const time = median(call);
  const limit = bytes / copyBandwidth(bytes) / 1e6;
  const cells = [
    name.padEnd(30),
    time.toFixed(4).padStart(8),
    ((time * 1e6) / elements).toFixed(2).padStart(10),
    (bytes / time / 1e6).toFixed(1).padStart(9),
    limit.toFixed(4).padStart(12),
  ];
  console.log(cells.join(" "));
}
