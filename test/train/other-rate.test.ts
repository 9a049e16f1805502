// Rates that change when a run goes on.
import { join } from "node:path";
import { expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { openRun } from "#elbo/tasks/run.js";
import { readEpochs } from "#elbo/train/metrics-file.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, correlatedValues } from "./support.ts";

const small = { network: "mlp:16", seed: 1 } as const;

test("a loss that became no number goes on at a lower rate, told by the configuration", async () => {
  const out = join(testFolder(), "run");
  const options = { ...small, epochs: 6 };
  const data = tableOf(correlatedValues(200, 3), 3);
  const error = await elboError(() =>
    train(data, { ...options, out, threads: 1, learningRate: 1e18, optimizer: "sgd" }),
  );
  expect(error).toMatchObject({ code: "loss-not-finite" });
  expect(error.hint).toContain("--resume RUN --lr ");
  await resume(out, data, { learningRate: 0.01 });
  const { config } = await openRun(out);
  expect(config.training.optimizer.learningRate).toBe(0.01);
  const epochs = await readEpochs(out);
  expect(epochs).toHaveLength(6);
  expect(Number.isFinite(epochs.at(-1)!.train.loss)).toBe(true);
});

test("a run that goes on at another rate keeps the rates before", async () => {
  const out = join(testFolder(), "run");
  const data = correlated(200, 3);
  const controller = new AbortController();
  await train(
    data,
    { ...small, out, threads: 1, epochs: 30, learningRate: 0.02 },
    {
      signal: controller.signal,
      onEvent: ({ event }) => event === "epoch" && controller.abort(),
    },
  );
  const stopped = (await readEpochs(out)).length;
  await resume(out, data, { learningRate: 0.002 });
  const { training } = (await openRun(out)).config;
  expect(training.optimizer.learningRate).toBe(0.002);
  expect(training.ratesBefore).toEqual([{ learningRate: 0.02, epochs: stopped }]);
  expect(await readEpochs(out)).toHaveLength(30);
});
