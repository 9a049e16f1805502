// An autoencoder and a variational autoencoder of 100 random rows of 10 numbers in [0, 1): the
// smallest whole use of the library. Node 22.18 and later run this file as it is:
//
//   node examples/random-data.ts
//
// The rows are noise, so there is nothing to find. The autoencoder has room to copy some of it. The
// VAE says in nats that its latents are worth nothing: its KL goes to 0, and its ELBO stays near
// that of ten fair coins, −10 log 2 = −6.93.
import {
  encode,
  evaluate,
  type ModelRows,
  Random,
  reconstruct,
  sample,
  streams,
  type TrainOptions,
  tableOf,
  train,
} from "elbojs";

const values = new Random(42).uniform(streams.synthetic, 0, 100 * 10);
const data = tableOf(values, 10);

/** The numbers are in [0, 1) already, and every row trains. */
const shared = {
  activation: "relu",
  output: "sigmoid",
  optimizer: "adam",
  learningRate: 0.001,
  epochs: 100,
  batch: 32,
  scale: "none",
  validation: 0,
  force: true,
} satisfies TrainOptions;

const round = (numbers: ArrayLike<number>) =>
  Array.from(numbers, (value) => value.toFixed(2)).join(" ");

/** The first of the rows that a model gives, which are columns. */
const firstRow = ({ values: columns }: ModelRows) =>
  columns.flatMap((column) => (column.type === "number" ? [column.values[0]!] : []));

// 10 → 20 (ReLU) → 10 (sigmoid). The code is the hidden layer, so no other layer is hidden.
const autoencoder = await train(data, {
  ...shared,
  out: "runs/random-autoencoder",
  method: "ae",
  network: "linear",
  latent: 20,
  codeActivation: "relu",
});
const copied = await evaluate(autoencoder.run, data);
console.log(`autoencoder  mean squared error ${copied.mse!.toFixed(4)}`);
console.log(`             of the mean row    ${copied.baselines.mean!.mse.toFixed(4)}`);
console.log(`  row 1      ${round(values.subarray(0, 10))}`);
console.log(`  its copy   ${round(firstRow(await reconstruct(autoencoder.run, data)))}`);

// 10 → 20 (ReLU) → mean and variance of 5 latents → 20 (ReLU) → 10 (sigmoid). Each output is the
// chance of a 1, of which a number between 0 and 1 is the expectation.
const vae = await train(data, {
  ...shared,
  out: "runs/random-vae",
  method: "vae",
  likelihood: "bernoulli",
  network: "mlp:20",
  latent: 5,
});
const { elbo, kl } = await evaluate(vae.run, data);
console.log(`vae          ELBO ${elbo!.toFixed(2)} nats a row, KL ${kl!.toFixed(2)}`);
const { mean } = await encode(vae.run, data);
console.log(`  latents of row 1  ${round(mean.subarray(0, 5))}`);
console.log(`  a new row         ${round(firstRow(await sample(vae.run, 1)))}`);
