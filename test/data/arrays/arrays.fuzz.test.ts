import { expect, test } from "vitest";
import { damagedIdx, damagedMtx, damagedNpy, damagedNpz } from "./damaged.ts";

test.each([
  [".npy", damagedNpy],
  [".npz", damagedNpz],
  ["IDX", damagedIdx],
  ["Matrix Market", damagedMtx],
])("100,000 damaged %s files", async (_format, damaged) => {
  expect((await damaged(100_000)).refused).toBeGreaterThan(0);
});
