// Data, options and folders that training refuses.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, grey, trained } from "./support.ts";

describe("what does not fit the data", () => {
  const table = correlated(60, 3);
  const refusals: [string, DataSource, TrainOptions, string][] = [
    ["Bernoulli of values beyond 1", table, { likelihood: "bernoulli" }, "likelihood-range"],
    [
      "Bernoulli beyond 1",
      columnsOf({ x: [0, 2, 0, 2], y: [0.5, 1, 1.5, 2] }),
      { kind: { x: "binary" } },
      "kind-impossible",
    ],
    ["a likelihood of another kind", table, { likelihood: { x0: "gamma" } }, "likelihood-unfit"],
    ["squared errors as a density", table, { likelihood: "squared-error" }, "options-contradict"],
    [
      "a density for an autoencoder",
      table,
      { method: "ae", likelihood: "laplace" },
      "options-contradict",
    ],
    ["a target that is not there", table, { target: ["y"] }, "column-unknown"],
    ["two roles of a column", table, { target: ["x0"], condition: ["x0"] }, "column-two-roles"],
    ["weights below 0", table, { weight: "x0" }, "weight-invalid"],
    ["bits of a table", table, { binarize: "dynamic" }, "option-value"],
    ["convolutions of a table", table, { network: "conv:4" }, "network-spec"],
    ["convolutions below one pixel", grey(4, 3), { network: "conv:4,4,4" }, "network-spec"],
    [
      "patience with too few rows to hold out",
      correlated(20, 3),
      { patience: 2 },
      "options-contradict",
    ],
  ];
  test.each(refusals)("%s", async (_, data, options, code) => {
    const error = await elboError(() => trained(data, options));
    expect(error).toMatchObject({ code, kind: "usage" });
  });

  test.each<[string, TrainOptions, string, string]>([
    [
      "more levels than latents",
      { method: "ladder-vae", methodOption: { levels: 5 }, latent: 3 },
      "received 5 levels for 3 latents",
      "Give --latent 5 or more, or --method-option levels=3.",
    ],
    [
      "levels of a chain",
      { method: "bit-swap", methodOption: { levels: 4 }, latent: 3 },
      "levels of bit-swap has a latent at least, received 4 levels for 3 latents",
      "Give --latent 4 or more, or --method-option levels=3.",
    ],
    [
      "the levels of no option",
      { method: "ladder-vae", latent: 1 },
      "received 2 levels for 1 latent",
      "Give --latent 2 or more, or --method-option levels=1.",
    ],
    [
      "a KL balanced in a rise that there is not",
      { method: "ladder-vae", methodOption: { balance: "yes" }, warmup: 0 },
      "received yes, and there are none",
      "Give --warmup 1 or more",
    ],
    [
      "a coupling of one latent",
      { method: "flow-vae", methodOption: { flow: "coupling" }, latent: 1 },
      "received --latent 1",
      "Give --latent 2 or more",
    ],
    ["a flow of one latent", { method: "flow-vae", latent: 1 }, "the flow iaf", "--method vae"],
    [
      "pieces that do not make up the latents",
      { method: "vq-vae", methodOption: { width: 2 }, latent: 3 },
      "received 2 for 3 latents",
      "Give --latent 4",
    ],
  ])("%s", async (_, options, message, hint) => {
    const out = join(testFolder(), "run");
    const error = await elboError(() => train(table, { out, ...options }));
    expect(error).toMatchObject({ code: "method-option", kind: "usage" });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(existsSync(out)).toBe(false);
  });

  test("a KL that is balanced in a rise, or below the ELBO's weight, trains", async () => {
    const balanced = { method: "ladder-vae", methodOption: { balance: "yes" }, epochs: 2 } as const;
    for (const rise of [{ warmup: 1 }, { cycles: 1 }, { warmup: 0, beta: 0.5 }]) {
      const { result } = await trained(table, { ...balanced, ...rise, network: "mlp:4" });
      expect(result.epochs).toBe(2);
    }
  });

  test("a folder that exists, unless it is a run and force is given", async () => {
    const { out } = await trained(table, { epochs: 1, network: "mlp:4" });
    const again = { out, epochs: 1, network: "mlp:4", threads: 1 };
    expect(await elboError(() => train(table, again))).toMatchObject({
      code: "output-exists",
      kind: "usage",
    });
    await train(table, { ...again, force: true });
    const error = await elboError(() => train(table, { ...again, out: testFolder(), force: true }));
    expect(error.message).toContain("is no run folder");
  });

  test("one row trains alone", async () => {
    const { result } = await trained(tableOf([[1, 2, 3]]), {
      epochs: 2,
      validation: 0.9,
      // One row does not vary: its columns would be left out.
      kind: { x0: "real", x1: "real", x2: "real" },
    });
    expect(result.config.training.batch).toBe(1);
  });
});
