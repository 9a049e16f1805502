// Rows that are labelled anomalies: left out of training, kept beside.
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { detect } from "#elbo/tasks/detect/detect.js";
import { openRun } from "#elbo/tasks/run.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

const rows = 400;
const options = { latent: 1, epochs: 2, network: "mlp:8", threads: 1 } as const;
const noise = new Random(3).normal(streams.synthetic, 0, 2 * rows);
const isStrange = (i: number) => i % 20 === 3;
const a = Array.from({ length: rows }, (_, i) => noise[2 * i]!);
const b = a.map((value, i) => (isStrange(i) ? -value + 9 : value + 0.1 * noise[2 * i + 1]!));
const bad = a.map((_, i) => (i % 3 === 0 && !isStrange(i) ? null : isStrange(i)));
const source = columnsOf({ a, b, bad });

test("they neither train nor validate, and choose the score", async () => {
  const out = join(testFolder(), "run");
  await train(source, { ...options, anomalyLabel: "bad", out });
  const run = await openRun(out);
  expect(run.config.training.anomalyLabel).toBe("bad");
  expect(run.config.schema.fields.find(({ name }) => name === "bad")!.role).toBe("ignore");
  const { training, heldOut, anomalies } = await run.reference();
  expect(anomalies.rows).toBe(20);
  expect(training.rows + heldOut.rows).toBe(380);
  const group = (part: typeof training) =>
    ([...part.groups.values()][0] as { values: Float32Array }).values;
  const pairs = (values: Float32Array) =>
    Array.from({ length: values.length / 2 }, (_, i) => values[2 * i + 1]! + values[2 * i]!);
  expect(pairs(group(anomalies)).every((sum) => Math.abs(sum - 9) < 1e-5)).toBe(true);
  // The statistics are those of normal rows: with 20 rows about 9 the mean would be 0.45 more.
  const field = run.config.schema.fields.find(({ name }) => name === "b")!;
  expect(Math.abs((field as { mean: number }).mean)).toBeLessThan(0.25);
  const { known, score } = await detect(run, source, { threads: 1 });
  expect(known).toMatchObject({ anomalies: 20 });
  expect(known!.rocAuc).toBeGreaterThan(0.99);
  expect(typeof score).toBe("string");
});

test("of a series no window that holds one trains or validates", async () => {
  const out = join(testFolder(), "run");
  const last = columnsOf({
    x: a.map((_, i) => i),
    bad: a.map((_, i) => +(i === 100 || i === 103)),
  });
  const settings = { ...options, kind: { x: "vector" } as const, scale: "none" as const };
  await train(last, { ...settings, window: 8, anomalyLabel: "bad", out });
  const { training, heldOut, anomalies } = await (await openRun(out)).reference();
  const firsts = (part: typeof training) => {
    const { values } = [...part.groups.values()][0] as { values: Float32Array };
    return Array.from({ length: part.rows }, (_, i) => values[8 * i]!);
  };
  // Of rows 93 to 103.
  expect(firsts(anomalies)).toEqual(Array.from({ length: 11 }, (_, i) => 93 + i));
  const others = [...firsts(training), ...firsts(heldOut)].toSorted((c, d) => c - d);
  expect(others).toHaveLength(rows - 7 - 11);
  expect(others.some((first) => first >= 93 && first <= 103)).toBe(false);
});

test("a run goes on with the same rows left out", async () => {
  const folder = testFolder();
  const [out, whole] = [join(folder, "run"), join(folder, "whole")];
  const labelled = { ...options, anomalyLabel: "bad" };
  await train(source, { ...labelled, epochs: 4, out: whole });
  await train(source, { ...labelled, epochs: 4, maxTime: 1e-9, out });
  await resume(out, source);
  expect((await openRun(out)).weights).toEqual((await openRun(whole)).weights);
});

test.each([
  ["b", "anomaly-label"],
  ["absent", "column-unknown"],
])("a label that is none is refused: %s", async (anomalyLabel, code) => {
  const out = join(testFolder(), "run");
  const error = await elboError(() => train(source, { ...options, anomalyLabel, out }));
  expect(error).toMatchObject({ code, kind: "usage" });
});
