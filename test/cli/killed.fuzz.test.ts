// Kills at random instants, as many as say something: `npm run fuzz`.
import { test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { killAndResume } from "./killed.ts";

const seed = Number(process.env["ELBO_SEED"] ?? 2);

test("runs killed at 100 random instants resume to the bytes of uninterrupted ones", async () => {
  await killAndResume(testFolder(), 100, seed);
});
