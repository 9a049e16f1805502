// The plain VAE on the whole of MNIST, beside the same in PyTorch.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { evaluate, sampleTo, train } from "elbojs";
import { fixed } from "./format.mjs";
import { images, twin } from "./mnist.mjs";

const epochs = 30;

async function compute(folder, seed) {
  const out = join(folder, "run");
  const settings = { network: "mlp:400", latent: 20, binarize: "dynamic", epochs, batch: 128 };
  const data = images("train");
  const { seconds } = await train(data, { ...settings, out, seed, validation: 0, force: true });
  const { elbo, kl, nll } = await evaluate(out, images("t10k"), { importanceSamples: 100 });
  if (seed === 1) {
    mkdirSync("docs/images", { recursive: true });
    await sampleTo("docs/images/mnist-samples.png", out, 100, { force: true });
  }
  const peer = twin("mnist_elbo", "--seed", String(seed), "--epochs", String(epochs));
  return { elbo, kl, nll, seconds, twin: peer?.testElboOneSample };
}

export const plainVae = {
  name: "plain-vae",
  title: "MNIST: the plain VAE",
  text: `
60,000 training images, pixels binarised anew with their brightness at every step
(\`--binarize dynamic\`); 784-400-20 with ReLU, Bernoulli likelihood, Adam 1e-3, batches of 128,
${epochs} epochs, no validation rows. Tested on the 10,000 test images, binarised once with a fixed seed. The
twin is \`bench/peers/mnist_elbo.py\`: the same model and schedule in PyTorch (its test bits are drawn
by its own generator).

    elbo train train-images-idx3-ubyte.gz --network mlp:400 --latent 20 --binarize dynamic \\
      --epochs ${epochs} --batch 128 --validation 0 --seed 1

A hundred samples of the prior, seed 1:

![Digits drawn by the model](images/mnist-samples.png)`,
  columns: [
    { title: "test ELBO", of: ({ elbo }) => fixed(elbo) },
    { title: "KL", of: ({ kl }) => fixed(kl) },
    {
      title: "log p(x), 100 importance samples",
      of: ({ nll }) => `${fixed(-nll.value)} ± ${fixed(nll.standardError)}`,
    },
    { title: "seconds to train", of: ({ seconds }) => fixed(seconds, 0) },
    { title: "PyTorch test ELBO", of: ({ twin: value }) => fixed(value) },
  ],
  rows: [1, 2, 3].map((seed) => ({
    name: `seed-${seed}`,
    title: `seed ${seed}`,
    compute: (folder) => compute(folder, seed),
  })),
};
