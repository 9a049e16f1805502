// Moving averages of the weights are what is validated and kept.
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSafetensors } from "#elbo/train/safetensors.js";
import { correlated, trained } from "./support.ts";

const options = { epochs: 30, batch: 50, seed: 1, latent: 2, learningRate: 0.01 } as const;

async function weightsOf(run: string) {
  const read = async (file: string) => (await readSafetensors(join(run, file))).tensors;
  return { model: await read("model.safetensors"), state: await read("state.safetensors") };
}

test("without validation the model is the averages, and the state has both", async () => {
  const { out, epochs } = await trained(correlated(200, 4), {
    ...options,
    validation: 0,
    ema: 0.98,
  });
  const { model, state } = await weightsOf(out);
  let differences = 0;
  for (const [name, { data }] of model) {
    expect(data, name).toEqual(state.get(`optimizer/average/${name}`)!.data);
    const last = state.get(`weights/${name}`)!.data;
    differences += data.filter((value, i) => value !== last[i]).length;
  }
  expect(differences).toBeGreaterThan(0);
  // Averages move nothing of the training itself.
  const plain = await trained(correlated(200, 4), { ...options, validation: 0 });
  expect(epochs.map(({ train }) => train)).toEqual(plain.epochs.map(({ train }) => train));
});

test("a decay of 0 averages nothing: the model and its validation are those of the weights", async () => {
  const averaged = await trained(correlated(200, 4), { ...options, ema: 0 });
  const plain = await trained(correlated(200, 4), options);
  const losses = (of: typeof plain) => of.epochs.map(({ validation }) => validation!.loss);
  // a - (a - p) is p to a rounding of float32 in each weight.
  for (const [i, loss] of losses(averaged).entries()) {
    expect(Math.abs(loss - losses(plain)[i]!)).toBeLessThan(1e-4);
  }
});

test("validation is of the averages", async () => {
  const averaged = await trained(correlated(200, 4), { ...options, ema: 0.98 });
  const plain = await trained(correlated(200, 4), options);
  const last = (of: typeof plain) => of.epochs.at(-1)!;
  expect(last(averaged).train).toEqual(last(plain).train);
  expect(last(averaged).validation!.loss).not.toBe(last(plain).validation!.loss);
});
