// Draws of posteriors and features of layers, where both are known.
import { join } from "node:path";
import { expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { Random } from "#elbo/runtime/random.js";
import { type EncodeOptions, encodeTo } from "#elbo/tasks/encode.js";
import type { Run } from "#elbo/tasks/run.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { modelConfig } from "../models/config.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

async function encoded(own: Run, source: Parameters<typeof encodeTo>[2], options: EncodeOptions) {
  const path = join(testFolder(), "z.parquet");
  await encodeTo(path, own, source, { ...options, threads, force: true });
  return (await collect(await openData(path))) as Record<string, number[]>;
}

test("draws have the exact posterior's mean and deviation, each row its own", async () => {
  const [rows, draws] = [5, 4000];
  const set = rowsOf(rows, 3);
  const table = await encoded(run, set.source, { samples: draws, seed: 2 });
  expect(Object.keys(table)).toEqual(["draw", "z0", "z1"]);
  expect(table["draw"]!.slice(draws - 1, draws + 1)).toEqual([draws - 1, 0]);
  for (const [i, exact] of posteriorMeans(set).entries()) {
    for (const [j, name] of ["z0", "z1"].entries()) {
      const own = table[name]!.slice(i * draws, (i + 1) * draws);
      const deviation = 1 / Math.sqrt(model.precision[j]!);
      const mean = own.reduce((sum, value) => sum + value, 0) / draws;
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
      // Standard errors of a mean and of a variance of Gaussians, five of them.
      expect(Math.abs(mean - exact[j]!)).toBeLessThan((5 * deviation) / Math.sqrt(draws));
      const error = 5 * deviation ** 2 * Math.sqrt(2 / draws);
      expect(Math.abs(variance - deviation ** 2)).toBeLessThan(error);
    }
  }
});

test("a row's draws are the same bits in any batch, and others with another seed", async () => {
  const set = rowsOf(1100, 2);
  const whole = await encoded(run, set.source, { samples: 3 });
  const few = await encoded(run, tableOf(set.values.slice(0, 7 * width), model.columns), {
    samples: 3,
  });
  expect(whole["z0"]!.slice(0, 21)).toEqual(few["z0"]);
  const fewer = await encoded(run, set.source, { samples: 2 });
  expect(fewer["z1"]!.slice(0, 2)).toEqual(whole["z1"]!.slice(0, 2));
  const other = await encoded(run, set.source, { samples: 3, seed: 1 });
  expect(other["z0"]!.slice(0, 21)).not.toEqual(few["z0"]);
});

test("a layer's features are what its weights make of the row", async () => {
  const config = {
    ...run.config,
    model: modelConfig({ network: { kind: "mlp", hidden: [5, 3] } }),
  };
  const weights = parametersOf(config.schema, config.model).initialize(new Random(4));
  const own: Run = { ...run, config, weights };
  const set = rowsOf(40, 6);
  const table = await encoded(own, set.source, { layer: "encoder.dense0" });
  expect(Object.keys(table)).toEqual(["h0", "h1", "h2", "h3", "h4"]);
  const [weight, bias] = ["weight", "bias"].map((name) => weights.get(`encoder.dense0.${name}`)!);
  for (let i = 0; i < 40; i++) {
    for (let k = 0; k < 5; k++) {
      const sum = model.scales.reduce((total, { mean, deviation }, j) => {
        return total + ((set.values[i * width + j]! - mean) / deviation) * weight![j * 5 + k]!;
      }, bias![k]!);
      expect(table[`h${k}`]![i]).toBeCloseTo(Math.max(0, sum), 4);
    }
  }
  expect(Object.keys(await encoded(own, set.source, { layer: "encoder.dense1" })).length).toBe(3);
  const error = await elboError(() => encoded(own, set.source, { layer: "encoder.dense2" }));
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
  expect(error.message).toContain("encoder.dense0 (5), encoder.dense1 (3)");
});

test("what a model has not is refused, and so are two options at once", async () => {
  const { source } = rowsOf(3, 1);
  const ae = { ...run.config, model: { ...run.config.model, method: "ae" } } as const;
  const codes = await elboError(() => encoded({ ...run, config: ae }, source, { samples: 2 }));
  expect(codes.code).toBe("no-posterior");
  const both = await elboError(() => encoded(run, source, { samples: 2, std: true }));
  expect(both.code).toBe("options-contradict");
  const none = await elboError(() => encoded(run, source, { samples: 0 }));
  expect(none.code).toBe("option-value");
});
