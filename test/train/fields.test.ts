// Training on fields: gaps, targets that are missing in some rows, conditions, weights of rows.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import type { PositiveField } from "#elbo/fields/field.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { openRun } from "#elbo/tasks/run.js";
import type { LossParts } from "#elbo/train/events.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { testFolder } from "../helpers/folder.ts";
import { correlatedValues, mixed, trained } from "./support.ts";

describe("gaps", () => {
  test.each([0, 0.3, 0.9])(
    "with a share of %s of the cells missing, training learns",
    async (share) => {
      const { epochs, out, result } = await trained(mixed(600, share), {
        ...{ epochs: 25, network: "mlp:32", latent: 2, learningRate: 0.005, batch: 50 },
      });
      const fields = result.config.schema.fields;
      expect(fields.map(({ kind }) => kind)).toEqual([
        ...["real", "positive", "count", "binary", "categorical", "time"],
      ]);
      expect(fields.every((field) => "gaps" in field && field.gaps === share > 0)).toBe(true);
      for (const { train, validation } of epochs) {
        for (const parts of [train, validation!]) {
          expect(Object.values(parts).every((v) => v === null || Number.isFinite(v))).toBe(true);
        }
      }
      const [first, last] = [epochs[0]!.validation!, epochs.at(-1)!.validation!];
      expect(last.elbo!).toBeGreaterThan(first.elbo!);
      const report = await evaluate(out, mixed(600, share), { threads: 1 });
      // Where enough is there, the columns say more of each other than each of itself.
      if (share < 0.5)
        expect(report.elbo!).toBeGreaterThan(report.baselines.independent!.elbo + 0.5);
      else expect(report.elbo!).toBeGreaterThan(report.baselines.independent!.elbo - 0.2);
    },
  );

  test("that only rows held out have are left aside, and not taken for values", async () => {
    // The latest rows are held out, and have no x at all.
    const rows = 200;
    const values = correlatedValues(rows, 2);
    const at = Array.from({ length: rows }, (_, i) => i);
    const of = (missing: (i: number) => boolean) =>
      columnsOf({
        x: at.map((i) => (missing(i) ? null : 1000 + values[2 * i]!)),
        y: at.map((i) => values[2 * i + 1]!),
        at: at.map((i) => i + 0.5),
      });
    const options = { split: "time:at", validation: 0.2, ignore: ["at"], epochs: 3 } as const;
    const run = await trained(
      of((i) => i >= 160),
      { ...options, network: "mlp:8" },
    );
    const [x] = run.result.config.schema.fields;
    expect(x).toMatchObject({ gaps: false });
    // The cost of y alone: x at 0 would stand a thousand deviations off.
    for (const { validation } of run.epochs) expect(validation!.reconstruction).toBeLessThan(10);
  });
});

