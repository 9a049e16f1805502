// Latents of new rows: of the prior, of a mixture fitted to the run's rows, of a second model.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { Random } from "#elbo/runtime/random.js";
import { sample } from "#elbo/tasks/sample.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";

/** Two clusters of rows, at −3 and at 3 in both columns, and a third column of noise. */
function clusters() {
  const noise = new Random(3).normal(900, 0, 900);
  const at = (i: number) => (i % 2 === 0 ? -3 : 3);
  const column = (j: number, center: boolean) =>
    Array.from({ length: 300 }, (_, i) => (center ? at(i) : 0) + 0.3 * noise[3 * i + j]!);
  return columnsOf({ x: column(0, true), y: column(1, true), w: column(2, false) });
}

const folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
const out = join(folder, "run");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const options = { method: "ae", latent: 2, network: "mlp:16", epochs: 60, batch: 32 } as const;
  await train(clusters(), { ...options, out, learningRate: 0.01, threads: 1 });
});

/** Shares of drawn rows whose first two columns lie near one cluster, on either side. */
function sides({ values }: Awaited<ReturnType<typeof sample>>) {
  const [x, y] = values.map((column) => [...column.values] as number[]);
  const near = (center: number) =>
    x!.filter((value, i) => Math.abs(value - center) < 1.5 && Math.abs(y![i]! - center) < 1.5)
      .length;
  return [near(-3) / x!.length, near(3) / x!.length] as const;
}

describe.each(["mixture", "two-stage"] as const)("%s", (sampler) => {
  test("draws rows as the data are, the same however many", async () => {
    const data = clusters();
    const many = await sample(out, 200, { sampler, data, threads: 1 });
    const [low, high] = sides(many);
    // Both clusters, and little between them: of a standard normal prior half would lie between.
    expect(Math.min(low, high)).toBeGreaterThan(0.25);
    expect(low + high).toBeGreaterThan(0.75);
    const few = await sample(out, 7, { sampler, data, threads: 1 });
    expect(few.values[0]!.values).toEqual(many.values[0]!.values.slice(0, 7));
    const other = await sample(out, 7, { sampler, data, threads: 1, seed: 1 });
    expect(other.values[0]!.values).not.toEqual(few.values[0]!.values);
  });
});

test("the second stage is kept in the run's folder", () => {
  expect(existsSync(join(out, "second-stage", "model.safetensors"))).toBe(true);
});

test("a method without a prior says so when it is asked for, and else takes the mixture", async () => {
  const data = clusters();
  expect((await elboError(() => sample(out, 2, { sampler: "prior" }))).code).toBe("no-prior");
  expect(await sample(out, 5, { data, threads: 1 })).toEqual(
    await sample(out, 5, { data, sampler: "mixture", threads: 1 }),
  );
  const many = await elboError(() => sample(out, 2, { data, components: 301, threads: 1 }));
  expect(many).toMatchObject({ code: "options-contradict", kind: "usage" });
});
