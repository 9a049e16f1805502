// MNIST as the tables take it, training and testing by the library, and the twins in PyTorch.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { evaluate, openData, train } from "elbojs";
import { someRows } from "../some-rows.mjs";

export const dataFolder = (name = "mnist") => join(process.env.ELBO_DATA ?? "../shared/data", name);
export const images = (part, name) => join(dataFolder(name), `${part}-images-idx3-ubyte.gz`);
export const python = process.env.ELBO_PYTHON;

/** The first rows of a set of images. */
export const firstRows = async (part, count, name) =>
  someRows(await openData(images(part, name)), (row) => row < count);

/** What a twin prints; null without a Python. */
export function twin(script, ...flags) {
  if (!python) return null;
  const words = [`bench/peers/${script}.py`, "--data", dataFolder(), "--threads", "1", ...flags];
  const output = execFileSync(python, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  return JSON.parse(output.trim().split("\n").at(-1));
}

const defaults = {
  ...{ network: "mlp:200,200", activation: "tanh", latent: 50, batch: 100, binarize: "dynamic" },
  ...{ validation: 0, seed: 1 },
};

/** Trains on the first rows, and tells log p(x) of the first 2,000 test rows by 500 draws of each. */
export async function likelihood(folder, { rows = 10_000, ...settings }) {
  const out = join(folder, "run");
  const source = await firstRows("train", rows);
  const { seconds } = await train(source, { ...defaults, ...settings, out, force: true });
  const test = await firstRows("t10k", 2000);
  const { nll, elbo, kl, activeUnits } = await evaluate(out, test, { importanceSamples: 500 });
  const logLikelihood = -nll.value;
  return { logLikelihood, standardError: nll.standardError, elbo, kl, activeUnits, seconds };
}