describe("targets and conditions", () => {
  const rows = 500;
  const factor = new Random(6).normal(streams.synthetic, 0, rows);
  const noise = new Random(6).normal(streams.synthetic, 1, rows * 3);
  const x = (j: number) => Float64Array.from(factor, (f, i) => f + 0.2 * noise[3 * i + j]!);
  const of = (known: number) =>
    columnsOf({
      ...{ a: x(0), b: x(1), c: x(2) },
      y: Array.from(factor, (f, i) => (i % 10 < 10 * known ? (f > 0 ? "up" : "down") : null)),
    });
  const network = { network: "mlp:16", latent: 1 };
  // The KL counts whole from the start, so that the loss is the sum of its terms.
  const options = { target: ["y"], epochs: 30, warmup: 0, learningRate: 0.01, ...network };

  test("a target known in a fifth of the rows is learned beside the rest", async () => {
    const { out, epochs } = await trained(of(0.2), options);
    for (const { train, validation } of epochs) {
      expect(train.loss).toBeCloseTo(train.reconstruction + train.kl! + train.target!, 4);
      expect(Number.isFinite(validation!.target)).toBe(true);
    }
    // All rows' targets, most of which training has not had; a guess costs log 2 = 0.69.
    const report = await evaluate(out, of(1), { threads: 1 });
    expect(report.target!).toBeLessThan(0.35);
    expect(report.elbo!).toBeGreaterThan(report.baselines.independent!.elbo + 0.5);
    expect(report.fields.map(({ name }) => name)).toEqual(["a", "b", "c", "y"]);
    // Targets are never encoded: what they hold does not change the rest.
    const bare = await evaluate(out, of(0), { threads: 1 });
    expect([bare.reconstruction, bare.kl]).toEqual([report.reconstruction, report.kl]);
    expect(bare.target).toBe(0);
  });

  test("a condition is given to both networks, and never decoded", async () => {
    const { out } = await trained(of(1), { ...options, target: [], condition: ["y"] });
    const run = await openRun(out);
    const sizes = (name: string) => run.weights.get(`${name}.weight`)!.length / 16;
    // Three numbers and a one-hot of two levels, one unseen.
    expect([sizes("encoder.dense0"), sizes("decoder.dense0")]).toEqual([6, 4]);
    const { fields } = await evaluate(run, of(1), { threads: 1 });
    expect(fields.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });
});

test("an autoencoder takes zeros that a hurdle stands before in a VAE", async () => {
  const at = Array.from({ length: 300 }, (_, i) => i);
  const table = columnsOf({
    // Amounts of which half are 0.
    amount: at.map((i) => (i % 2 === 0 ? 0 : 1000 * Math.exp((i % 37) / 6) + i)),
    x: at.map((i) => ((i * 37) % 91) + 0.5),
  });
  const short = { epochs: 1, network: "mlp:4" };
  const fieldsOf = async (method: "vae" | "ae") => {
    const { result } = await trained(table, { ...short, method });
    return result.config.schema.fields;
  };
  expect(await fieldsOf("vae")).toMatchObject([{ likelihood: "hurdle-log-normal" }, {}]);
  const [amount] = await fieldsOf("ae");
  expect(amount).toMatchObject({ kind: "positive", likelihood: "squared-error" });
  expect((amount as PositiveField).offset).toBeGreaterThan(0);
});

describe("weights of rows", () => {
  test("rows of weight 0 teach nothing", async () => {
    // The second half is another world, which a mean over all rows would see.
    const values = correlatedValues(200, 3);
    const at = (j: number, scale: number) =>
      Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 1 : scale) * values[3 * i + j]!);
    const columns = (scale: number) => ({ a: at(0, scale), b: at(1, scale), c: at(2, scale) });
    const w = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 1 : 0));
    const options: TrainOptions = {
      ...{ weight: "w", batch: 200, validation: 0, epochs: 20, network: "mlp:8" },
      scale: "none",
    };
    const runs = [];
    for (const scale of [1, 0.5]) {
      const { out } = await trained(columnsOf({ ...columns(scale), w }), options);
      runs.push(await openRun(out));
    }
    const [one, other] = runs as [(typeof runs)[number], (typeof runs)[number]];
    expect(one.config.schema.fields.find(({ name }) => name === "w")).toMatchObject({ mean: 0.5 });
    for (const [name, weights] of one.weights) {
      // Sums over the batch run in the same order, and their other half is 0.
      for (const [i, value] of weights.entries()) {
        expect(Math.abs(other.weights.get(name)![i]! - value), name).toBeLessThan(1e-5);
      }
    }
  });

  test("held-out rows of weight 0 do not tell which epoch is best", async () => {
    // Another world among the rows held out, the latest, which count for nothing.
    const values = correlatedValues(200, 3);
    const at = (j: number, scale: number) =>
      Float64Array.from({ length: 200 }, (_, i) => (i < 180 ? 1 : scale) * values[3 * i + j]!);
    const order = Float64Array.from({ length: 200 }, (_, i) => i + 0.5);
    const w = Float64Array.from({ length: 200 }, (_, i) => (i < 180 ? 2 : 0));
    const losses: LossParts[][] = [];
    for (const scale of [1, 30]) {
      const columns = { a: at(0, scale), b: at(1, scale), c: at(2, scale), order, w };
      const { epochs } = await trained(columnsOf(columns), {
        ...{ weight: "w", id: ["order"], validation: 0.2, split: "time:order", scale: "none" },
        ...{ epochs: 3, network: "mlp:8", batch: 80 },
      });
      losses.push(epochs.map(({ validation }) => validation!));
    }
    expect(losses[1]).toEqual(losses[0]);
    // Alone, the 20 rows that count have the same loss.
    const columns = { a: at(0, 1), b: at(1, 1), c: at(2, 1), order, w };
    const counting = Object.entries(columns).map(([name, cells]) => [name, cells.subarray(0, 180)]);
    const { epochs } = await trained(columnsOf(Object.fromEntries(counting)), {
      ...{ weight: "w", id: ["order"], validation: 20 / 180, split: "time:order", scale: "none" },
      ...{ epochs: 3, network: "mlp:8", batch: 80 },
    });
    for (const [i, { validation }] of epochs.entries()) {
      expect(validation!.loss).toBeCloseTo(losses[0]![i]!.loss, 4);
      expect(validation!.elbo!).toBeCloseTo(losses[0]![i]!.elbo!, 4);
    }
  });
});

test("texts of numbers are numbers where a person says so, in training and after it", async () => {
  const folder = testFolder();
  const table = join(folder, "codes.csv");
  const cells = Array.from({ length: 200 }, (_, i) => (i * 7) % 200);
  const row = (i: number) =>
    `${String(i).padStart(3, "0")},${String(i % 50).padStart(2, "0")},${i / 4}`;
  writeFileSync(table, ["code,weight,y", ...cells.map(row)].join("\n"));
  const { out, events, result } = await trained(table, {
    ...{ epochs: 2, network: "mlp:8", kind: { code: "count" }, weight: "weight" },
  });
  expect(result.config.schema.fields).toMatchObject([
    { name: "code", kind: "count", role: "data" },
    { name: "weight", role: "weight" },
    { name: "y", kind: "real" },
  ]);
  expect(JSON.stringify(events)).not.toContain("zeros in front");
  // One row without such zeros is a table of numbers.
  const later = join(folder, "later.csv");
  writeFileSync(later, "code,weight,y\n120,1,\n");
  expect((await evaluate(out, later, { threads: 1 })).rows).toBe(1);
});
