// The autoencoder 10-20-10 (ReLU, sigmoid, squared error), batch 32 of 100 random rows.
import { Random, streams } from "#elbo/runtime/random.js";
import { report, timedTraining } from "./common.mjs";

const values = new Random(0).uniform(streams.synthetic, 0, 1000);
const columns = Array.from({ length: 10 }, (_, i) => `x${i}`);
const data = {
  source: "random",
  kind: "table",
  values,
  rows: 100,
  shape: [10],
  columns,
  notes: [],
};
const settings = {
  method: "ae",
  network: "linear",
  latent: 20,
  codeActivation: "relu",
  batch: 32,
  scale: "none",
  output: "sigmoid",
  epochs: 30_000,
};
report("tiny", { ...(await timedTraining(data, settings, { every: 5000 })), threads: 1 });
