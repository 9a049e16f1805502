import { expect, test } from "vitest";
import { damagedJson, damagedParquet } from "./damaged.ts";

test.each([
  ["JSON", damagedJson, 1000],
  ["Parquet", damagedParquet, 600],
] as const)("damaged %s files, briefly", async (_format, damaged, runs) => {
  const { refused, accepted } = await damaged(runs);
  expect(Math.min(refused, accepted)).toBeGreaterThan(20);
});
