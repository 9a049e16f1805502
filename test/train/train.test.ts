// Training from rows to a run folder: what is written, told, chosen and refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { rowUse, splitRows } from "#elbo/data/split.js";
import { trainingGraph } from "#elbo/models/graphs.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { openRun } from "#elbo/tasks/run.js";
import { klWeightAt } from "#elbo/train/job.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, correlatedValues, grey, trained } from "./support.ts";

/** Whole batches: one step an epoch. */
const oneStep = { batch: 64, validation: 0 } as const;

test("events come in order, and metrics.jsonl holds the epochs", async () => {
  const { events, epochs, out, result } = await trained(correlated(100, 4), {
    epochs: 3,
    network: "mlp:8",
    seed: 3,
  });
  const kinds = events.map(({ event }) => event).filter((kind) => kind !== "step");
  expect(kinds).toEqual(["start", "epoch", "epoch", "epoch", "done"]);
  const [start] = events;
  expect(start).toMatchObject({ event: "start", run: out, device: "cpu", threads: 1 });
  expect(start).toMatchObject({ settings: { training: { seed: 3, epochs: 3 } } });
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(epochs);
  expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  for (const { train, validation, rowsPerSecond } of epochs) {
    for (const parts of [train, validation!]) {
      expect(parts.loss).toBeCloseTo(parts.reconstruction + parts.kl!, 4);
      expect(parts.elbo).toBeCloseTo(-parts.loss, 4);
    }
    expect(rowsPerSecond).toBeGreaterThan(0);
  }
  expect(result).toMatchObject({
    event: "done",
    ok: true,
    run: out,
    epochs: 3,
    interrupted: false,
  });
  const { config, weights } = await openRun(out);
  expect(config).toEqual(result.config);
  const count = [...weights.values()].reduce((sum, { length }) => sum + length, 0);
  expect(start).toMatchObject({ parameters: count });
});

test("learning pays: the elbo of held-out rows rises", async () => {
  const { epochs } = await trained(correlated(400, 5), {
    epochs: 20,
    network: "mlp:16",
    latent: 1,
    learningRate: 0.01,
  });
  // One common factor of variance 1 beside 0.25 is worth over a nat to five columns.
  expect(epochs.at(-1)!.validation!.elbo!).toBeGreaterThan(epochs[0]!.validation!.elbo! + 1);
});

test("the held-out rows choose the epoch, patience ends the run, and the best is kept", async () => {
  // Noise without structure: what is learned of it does not hold for other rows.
  const values = new Random(5).normal(streams.synthetic, 0, 60 * 6);
  const noise = tableOf(values, 6);
  const { epochs, out, result } = await trained(noise, {
    method: "ae",
    network: "mlp:128",
    latent: 3,
    learningRate: 0.02,
    epochs: 300,
    validation: 0.3,
    patience: 4,
  });
  const losses = epochs.map(({ validation }) => validation!.loss);
  const best = losses.indexOf(Math.min(...losses)) + 1;
  expect(result.best.epoch).toBe(best);
  expect(result.epochs).toBe(best + 4);
  expect(result.epochs).toBeLessThan(300);
  const run = await openRun(out);
  expect(run.epoch).toBe(best);
  const uses = await splitRows(noise, { split: { by: "random" }, share: 0.3, seed: 0 });
  const rows = [...uses.keys()].filter((row) => uses[row] === rowUse.heldOut);
  const held = tableOf(rows.map((row) => values.subarray(row * 6, (row + 1) * 6)));
  const { mse } = await evaluate(run, held, { threads: 1 });
  expect(mse).toBeCloseTo(losses[best - 1]!, 6);
});

test("warm-up raises the KL term's weight evenly, and validation counts it whole", async () => {
  const { epochs, result } = await trained(correlated(71, 3), {
    epochs: 4,
    warmup: 8,
    beta: 2,
    network: "mlp:8",
    batch: 64,
    validation: 0.1,
  });
  expect(result.config.training).toMatchObject({ warmup: 8, beta: 2 });
  for (const { epoch, train, validation } of epochs) {
    expect(train.loss - train.reconstruction).toBeCloseTo((2 * epoch * train.kl!) / 8, 4);
    expect(validation!.loss - validation!.reconstruction).toBeCloseTo(2 * validation!.kl!, 4);
  }
  const weights = [0, 4, 8, 16].map((at) => klWeightAt(result.config, at));
  expect(weights).toEqual([0, 1, 2, 2]);
});

describe("two phases", () => {
  const options = { ...oneStep, network: "mlp:8", schedule: "two-phase", seed: 4 } as const;
  const trainedFor = async (epochs: number, more: TrainOptions = {}) => {
    const run = await trained(correlated(64, 4), { ...options, ...more, epochs });
    return { ...run, ...(await openRun(run.out)) };
  };
  const part = (weights: ReadonlyMap<string, Float32Array>, prefix: string) =>
    new Map([...weights].filter(([name]) => name.startsWith(prefix)));

  test("an encoder phase leaves the decoder's bytes, and the other way round", async () => {
    const [one, two] = [await trainedFor(1), await trainedFor(2)];
    const { parameters } = trainingGraph(one.config.schema, one.config.model);
    const initial = parameters.initialize(new Random(4));
    expect(part(one.weights, "decoder.")).toEqual(part(initial, "decoder."));
    for (const [name, values] of part(one.weights, "encoder.")) {
      expect(values, name).not.toEqual(initial.get(name));
    }
    expect(part(two.weights, "encoder.")).toEqual(part(one.weights, "encoder."));
    for (const [name, values] of part(two.weights, "decoder.")) {
      expect(values, name).not.toEqual(initial.get(name));
    }
  });

  test("each phase lowers the loss by gradient descent", async () => {
    const { epochs } = await trainedFor(8, { method: "ae", optimizer: "sgd", learningRate: 0.05 });
    const losses = epochs.map(({ train }) => train.loss);
    for (let i = 1; i < losses.length; i++) expect(losses[i]!).toBeLessThan(losses[i - 1]!);
  });
});

