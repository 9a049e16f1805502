// Data, options and folders that training refuses.
import { describe, expect, test } from "vitest";
import type { DataSet } from "#elbo/data/dataset.js";
import { tableOf } from "#elbo/data/table.js";
import type { TrainOptions } from "#elbo/train/settings.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, grey, trained } from "./support.ts";

describe("what does not fit the data", () => {
  const table = correlated(60, 3);
  const refusals: [string, DataSet, TrainOptions, string][] = [
    [
      "Bernoulli on scaled columns",
      tableOf([[0, 1]]),
      { likelihood: "bernoulli" },
      "likelihood-range",
    ],
    [
      "Bernoulli beyond 1",
      tableOf([[0, 2]]),
      { likelihood: "bernoulli", scale: "none" },
      "likelihood-range",
    ],
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
    const { result } = await trained(tableOf([[1, 2, 3]]), { epochs: 2, validation: 0.9 });
    expect(result.config.training.batch).toBe(1);
  });
});
