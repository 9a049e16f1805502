// The tables of whole numbers that packing stands on.
import { expect, test } from "vitest";
import { crc32 } from "#elbo/base/crc32.js";
import { learn, unmet } from "#elbo/codec/side/adaptive.js";
import { firstGuess, historyCount, nextHistory } from "#elbo/codec/side/bit-history.js";
import { logitLimit, squash, stretch } from "#elbo/codec/side/logistic.js";

test("the logistic function is the true one, rounded", () => {
  for (let x = -logitLimit; x <= logitLimit; x++) {
    const exact = 65536 / (1 + Math.exp(-x / 256));
    const bounded = Math.min(Math.max(exact, 1), 65535);
    expect(Math.abs(squash[x + logitLimit]! - bounded)).toBeLessThanOrEqual(0.5 + 1e-9);
  }
});

test("its inverse is the greatest logit that is not above", () => {
  const wrong: number[] = [];
  for (let p = 1; p < 65536; p++) {
    const at = stretch[p]! + logitLimit;
    const above = at === 2 * logitLimit || squash[at + 1]! > p;
    if (squash[at]! > p || !above) wrong.push(p);
  }
  expect(wrong).toEqual([]);
});

test("histories fit a byte, each is reached, and long rows of one bit are told apart", () => {
  expect(historyCount).toBeLessThanOrEqual(256);
  const reached = new Set([0]);
  for (const state of reached) {
    reached.add(nextHistory[2 * state]!);
    reached.add(nextHistory[2 * state + 1]!);
  }
  expect(reached.size).toBe(historyCount);
  const run = [0];
  for (let i = 0; i < 48; i++) run.push(nextHistory[2 * run.at(-1)! + 1]!);
  expect(new Set(run).size).toBe(49);
  expect(nextHistory[2 * run.at(-1)! + 1]).toBe(run.at(-1));
  for (let i = 1; i < run.length; i++) {
    expect(firstGuess[run[i]!]!).toBeGreaterThan(firstGuess[run[i - 1]!]!);
  }
});

test("a probability becomes the share of ones", () => {
  const values = Int32Array.of(unmet(32768));
  for (let i = 0; i < 900; i++) learn(values, 0, i % 3 === 0 ? 1 : 0, 1000);
  // Each bit moves it by 1 / (n + 1.5): the mean, with half a bit of either sort before them.
  expect((values[0]! >>> 10) / 2 ** 22).toBeCloseTo(300.5 / 901, 2);
});

test("CRC-32 gives the published check value, in pieces too", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
});