test("two workers learn what one learns, but for rounding", async () => {
  const options = {
    network: "conv:4,4/16",
    batch: 20,
    epochs: 2,
    latent: 2,
    validation: 0,
  } as const;
  const [one, two] = await Promise.all(
    [1, 2].map((threads) => trained(grey(50, 8), { ...options, threads })),
  );
  expect(one!.result.config.compute.workers).toBe(1);
  expect(two!.result.config.compute.workers).toBe(2);
  for (const [i, { train }] of one!.epochs.entries()) {
    const { loss } = two!.epochs[i]!.train;
    expect(Math.abs(loss - train.loss)).toBeLessThan(1e-5 * Math.abs(train.loss));
  }
  const [first, second] = [await openRun(one!.out), await openRun(two!.out)];
  for (const [name, values] of first.weights) {
    const others = second.weights.get(name)!;
    // Adam divides a gradient by its own size: rounding of one near zero moves a weight by up to
    // its share of the rate, 1e-3, at each of 6 steps.
    for (const [i, value] of values.entries()) {
      expect(Math.abs(others[i]! - value), name).toBeLessThan(1e-4);
    }
  }
});

describe("a loss that is no number", () => {
  const diverging = { method: "ae", network: "linear", optimizer: "sgd", latent: 2 } as const;

  test("names its step and term, and says nothing of a model that is not there", async () => {
    const error = await elboError(() =>
      trained(correlated(64, 4), {
        ...oneStep,
        network: "mlp:8",
        optimizer: "sgd",
        learningRate: 1e30,
        epochs: 5,
      }),
    );
    expect(error.code).toBe("loss-not-finite");
    expect(error.message).toMatch(
      /the loss became (NaN|Infinity) at step 1 of epoch 3, in its term (reconstruction|kl)/,
    );
    expect(error.hint).toMatch(/--lr 1e\+29, or train anew with --clip 1\.$/);
  });

  test("names the column that alone is no number", async () => {
    const values = correlatedValues(64, 3);
    const column = (j: number, scale: number) =>
      Float64Array.from({ length: 64 }, (_, i) => scale * values[3 * i + j]!);
    const columns = { near: column(0, 1), far: column(1, 1e25), here: column(2, 1) };
    // A target is not encoded, so that the others stay what they are.
    const wild = {
      ...oneStep,
      method: "ae",
      network: "mlp:8",
      scale: "none",
      target: ["far"],
      latent: 2,
    } as const;
    const error = await elboError(() => trained(columnsOf(columns), wild));
    expect(error.message).toBe(
      "the loss became Infinity at step 1 of epoch 1, in its term target (column far)",
    );
  });

  test("keeps the best model so far", async () => {
    const out = join(testFolder(), "run");
    const options = { ...diverging, out, batch: 58, validation: 0.1, epochs: 60 } as const;
    const error = await elboError(() =>
      train(correlated(64, 4), { ...options, learningRate: 10, threads: 1 }),
    );
    expect(error.code).toBe("loss-not-finite");
    expect(error.hint).toMatch(/^The best model so far is kept/);
    const { weights, epoch } = await openRun(out);
    expect(epoch).toBeGreaterThan(0);
    for (const values of weights.values()) expect(values.every(Number.isFinite)).toBe(true);
  });
});

test("data in other units of a power of two trains to the same bytes, and its elbo moves by their log", async () => {
  const values = correlatedValues(64, 3);
  const [set, scaled] = [values, values.map((v) => 1024 * v)].map((rows) => tableOf(rows, 3));
  const options = { epochs: 2, network: "mlp:8", validation: 0.2 };
  const [a, b] = [await trained(set!, options), await trained(scaled!, options)];
  expect((await openRun(b.out)).weights).toEqual((await openRun(a.out)).weights);
  for (const [i, { train, validation }] of a.epochs.entries()) {
    const shift = 3 * Math.log(1024);
    // The shift is a float32 beside each value.
    expect(b.epochs[i]!.train.elbo! + shift).toBeCloseTo(train.elbo!, 5);
    expect(b.epochs[i]!.validation!.elbo! + shift).toBeCloseTo(validation!.elbo!, 5);
  }
});

test("bits drawn from pixels have the pixels' brightness", async () => {
  // A decoder of one latent that learns nothing but each pixel's mean: no encoder could know more.
  const rows = 2000;
  const values = Uint8Array.from({ length: rows * 4 }, (_, i) => [0, 64, 192, 255][i % 4]!);
  const set = imagesOf(values, [2, 2, 1]);
  const { out } = await trained(set, {
    epochs: 1,
    binarize: "dynamic",
    network: "mlp:4",
    latent: 1,
  });
  const { baselines } = await evaluate(out, set, { threads: 1 });
  // The variance of bits is p(1 − p), whose mean over the four pixels is this one.
  const p = [0, 64 / 255, 192 / 255, 1];
  const expected = p.reduce((sum, q) => sum + q * (1 - q), 0) / 4;
  const spread = Math.sqrt(p.reduce((sum, q) => sum + q * (1 - q) * (1 - 2 * q) ** 2, 0));
  expect(Math.abs(baselines.mean!.mse - expected)).toBeLessThan(
    (5 * spread) / 4 / Math.sqrt(rows) + 1e-3,
  );
});
