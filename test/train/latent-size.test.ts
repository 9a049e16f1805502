// `--latent auto` on rows that are known to have two factors.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tableOf, train } from "#elbo/index.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { LatentEvent, TrainEvent } from "#elbo/train/events.js";
import { testFolder } from "../helpers/folder.ts";

const rows = 2000;
/** Six columns of two factors, with a tenth of noise. */
function twoFactors() {
  const random = new Random(3);
  const factors = [0, 1].map((step) => random.normal(streams.synthetic, step, rows));
  const noise = random.normal(streams.synthetic, 2, rows * 6);
  const mix = [
    [1, 0.2],
    [0.9, -0.4],
    [0.1, 1],
    [-0.5, 0.8],
    [0.7, 0.7],
    [-0.8, 0.3],
  ];
  const values = noise.map((e, k) => {
    const [row, column] = [Math.floor(k / 6), k % 6];
    return mix[column]![0]! * factors[0]![row]! + mix[column]![1]! * factors[1]![row]! + 0.1 * e;
  });
  return tableOf(values, 6);
}

test("finds the number of factors, keeps what held-out rows lose nothing by, and says how stable it is", async () => {
  const folder = testFolder();
  const out = join(folder, "run");
  const events: TrainEvent[] = [];
  const settings = { latent: "auto", network: "mlp:32", epochs: 40, seed: 5, out } as const;
  const { run, config } = await train(twoFactors(), settings, { onEvent: (e) => events.push(e) });
  expect(config.model.latent).toBe(2);
  expect(run).toBe(out);
  const told = events.filter((event): event is LatentEvent => event.event === "latent");
  expect(told.map(({ latent, used, kept }) => [latent, used, kept])).toEqual([
    [8, 2, true],
    [2, 2, true],
    [2, 2, true],
  ]);
  const { lost } = told[1]!;
  expect(lost!.nats).toBeLessThanOrEqual(2 * lost!.standardError);
  const { seeds, used, subspace } = told[2]!.stability!;
  expect([seeds, used]).toEqual([
    [5, 6, 7],
    [2, 2, 2],
  ]);
  expect(subspace).toBeGreaterThan(0.95);
  expect(JSON.parse(readFileSync(join(out, "latent.json"), "utf8"))).toMatchObject({ latent: 2 });
  // Nothing of the other models is left, and the whole ends once.
  expect(readdirSync(dirname(out))).toEqual(["run"]);
  expect(events.filter(({ event }) => event === "done")).toHaveLength(1);
});

test("a model that uses all its latents is tried wider, up to the numbers of a row", async () => {
  // Columns that have nothing in common: each latent has something to tell.
  const values = new Random(4).normal(streams.synthetic, 0, 1000 * 10);
  const seen: LatentEvent[] = [];
  const onEvent = (event: TrainEvent) => {
    if (event.event === "latent") seen.push(event);
  };
  const options = { latent: "auto", network: "linear", epochs: 10, beta: 0.01 } as const;
  const out = join(testFolder(), "run");
  const { config } = await train(tableOf(values, 10), { ...options, out }, { onEvent });
  expect(seen.map(({ latent, used }) => [latent, used])).toEqual([
    [8, 8],
    [10, 10],
    [10, 10],
  ]);
  expect(config.model.latent).toBe(10);
});

describe("refuses", () => {
  const options = { latent: "auto", epochs: 1 } as const;
  test.each([
    ["a method without silent latents", { method: "ae" }, "latent-auto", "ae"],
    ["no rows held out", { validation: 0 }, "options-contradict", "--validation"],
    ["few rows held out", { validation: 0.01 }, "latent-auto", "30"],
    ["remedies besides", { autoFix: true }, "options-contradict", "--auto-fix"],
  ] as const)("%s", async (_, more, code, said) => {
    const out = join(testFolder(), "run");
    const error = await train(twoFactors(), { ...options, ...more, out }).catch((e) => e);
    expect(error).toMatchObject({ code, kind: "usage" });
    expect(`${error.message} ${error.hint}`).toContain(said);
    expect(existsSync(out)).toBe(false);
  });
});
