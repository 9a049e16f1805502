// Rows that stay in a file, and what a run is resumed with.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlatedValues, mixed, trained } from "./support.ts";

describe("rows in a file", () => {
  const options: TrainOptions = {
    ...{ memory: 0, network: "mlp:16", latent: 2, batch: 16, threads: 1, seed: 5, epochs: 60 },
    device: "cpu",
  };
  const bytesOf = (run: string) =>
    ["model.safetensors", "state.safetensors"].map((file) =>
      readFileSync(join(run, file), "base64"),
    );

  test("a run stopped and resumed gives the bytes of a run in one go, and no file is left", async () => {
    const folder = testFolder();
    const source = mixed(300, 0.2);
    const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
    const seen: string[][] = [];
    const onEvent = ({ event }: { event: string }) => {
      if (event === "start") seen.push(readdirSync(folder));
    };
    await train(source, { ...options, out: whole }, { onEvent });
    expect(seen[0]!.some((name) => name.startsWith("whole.rows-"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["whole"]);
    const stop = new AbortController();
    const onEpoch = ({ event }: { event: string }) => {
      if (event === "epoch") stop.abort();
    };
    const hooks = { onEvent: onEpoch, signal: stop.signal };
    const first = await train(source, { ...options, out: parts }, hooks);
    expect(first.interrupted).toBe(true);
    expect(bytesOf(parts)).not.toEqual(bytesOf(whole));
    expect(await resume(parts, source)).toMatchObject({ interrupted: false, epochs: 60 });
    expect(bytesOf(parts)).toEqual(bytesOf(whole));
    expect(readdirSync(folder).sort()).toEqual(["parts", "whole"]);
  });

  test("have the fields of rows in memory, and learn as well", async () => {
    const runs = [];
    for (const memory of [0, 64]) {
      runs.push(await trained(mixed(300, 0.2), { ...options, memory, epochs: 20 }));
    }
    const [file, held] = runs as [(typeof runs)[number], (typeof runs)[number]];
    expect(file.result.config.schema).toEqual(held.result.config.schema);
    expect(file.result.config.data.hash).toBe(held.result.config.data.hash);
    const [a, b] = [file, held].map(({ epochs }) => epochs.at(-1)!.validation!.elbo!);
    expect(Math.abs(a! - b!)).toBeLessThan(1);
  });

  test("an error in training leaves no file either", async () => {
    const folder = testFolder();
    const out = join(folder, "run");
    const wild = { ...options, out, optimizer: "sgd", learningRate: 1e30 } as const;
    const error = await elboError(() => train(mixed(300, 0), wild));
    expect(error.code).toBe("loss-not-finite");
    expect(readdirSync(folder)).toEqual(["run"]);
  });
});

describe("resuming with other data is refused", () => {
  const values = correlatedValues(80, 2);
  const column = (j: number, change = (v: number, _: number) => v) =>
    Array.from({ length: 80 }, (_, i) => change(values[2 * i + j]!, i));
  const w = (change = 0) =>
    Array.from({ length: 80 }, (_, i) => 1 + (i % 3) + (i === 7 ? change : 0));
  const source = () => columnsOf({ a: column(0), b: column(1), w: w() });
  const others: [string, DataSource][] = [
    [
      "another value",
      columnsOf({ a: column(0, (v, i) => (i === 3 ? v + 1 : v)), b: column(1), w: w() }),
    ],
    [
      "a gap",
      columnsOf({ a: column(0, (v, i) => (i === 3 ? Number.NaN : v)), b: column(1), w: w() }),
    ],
    ["another weight", columnsOf({ a: column(0), b: column(1), w: w(1) })],
  ];
  test("in values, gaps, weights, and in rows that are held out", async () => {
    const out = join(testFolder(), "run");
    const stop = new AbortController();
    const onEvent = ({ event }: { event: string }) => {
      if (event === "epoch") stop.abort();
    };
    const options = { out, weight: "w", network: "mlp:4", epochs: 400, threads: 1, batch: 8 };
    await train(source(), options, { onEvent, signal: stop.signal });
    for (const [what, data] of others) {
      const error = await elboError(() => resume(out, data)).catch(() => null);
      expect(error?.code, what).toBe("resume-data");
    }
    for (const row of [0, 20, 40, 60, 79]) {
      const b = column(1, (v, i) => (i === row ? v + 1 : v));
      const error = await elboError(() =>
        resume(out, columnsOf({ a: column(0), b, w: w() })),
      ).catch(() => null);
      expect(error?.code, `row ${row}`).toBe("resume-data");
    }
    expect(await resume(out, source())).toMatchObject({ epochs: 400 });
  });
});
