// The mean and the principal components that a run keeps of its training rows.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { openRun } from "#elbo/tasks/run.js";
import { LINEAR_FILE } from "#elbo/train/linear.js";
import { resume, train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

/** Two directions that vary, of length 4 and 2, in six numbers: only by what is not held out. */
const rows = 400;
const values = Float32Array.from({ length: rows * 6 }, (_, i) => {
  const [row, j] = [Math.floor(i / 6), i % 6];
  const [a, b] = [row % 2 === 0 ? 4 : -4, row % 4 < 2 ? 2 : -2];
  const rest = 0.01 * (((row * 31 + j * 17) % 23) - 11);
  return j === 0 ? a + rest : j === 3 ? b + rest : rest;
});
const source = tableOf(values, 6);
const options = { scale: "none", latent: 2, epochs: 1, network: "mlp:4", threads: 1 } as const;

test("the axes are those that the training rows vary along", async () => {
  const out = join(testFolder(), "run");
  await train(source, { ...options, out });
  const { mean, components, reason } = await (await openRun(out)).linear();
  expect(reason).toBe("");
  expect(mean).toHaveLength(6);
  const { count, axes, variances, noise } = components!;
  expect(count).toBe(2);
  // Held out is a tenth by chance: means and variances of the others are near those of all.
  expect(Math.abs(variances[0]! - 16)).toBeLessThan(0.5);
  expect(Math.abs(variances[1]! - 4)).toBeLessThan(0.5);
  expect(noise).toBeLessThan(0.01);
  expect(Math.abs(axes[0]!)).toBeGreaterThan(0.99);
  expect(Math.abs(axes[6 + 3]!)).toBeGreaterThan(0.99);
});

test("a run whose file is lost has it again, to the byte, once it goes on", async () => {
  const folder = testFolder();
  const out = join(folder, "run");
  await train(source, { ...options, epochs: 2, out });
  const before = await (await openRun(out)).linear();
  rmSync(join(out, LINEAR_FILE));
  expect((await elboError(async () => (await openRun(out)).linear())).code).toBe("file-missing");
  await resume(out, source);
  expect(await (await openRun(out)).linear()).toEqual(before);
});

test("a file of another model is refused", async () => {
  const folder = testFolder();
  const [out, other] = [join(folder, "run"), join(folder, "other")];
  await train(source, { ...options, out });
  const narrow = tableOf(values.subarray(0, rows * 3), 3);
  await train(narrow, { ...options, out: other });
  copyFileSync(join(other, LINEAR_FILE), join(out, LINEAR_FILE));
  const error = await elboError(async () => (await openRun(out)).linear());
  expect(error.code).toBe("weights-mismatch");
  expect(error.message).toContain("6 numbers");
});
