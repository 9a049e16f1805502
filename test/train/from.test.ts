// Training that starts from another run's weights.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { readSafetensors } from "#elbo/train/safetensors.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";
import { correlated, mixed, trained } from "./support.ts";

const options = { epochs: 20, batch: 50, seed: 1, latent: 2 } as const;

test("it starts where the other run's model stood, with its fields, and a new optimiser", async () => {
  const first = await trained(correlated(200, 4), options);
  // A rate of almost nothing leaves the weights: they are the other's.
  const still = await trained(correlated(150, 4, 2), {
    from: first.out,
    epochs: 1,
    learningRate: 1e-30,
  });
  const weights = async (run: string, file: string) =>
    (await readSafetensors(join(run, file))).tensors;
  const model = await weights(first.out, "model.safetensors");
  for (const [name, { data }] of await weights(still.out, "model.safetensors")) {
    expect(data, name).toEqual(model.get(name)!.data);
  }
  expect(still.result.config.schema).toEqual(first.result.config.schema);
  expect(still.result.config.model).toEqual(first.result.config.model);
  expect(still.result.config.from).toBe(first.out);
  // Other rows of the same kind: it begins far better than weights that were drawn.
  const more = await trained(correlated(150, 4, 2), { from: first.out, epochs: 3 });
  const anew = await trained(correlated(150, 4, 2), { latent: 2, epochs: 3 });
  expect(more.epochs[0]!.train.loss).toBeLessThan(anew.epochs[2]!.train.loss);
});

test("other fields or another architecture are refused, with the difference", async () => {
  const { out } = await trained(correlated(200, 4), { ...options, epochs: 1 });
  const before = readFileSync(join(out, "model.safetensors"));
  const folder = testFolder();
  const from = (data: Parameters<typeof train>[0], given: object) =>
    train(data, { from: out, out: join(folder, "new"), ...given });
  const same = correlated(100, 4);
  await expect(from(same, { latent: 3 })).rejects.toMatchObject({
    code: "from-model",
    message: `${out} has another architecture: --latent is 2 there, and 3 was asked for`,
  });
  await expect(from(same, { network: "mlp:9", method: "ae" })).rejects.toMatchObject({
    code: "from-model",
    message: expect.stringContaining('--method is "vae" there, and "ae" was asked for; --network'),
  });
  await expect(from(same, { target: ["c"], scale: "none" })).rejects.toMatchObject({
    code: "options-contradict",
    message: expect.stringContaining("it does not go with --target, --scale"),
  });
  await expect(from(mixed(100, 0), {})).rejects.toMatchObject({ code: "data-mismatch" });
  await expect(from(join(folder, "none.csv"), { from: folder })).rejects.toMatchObject({
    code: "run-missing",
  });
  expect(readFileSync(join(out, "model.safetensors"))).toEqual(before);
  // Options that name what the run has are no difference.
  const { config } = await from(same, { latent: 2, method: "vae", epochs: 1, freeBits: 0.1 });
  expect(config.model.kl.freeBits).toBe(0.1);
});

test("missing cells where the run had none are refused", async () => {
  const full = Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const { out } = await trained(columnsOf({ a: full, b: full }), { epochs: 1 });
  const gappy = columnsOf({ a: full, b: full.map((value, i) => (i === 7 ? null : value)) });
  await expect(
    train(gappy, { from: out, out: join(testFolder(), "r"), epochs: 1, validation: 0 }),
  ).rejects.toMatchObject({ code: "from-gaps", message: expect.stringContaining("cells in b,") });
});
