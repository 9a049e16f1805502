// What the models reach on real data, beside their PyTorch twins: `npm run results` writes
// docs/results.md. ELBO_DATA says where the data is (default ../shared/data); ELBO_PYTHON names a
// Python with PyTorch, without which the twin's column stays empty. Takes about 15 minutes.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate, sampleTo, train } from "elbojs";

const data = join(process.env.ELBO_DATA ?? "../shared/data", "mnist");
const images = (part) => join(data, `${part}-images-idx3-ubyte.gz`);
const python = process.env.ELBO_PYTHON;
const folder = mkdtempSync(join(tmpdir(), "elbo-results-"));
const seeds = [1, 2, 3];
const epochs = 30;

function twin(seed) {
  if (!python) return null;
  const flags = [
    "--data",
    data,
    "--seed",
    String(seed),
    "--epochs",
    String(epochs),
    "--threads",
    "2",
  ];
  const output = execFileSync(python, ["bench/peers/mnist_elbo.py", ...flags], {
    encoding: "utf8",
  });
  return JSON.parse(output.trim().split("\n").at(-1));
}

const rows = [];
for (const seed of seeds) {
  const out = join(folder, `run-${seed}`);
  const settings = { network: "mlp:400", latent: 20, binarize: "dynamic", epochs, batch: 128 };
  const { seconds } = await train(images("train"), { ...settings, out, seed, validation: 0 });
  const report = await evaluate(out, images("t10k"), { importanceSamples: 100 });
  const peer = twin(seed);
  rows.push({ seed, seconds, report, peer });
  console.error(`seed ${seed}: elbo ${report.elbo}, twin ${peer?.testElboOneSample ?? "not run"}`);
  if (seed === 1) {
    mkdirSync("docs/images", { recursive: true });
    await sampleTo("docs/images/mnist-samples.png", out, 100, { force: true });
  }
}
rmSync(folder, { recursive: true });

const fixed = (value, digits = 2) => (value === undefined ? "–" : value.toFixed(digits));
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const ours = rows.map(({ report }) => report.elbo);
const theirs = rows.flatMap(({ peer }) => (peer ? [peer.testElboOneSample] : []));
const table = rows.map(
  ({ seed, seconds, report, peer }) =>
    `| ${seed} | ${fixed(report.elbo)} | ${fixed(report.kl)} | ${fixed(-report.nll.value)} ± ${fixed(report.nll.standardError)} | ${fixed(seconds, 0)} | ${fixed(peer?.testElboOneSample)} |`,
);
writeFileSync(
  "docs/results.md",
  `# Results

Written by \`npm run results\` on ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}${theirs.length > 0 ? `, PyTorch ${rows[0].peer.torch}` : ""}.

## MNIST: the plain VAE

60,000 training images, pixels binarised anew with their brightness at every step
(\`--binarize dynamic\`); 784-400-20 with ReLU, Bernoulli likelihood, Adam 1e-3, batches of 128,
${epochs} epochs, no validation rows. Tested on the 10,000 test images, binarised once with a fixed seed; nats
per image. The twin is \`bench/peers/mnist_elbo.py\`: the same model and schedule in PyTorch (its test
bits are drawn by its own generator).

    elbo train train-images-idx3-ubyte.gz --network mlp:400 --latent 20 --binarize dynamic \\
      --epochs ${epochs} --batch 128 --validation 0 --seed 1

| seed | test ELBO | KL | log p(x), 100 importance samples | seconds to train | PyTorch test ELBO |
| --- | --- | --- | --- | --- | --- |
${table.join("\n")}
| mean | ${fixed(mean(ours))} | | | | ${theirs.length > 0 ? fixed(mean(theirs)) : "–"} |

A hundred samples of the prior, seed 1:

![Digits drawn by the model](images/mnist-samples.png)
`,
);
