// New rows with given values of columns that are no conditions: against the exact conditional
// distribution, and against shares that can be counted.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sample } from "#elbo/tasks/sample.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { sharedFolder } from "../helpers/folder.ts";
import { linearGaussianRun, model } from "./linear-gaussian.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";

const threads = 1;
const run = linearGaussianRun();
const { loadings, offset, variance, scales, columns } = model;

/** Mean and deviation of column j where column c is `value`. */
function conditional(c: number, value: number, j: number) {
  const x = (value - scales[c]!.mean) / scales[c]!.deviation - offset[c]!;
  const w = loadings.find((row) => row[c] !== 0)!;
  const of = w[c]! ** 2 + variance;
  const mean = offset[j]! + (w[j]! * w[c]! * x) / of;
  const own = loadings.reduce((sum, row) => sum + row[j]! ** 2, variance);
  const spread = own - (w[j]! * w[c]!) ** 2 / of;
  return {
    mean: mean * scales[j]!.deviation + scales[j]!.mean,
    deviation: Math.sqrt(spread) * scales[j]!.deviation,
  };
}

const numbersOf = (values: unknown) => [...(values as Float64Array)];

describe("a given number", () => {
  const count = 4000;
  // One deviation above the mean, and three below: where the prior has few draws.
  test.each([49, 29])(
    "length = %f: it comes out as given, and the others as they go with it",
    async (value) => {
      const notes: string[] = [];
      const made = await sample(run, count, {
        ...{ threads, seed: 1, where: { length: String(value) } },
        onNotes: (found) => notes.push(...found.map(({ code }) => code)),
      });
      expect(notes).toEqual([]);
      expect(new Set(numbersOf(made.values[0]!.values))).toEqual(new Set([value]));
      for (const j of [1, 2, 3]) {
        const values = numbersOf(made.values[j]!.values);
        const { mean, deviation } = conditional(0, value, j);
        const average = values.reduce((a, b) => a + b, 0) / count;
        const square = values.reduce((sum, v) => sum + (v - average) ** 2, 0) / (count - 1);
        // At least 1,000 latents count, beside the draws of each row.
        const error = deviation * Math.sqrt(1 / 1000 + 1 / count);
        expect(Math.abs(average - mean)).toBeLessThan(5 * error);
        expect(Math.abs(Math.sqrt(square) - deviation)).toBeLessThan((5 * error) / Math.SQRT2);
      }
    },
  );

  test("that no training row comes near is said", async () => {
    const messages: string[] = [];
    await sample(run, 3, {
      ...{ threads, where: { length: "1e12" } },
      onNotes: (found) => messages.push(...found.map(({ message }) => message)),
    });
    expect(messages[0]).toMatch(/^--where length=1000000000000 lies .* deviations from the mean/);
  });

  test("row i is the same however many are drawn, and of another seed another", async () => {
    const options = { threads, where: { length: "49" } };
    const few = await sample(run, 5, options);
    const many = await sample(run, 1500, options);
    for (const [j, column] of few.values.entries()) {
      expect(numbersOf(column.values)).toEqual(numbersOf(many.values[j]!.values).slice(0, 5));
    }
    const other = await sample(run, 5, { ...options, seed: 1 });
    expect(other.values[1]).not.toEqual(few.values[1]);
  });

  test("where the prior has few draws, the encoder's posterior has enough", async () => {
    const notes: string[] = [];
    const onNotes = (found: readonly { code: string }[]) => notes.push(...found.map((n) => n.code));
    const where = { length: "74", depth: "-0.14", mass: "8200", age: "-2" };
    const made = await sample(run, 200, { threads, where, onNotes });
    expect(notes).toEqual([]);
    expect(made.values.map(({ values }) => values[7])).toEqual([74, -0.14, 8200, -2]);
  });

  test("values that hardly a latent makes likely are told of", async () => {
    const notes: string[] = [];
    const onNotes = (found: readonly { code: string }[]) => notes.push(...found.map((n) => n.code));
    // Twelve deviations from the mean, of an encoder that does not look.
    const blind = linearGaussianRun({ shrink: 0, widen: 0 });
    const where = { length: "104", depth: "-0.32", mass: "13000", age: "12" };
    const made = await sample(blind, 200, { threads, where, onNotes });
    expect(notes).toEqual(["few-effective-draws"]);
    expect(made.values.map(({ values }) => values[7])).toEqual([104, -0.32, 13000, 12]);
  });
});

describe("a table of many kinds", () => {
  const folder = sharedFolder();
  const trained = (async () => {
    const out = join(folder, "run");
    const settings = { epochs: 60, threads: 1, out, ignore: ["visits"], condition: ["member"] };
    await train(mixedSource(mixedColumns(600)), settings);
    return out;
  })();

  test("levels and conditions together: rows go with both", async () => {
    const out = await trained;
    const where = { city: "Zürich", member: "true" };
    const made = await sample(out, 500, { threads, where });
    const at = (name: string) =>
      made.values[made.columns.findIndex((c) => c.name === name)]!.values;
    expect(new Set([...(at("city") as string[])])).toEqual(new Set(["Zürich"]));
    // Zürich is the upper third of what all columns follow from: ages from 53 on, of 20 to 70.
    const free = await sample(out, 500, { threads, where: { member: "true" } });
    const ages = free.values[free.columns.findIndex((c) => c.name === "age")]!.values;
    const mean = (values: unknown) => numbersOf(values).reduce((a, b) => a + b, 0) / 500;
    // Five deviations of a mean of 500 ages, which deviate by less than 15.
    expect(mean(at("age")) - mean(ages)).toBeGreaterThan((5 * 15 * Math.SQRT2) / Math.sqrt(500));
  });

  test.each([
    [{ city: "Zürch" }, "no training row has this value", "Did you mean Zürich?"],
    [{ agee: "3" }, "the run has no such column", "Did you mean age?"],
    [{ visits: "3" }, "whose role is ignore", "elbo inspect"],
    [{ age: "old" }, "a number is wanted", "3.1"],
  ])("%j is refused", async (given, message, hint) => {
    const where = { member: "true", ...given } as Record<string, string>;
    const error = await elboError(async () => sample(await trained, 3, { threads, where }));
    expect(error).toMatchObject({ code: "where-invalid", kind: "usage" });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

test("a method without a density cannot tell what goes with a value", async () => {
  const config = { ...run.config, model: { ...run.config.model, method: "ae" } } as const;
  const weights = new Map(run.weights)
    .set("encoder.code.weight", new Float32Array(columns.length * 2).fill(0.1))
    .set("encoder.code.bias", new Float32Array(2));
  const { rowsOf } = await import("./linear-gaussian.ts");
  const options = { threads, where: { length: "44" }, data: rowsOf(100, 1).source };
  const error = await elboError(() => sample({ ...run, config, weights }, 3, options));
  expect(error).toMatchObject({ code: "no-density", kind: "usage" });
});
