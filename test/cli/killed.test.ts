// Five of the hundred kills of `npm run fuzz`.
import { test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { killAndResume } from "./killed.ts";

test("runs killed at 5 random instants resume to the bytes of uninterrupted ones", async () => {
  await killAndResume(testFolder(), 5, 1);
}, 180_000);
