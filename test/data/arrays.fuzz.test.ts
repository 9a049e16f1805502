import { expect, test } from "vitest";
import { damagedIdx, damagedNpy } from "./arrays.damaged.ts";

test("100,000 damaged .npy files", async () => {
  expect((await damagedNpy(100_000)).refused).toBeGreaterThan(0);
});

test("100,000 damaged IDX files", async () => {
  expect((await damagedIdx(100_000)).refused).toBeGreaterThan(0);
});
