// One percent of `npm run fuzz`.
import { expect, test } from "vitest";
import { damagedIdx, damagedMtx, damagedNpy, damagedNpz } from "./damaged.ts";

test.each([
  [".npy", damagedNpy],
  [".npz", damagedNpz],
  ["IDX", damagedIdx],
  ["Matrix Market", damagedMtx],
])("1,000 damaged %s files end in a result or a clear error", async (_format, damaged) => {
  const { accepted, refused } = await damaged(1000);
  expect(accepted).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(100);
});
