// --auto-fix: runs that are ill get a remedy, and are the better for it; and rates that change when
// a run goes on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { openRun } from "#elbo/tasks/run.js";
import type { FixEvent } from "#elbo/train/events.js";
import { readEpochs } from "#elbo/train/metrics-file.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, correlatedValues, trained } from "./support.ts";

const small = { network: "mlp:16", seed: 1 } as const;

async function fixed(...[data, options]: Parameters<typeof trained>) {
  const { events, out, result } = await trained(data, { ...small, autoFix: true, ...options });
  const fixes = events.filter((event): event is FixEvent => event.event === "fix");
  expect(events.filter(({ event }) => event === "done")).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ event: "done", run: out });
  return { fixes, out, result };
}

test("a posterior that a large β closed opens at the ELBO", async () => {
  const options = { epochs: 60, beta: 10, warmup: 0, learningRate: 0.005 };
  const { fixes, out } = await fixed(correlated(300, 5), options);
  const [began, ended] = fixes as [FixEvent, FixEvent];
  expect(began).toMatchObject({ code: "posterior-collapse", after: null });
  expect(ended).toMatchObject({ code: "posterior-collapse", kept: true });
  expect(ended.before.activeUnits).toBe(0);
  expect(ended.after!.activeUnits).toBeGreaterThan(0);
  expect(ended.after!.validation!.elbo!).toBeGreaterThan(ended.before.validation!.elbo!);
  expect((await openRun(out)).config.training.beta).toBe(1);
  expect((await openRun(`${out}.set-aside`)).config.training.beta).toBe(10);
});

test("columns that have nothing in common gain nothing by a remedy, and the run as it was goes on", async () => {
  const noise = tableOf(new Random(5).normal(streams.synthetic, 0, 1600 * 4), 4);
  const { fixes, out } = await fixed(noise, { epochs: 60, warmup: 0 });
  const ended = fixes.find(({ code, after }) => code === "posterior-collapse" && after)!;
  expect(ended.kept).toBe(false);
  expect(ended.after!.validation!.elbo!).toBeLessThan(ended.before.validation!.elbo!);
  expect((await openRun(out)).config.model.kl.freeBits).toBe(0);
  expect(await readEpochs(out)).toHaveLength(60);
  expect((await openRun(`${out}.set-aside`)).config.model.kl.freeBits).toBe(0.5);
});

test("steps that were too large are made smaller", async () => {
  const { fixes, out } = await fixed(correlated(400, 5), { epochs: 20, learningRate: 0.5 });
  const last = fixes.filter(({ after, kept }) => after && kept).at(-1)!;
  expect(last.code).toBe("learning-rate-high");
  expect(last.after!.validation!.elbo!).toBeGreaterThan(last.before.validation!.elbo!);
  expect((await openRun(out)).config.training.optimizer.learningRate).toBeLessThan(0.5);
});

test("a column of heaps gets a likelihood that can have them", async () => {
  const random = new Random(11);
  const normal = random.normal(streams.synthetic, 0, 1500 * 2);
  const even = random.uniform(streams.synthetic, 1, 1500);
  const heap = Array.from(even, (u, i) => (u < 0.9 ? 0.5 : 3 + normal[2 * i]!));
  const data = columnsOf({ heap, a: heap.map((_, i) => normal[2 * i + 1]!) });
  const { fixes, out } = await fixed(data, { epochs: 12, kind: { heap: "real" } });
  const ended = fixes.find(({ code, after }) => code === "likelihood-misfit" && after)!;
  expect(ended).toMatchObject({ remedy: "--likelihood heap=gaussian-mixture", kept: true });
  expect(ended.after!.validation!.elbo!).toBeGreaterThan(ended.before.validation!.elbo! + 0.5);
  const { fields } = (await openRun(out)).config.schema;
  expect(fields.map((field) => "likelihood" in field && field.likelihood)).toEqual([
    ...["gaussian-mixture", "gaussian"],
  ]);
});

test("a codebook that nothing revives is revived", async () => {
  const options = { method: "vq-vae", latent: 16, batch: 256, epochs: 10 } as const;
  const methodOption = { revival: 0, width: 16 };
  const { fixes, out } = await fixed(correlated(800, 5), { ...options, methodOption });
  expect(fixes[1]).toMatchObject({ code: "dead-codes", kept: true });
  const { model } = (await openRun(out)).config;
  expect(model.options).toMatchObject({ revival: 0.03, width: 16 });
});

test("of a healthy run it says nothing and changes nothing", async () => {
  const options = { epochs: 40, latent: 1, learningRate: 0.01 };
  const { fixes, out } = await fixed(correlated(400, 5), options);
  expect(fixes).toEqual([]);
  expect(existsSync(`${out}.set-aside`)).toBe(false);
});

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
