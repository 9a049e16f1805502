// The autoencoder 10-20-10 (ReLU, sigmoid, squared error), batch 32 of 100 random rows.
import { tableOf } from "elbojs";
import { Random, streams } from "#elbo/runtime/random.js";
import { report, timedTraining } from "./common.mjs";

const values = new Random(0).uniform(streams.synthetic, 0, 1000);
const data = tableOf(values, 10);
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
