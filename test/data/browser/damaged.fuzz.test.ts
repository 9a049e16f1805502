import { expect, test } from "vitest";
import { damagedJson, damagedParquet } from "./damaged.ts";

test.each([
  ["JSON", damagedJson],
  ["Parquet", damagedParquet],
])("100,000 damaged %s files, as a web page reads them", async (_format, damaged) => {
  expect((await damaged(100_000)).refused).toBeGreaterThan(0);
});
