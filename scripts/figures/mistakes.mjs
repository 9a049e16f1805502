// One VAE and the five mistakes of a widely copied example, each written out with the graph's own
// operators and trained alike: same data, same first weights, same noise, same optimiser.
import { BATCH, input, toOnnx } from "../../build/graph/index.js";
import { linear } from "../../build/nn/layers.js";
import { Parameters } from "../../build/nn/parameters.js";
import { bernoulliLogLikelihood } from "../../build/prob/bernoulli.js";
import { gaussianKl } from "../../build/prob/gaussian.js";
import { createTrainer } from "../../build/runtime/create-trainer.js";
import { MemoryPlan } from "../../build/runtime/memory.js";
import { openDevice } from "../../build/runtime/open.js";
import { optimizerDefaults } from "../../build/runtime/optimizers.js";
import { Random, streams } from "../../build/runtime/random.js";
import { Runner } from "../../build/runtime/runner.js";

export const mistakes = [
  ["right", "the VAE as it is meant"],
  ["shared", "1 one layer for both heads"],
  ["softmax", "2 softmax taken for the sample"],
  ["mean", "3 mean of log σ² as the KL"],
  ["swapped", "4 outputs in another order"],
  ["rows", "5 rows taken for batches"],
];

const [PIXELS, HIDDEN, LATENT] = [784, 200, 10];
const SEED = 1;
const { device } = await openDevice("cpu");
const random = new Random(SEED);

function decoder(parameters, z) {
  const hidden = linear(parameters, "decoder.hidden", z, HIDDEN).relu();
  return linear(parameters, "decoder.output", hidden, PIXELS);
}

/** The model with one mistake: what it trains on, and the ELBO that it has as a VAE. */
function build(mistake) {
  const parameters = new Parameters();
  const x = input("x", [BATCH, PIXELS]);
  const noise = input("noise", [BATCH, LATENT]);
  const hidden = linear(parameters, "encoder.hidden", x, HIDDEN).relu();
  const mean = linear(parameters, "encoder.mean", hidden, LATENT);
  const logVariance =
    mistake === "shared" ? mean : linear(parameters, "encoder.logVariance", hidden, LATENT);
  const draw = mean.add(logVariance.mul(0.5).exp().mul(noise));
  const misfit = (z) => bernoulliLogLikelihood(x, decoder(parameters, z)).neg();
  const kl = gaussianKl(mean, logVariance).sum(1);
  const regularizer = {
    mean: () => logVariance.mean(1),
    swapped: () => gaussianKl(logVariance, mean).sum(1),
  };
  const loss = misfit(mistake === "softmax" ? logVariance.softmax(1) : draw).add(
    regularizer[mistake]?.() ?? kl,
  );
  const reconstruction = misfit(draw);
  return { parameters, loss, reconstruction, kl };
}

async function learn({ parameters, loss }, rows, count, { batch, epochs }) {
  const mean = loss.sum(0).mul(1 / batch);
  const step = { loss: mean, metrics: [mean], parameters: parameters.tensors() };
  const definition = { steps: [step], optimizer: optimizerDefaults.adam, batch, threads: 2 };
  const trainer = await createTrainer(device, definition, new MemoryPlan());
  await trainer.restore(parameters.initialize(random));
  const { memory, inputs } = trainer;
  const [x, noise] = [memory.view(inputs.get("x")), inputs.get("noise")];
  const began = performance.now();
  let updates = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(streams.shuffle, epoch, count);
    for (let start = 0; start + batch <= count; start += batch) {
      updates++;
      for (let i = 0; i < batch; i++) {
        const row = order[start + i];
        x.set(rows.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
      }
      const draw = { seed: SEED, stream: streams.posterior, step: updates, offset: 0 };
      // The sample by softmax takes no noise.
      if (noise) memory.kernels.normal(noise, draw);
      await trainer.step(0, batch, updates, optimizerDefaults.adam.learningRate);
    }
  }
  const seconds = (performance.now() - began) / 1000;
  const weights = await trainer.parameters();
  await trainer.release();
  return { weights, updates, seconds };
}

/** Means over the test rows, in nats. */
async function measure({ loss, reconstruction, kl }, weights, rows, count) {
  const model = toOnnx({ loss, reconstruction, kl }, weights);
  const runner = await Runner.create(device, model, { batch: count, threads: 2 });
  const { memory, inputs } = runner;
  memory.view(inputs.get("x")).set(rows);
  const draw = { seed: SEED, stream: streams.evaluation, step: 0, offset: 0 };
  memory.kernels.normal(inputs.get("noise"), draw);
  await runner.run(count);
  const average = (name) => runner.output(name).reduce((sum, value) => sum + value, 0) / count;
  const result = {
    loss: average("loss"),
    reconstruction: average("reconstruction"),
    kl: average("kl"),
  };
  await runner.release();
  return { ...result, elbo: -result.reconstruction - result.kl };
}

/** What the decoder makes of draws from the prior. */
async function drawRows(weights, count) {
  const values = decoder(new Parameters(), input("z", [BATCH, LATENT])).sigmoid();
  const runner = await Runner.create(device, toOnnx({ values }, weights), {
    batch: count,
    threads: 2,
  });
  const z = random.normal(streams.prior, 0, count * LATENT);
  runner.memory.view(runner.inputs.get("z")).set(z);
  await runner.run(count);
  const all = runner.output("values").slice();
  await runner.release();
  return Array.from({ length: count }, (_, i) => all.subarray(i * PIXELS, (i + 1) * PIXELS));
}

/** Trains one of `mistakes` on rows of 0 and 1, and measures it on others. */
export async function tryMistake(mistake, training, test, epochs) {
  const model = build(mistake);
  const plan = mistake === "rows" ? { batch: 1, epochs: 1 } : { batch: 128, epochs };
  const fitted = await learn(model, training.rows, training.count, plan);
  const measured = await measure(model, fitted.weights, test.rows, test.count);
  return { ...measured, ...fitted, samples: await drawRows(fitted.weights, 12) };
}
