// The same seed, device and number of threads give the same bytes, run after run and across a stop.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { Random } from "#elbo/runtime/random.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { resume, train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";

const table = tableOf(new Random(3).normal(100, 1, 160 * 6), ["a", "b", "c", "d", "e", "f"]);
const images = imagesOf(
  Uint8Array.from(new Random(4).uniform(100, 1, 160 * 64), (u) => 256 * u),
  [8, 8, 1],
);

const mlp: TrainOptions = { network: "mlp:32", latent: 3, batch: 16, device: "cpu", threads: 2 };
const conv: TrainOptions = {
  ...mlp,
  network: "conv:4,8/16",
  binarize: "dynamic",
};

/** Everything learned, and everything needed to go on. */
const bytesOf = (run: string) =>
  ["model.safetensors", "state.safetensors"].map((file) => readFileSync(join(run, file), "base64"));

// 144 rows train, 16 are held out: 9 steps an epoch, so 23 epochs are 207 steps.
const epochs = 23;
const works = [
  ["an MLP on 2 threads", table, { ...mlp, epochs }, { workers: 1, threads: 2 }],
  ["a ConvNet on 2 workers", images, { ...conv, epochs }, { workers: 2, threads: 1 }],
  ["averages of an MLP", table, { ...mlp, epochs, ema: 0.9 }, { workers: 1, threads: 2 }],
] as const;

test.each(works)("200 steps of %s give the same bytes twice", async (_, set, options, spread) => {
  const folder = testFolder();
  const runs = [join(folder, "one"), join(folder, "two")] as const;
  for (const out of runs) {
    const { config } = await train(set, { ...options, out });
    expect(config.compute).toMatchObject(spread);
  }
  expect(bytesOf(runs[1])).toEqual(bytesOf(runs[0]));
});

const schedules = ["joint", "two-phase", "aggressive"] as const;

test.each(
  works.flatMap(([name, set, options]) =>
    schedules.map((schedule) => [name, schedule, set, { ...options, schedule }] as const),
  ),
)("%s, %s, stopped and resumed, gives the bytes of a run in one go", async (_, __, set, given) => {
  const folder = testFolder();
  const options = { ...given, epochs: 90 };
  const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
  await train(set, { ...options, out: whole });
  const stop = new AbortController();
  const onEvent = ({ event }: { event: string }) => {
    if (event === "epoch") stop.abort();
  };
  const first = await train(set, { ...options, out: parts }, { onEvent, signal: stop.signal });
  expect(first.interrupted).toBe(true);
  expect(bytesOf(parts)).not.toEqual(bytesOf(whole));
  const second = await resume(parts, set);
  expect(second).toMatchObject({ interrupted: false, epochs: 90 });
  expect(bytesOf(parts)).toEqual(bytesOf(whole));
});

test("resuming a run that its patience ended changes nothing", async () => {
  const out = join(testFolder(), "run");
  const ended = await train(table, { ...mlp, epochs: 200, patience: 1, learningRate: 0.02, out });
  expect(ended.epochs).toBeLessThan(200);
  const before = bytesOf(out);
  const again = await resume(out, table);
  expect([again.epochs, again.best]).toEqual([ended.epochs, ended.best]);
  expect(bytesOf(out)).toEqual(before);
});
