// Runs that are killed at random instants, also while they save, and go on to their end: their
// bytes are those of a run that was let alone.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { Random, streams } from "#elbo/runtime/random.js";
import { elboProcessDone, numbers, startElbo, writeData } from "./support.ts";

const FILES = ["model.safetensors", "state.safetensors", "metrics.jsonl"];

/** Weights, state and figures; the speed, which differs between runs, left out. */
export function contents(run: string) {
  const [model, state, metrics] = FILES.map((name) => readFileSync(join(run, name)));
  const figures = metrics!.toString().replace(/"rowsPerSecond":\d+/g, "");
  return { model, state, figures };
}

/** An adversary, assignments, averages, accumulation and a schedule are among them. */
const works = [
  ["--method", "factor-vae", "--ema", "0.99", "--epochs", "30"],
  ["--method", "vq-vae", "--accumulate", "2", "--epochs", "50"],
  [
    ...["--schedule", "two-phase", "--ema", "0.9", "--accumulate", "3", "--epochs", "50"],
    ...["--lr-schedule", "cosine", "--lr-warmup", "2"],
  ],
];

/** Of each run. */
const KILLS = 2;

/**
 * Kills `kills` processes, each at an instant drawn from the time that a whole run takes, and half
 * of them stop by themselves before, so that checkpoints are there and are met half written.
 */
export async function killAndResume(folder: string, kills: number, seed: number): Promise<void> {
  writeData(folder, "d.csv", numbers(300, 6));
  const train = (i: number, out: string) => [
    ...["train", "d.csv", "--seed", "3", "--threads", "1", "--quiet", "--out", out],
    ...works[i]!,
  ];
  const wholes: { bytes: ReturnType<typeof contents>; milliseconds: number }[] = [];
  for (const i of works.keys()) {
    const began = performance.now();
    await elboProcessDone(folder, ...train(i, `whole-${i}`));
    const milliseconds = performance.now() - began;
    wholes.push({ bytes: contents(join(folder, `whole-${i}`)), milliseconds });
  }
  const random = new Random(seed);
  let attempt = 0;
  for (let killed = 0, run = 0; killed < kills; run++) {
    const i = run % works.length;
    const { bytes, milliseconds } = wholes[i]!;
    const out = join(folder, `run-${run}`);
    const isRun = () => existsSync(join(out, "config.json"));
    for (let own = 0; own < KILLS && killed < kills; attempt++) {
      const [when, stop, whether] = random.uniform(streams.synthetic, attempt, 3);
      // Killed before its configuration was written, it is no run yet.
      if (!isRun()) rmSync(out, { recursive: true, force: true });
      const limit =
        whether! < 0.5 ? [] : ["--max-time", String(0.01 + (stop! * milliseconds) / 2e3)];
      const words = isRun()
        ? ["train", "--resume", `run-${run}`, "--quiet"]
        : train(i, `run-${run}`);
      const { child, ended } = startElbo(folder, ...words, ...limit);
      await Promise.race([setTimeout(when! * milliseconds), ended]);
      child.kill("SIGKILL");
      const { code, stderr } = await ended;
      expect(code === 0 || child.signalCode === "SIGKILL", stderr).toBe(true);
      if (child.signalCode !== "SIGKILL") continue;
      own++;
      killed++;
    }
    if (isRun()) await elboProcessDone(folder, "train", "--resume", `run-${run}`, "--quiet");
    else {
      rmSync(out, { recursive: true, force: true });
      await elboProcessDone(folder, ...train(i, `run-${run}`));
    }
    expect(contents(out), `${works[i]!.join(" ")}, run ${run}`).toEqual(bytes);
    rmSync(out, { recursive: true });
  }
}
