// Random numbers one at a time: those of the kernels, in order.
import { expect, test } from "vitest";
import { Random } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { codeOf } from "./support.ts";

const [seed, stream, step] = [2n ** 40n + 1n, 7, 123_456_789];
const n = 10_000;

test("uniform numbers are the words of the same draw, in the open interval", () => {
  const sequence = new Sequence(seed, stream, step);
  const words = new Random(seed).bits(stream, step, n);
  for (const word of words) expect(sequence.uniform()).toBe((word + 0.5) / 2 ** 32);
  expect((0 + 0.5) / 2 ** 32).toBeGreaterThan(0);
  expect((2 ** 32 - 0.5) / 2 ** 32).toBeLessThan(1);
});

test("normal numbers are those of the same draw, and each place is used once", () => {
  const sequence = new Sequence(seed, stream, step);
  const words = new Random(seed).bits(stream, step, n);
  const normals = new Random(seed).normal(stream, step, n);
  for (let i = 0; i < n; i++) {
    if (i % 3 === 1) expect(sequence.uniform()).toBe((words[i]! + 0.5) / 2 ** 32);
    else expect(sequence.normal()).toBe(normals[i]);
  }
});

test("other steps, streams and seeds have numbers of their own", () => {
  const first = (...key: [number | bigint, number, number]) => new Sequence(...key).uniform();
  const numbers = [first(1, 2, 3), first(1, 2, 4), first(1, 3, 3), first(2, 2, 3)];
  expect(new Set(numbers).size).toBe(4);
});

test("parts of a draw begin anywhere", () => {
  const random = new Random(seed);
  const whole = random.bits(stream, step, n);
  expect(random.bits(stream, step, 100, 37)).toEqual(whole.slice(37, 137));
  const normals = random.normal(stream, step, n);
  expect(random.normal(stream, step, 5, 9_990)).toEqual(normals.slice(9_990, 9_995));
});

test("a seed that is none is refused", () => {
  expect(codeOf(() => new Sequence(-1, 0, 0))).toBe("draw-invalid");
});
