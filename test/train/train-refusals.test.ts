// Data, options and folders that training refuses.
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
