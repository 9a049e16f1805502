import { expect, test } from "vitest";
import { damagedSafetensors } from "./safetensors.damaged.ts";

test("100,000 damaged safetensors files", async () => {
  expect((await damagedSafetensors(100_000)).refused).toBeGreaterThan(0);
});
