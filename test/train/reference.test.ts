// The rows that a run keeps to compare others with.
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import { openRun } from "#elbo/tasks/run.js";
import { REFERENCE_FILE } from "#elbo/train/reference.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

const rows = 400;
const values = Float32Array.from({ length: rows * 3 }, (_, i) => i);
const source = tableOf(values, 3);
const options = { scale: "none", latent: 2, epochs: 1, network: "mlp:4", threads: 1 } as const;

const numbersIn = (
  packed: Awaited<ReturnType<Awaited<ReturnType<typeof openRun>>["reference"]>>["training"],
) => [...packed.groups.values()].flatMap((group) => [...group.values]);

test("all rows of few, each in the part that it was in", async () => {
  const out = join(testFolder(), "run");
  await train(source, { ...options, out });
  const { training, heldOut } = await (await openRun(out)).reference();
  expect([training.rows, heldOut.rows]).toEqual([360, 40]);
  const all = [...numbersIn(training), ...numbersIn(heldOut)].sort((a, b) => a - b);
  expect(all).toEqual([...values]);
});

test("20,000 of more, in order, each as likely as any other", async () => {
  const out = join(testFolder(), "run");
  const many = Float32Array.from({ length: 60_000 }, (_, i) => i);
  await train(tableOf(many, 1), { ...options, batch: 6000, validation: 0.5, out });
  const { training, heldOut } = await (await openRun(out)).reference();
  expect([training.rows, heldOut.rows]).toEqual([20_000, 20_000]);
  const kept = numbersIn(training);
  expect(kept).toEqual([...kept].sort((a, b) => a - b));
  expect(new Set([...kept, ...numbersIn(heldOut)]).size).toBe(40_000);
  // Their mean is that of 60,000 numbers, but for √(60,000² / 12 / 20,000) = 122; five of them.
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  expect(Math.abs(mean - 29_999.5)).toBeLessThan(5 * 122.5);
});

test("of windows of a series that were held out, stretches that follow each other", async () => {
  const out = join(testFolder(), "run");
  const x = Float64Array.from({ length: 60_000 }, (_, i) => i);
  await train(columnsOf({ x }), { ...options, window: 4, batch: 6000, validation: 0.5, out });
  const { heldOut } = await (await openRun(out)).reference();
  // Of 16 windows' lengths, as many as make 20,000 windows at most.
  expect(heldOut.rows).toBe(64 * Math.floor(20_000 / 64));
  const windows = numbersIn(heldOut);
  const firsts = Array.from({ length: heldOut.rows }, (_, i) => windows[4 * i]!);
  const breaks = firsts.flatMap((first, i) => (i > 0 && first !== firsts[i - 1]! + 1 ? [i] : []));
  expect(breaks.length).toBeGreaterThan(10);
  expect(breaks.every((at) => at % 64 === 0)).toBe(true);
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
});

test("a run whose file is lost has it again, to the byte, once it goes on", async () => {
  const out = join(testFolder(), "run");
  await train(source, { ...options, epochs: 2, out });
  const before = await (await openRun(out)).reference();
  rmSync(join(out, REFERENCE_FILE));
  expect((await elboError(async () => (await openRun(out)).reference())).code).toBe("file-missing");
  await resume(out, source);
  expect(await (await openRun(out)).reference()).toEqual(before);
});

test("a file of another model is refused", async () => {
  const folder = testFolder();
  const [out, other] = [join(folder, "run"), join(folder, "other")];
  await train(source, { ...options, out });
  await train(tableOf(values.subarray(0, rows * 2), 2), { ...options, out: other });
  copyFileSync(join(other, REFERENCE_FILE), join(out, REFERENCE_FILE));
  expect(existsSync(join(out, REFERENCE_FILE))).toBe(true);
  const error = await elboError(async () => (await openRun(out)).reference());
  expect(error).toMatchObject({ code: "weights-mismatch" });
});
