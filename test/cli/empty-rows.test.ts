// Rows in which every cell is missing, given to each command that goes by cells.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

test("rows without a single value are refused by whatever goes by them", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r");
  writeData(folder, "gaps.csv", `c0,c1,c2\n${",,\n".repeat(3)}`);
  for (const words of [
    ["evaluate", "r", "gaps.csv"],
    ["explain", "r", "gaps.csv", "-o", "out.csv"],
    ...["encode", "reconstruct", "impute", "detect", "cluster"].map((verb) => {
      return [verb, "r", "gaps.csv", "-o", "out.csv"];
    }),
    ["nearest", "r", "gaps.csv", "--rows", "0", "-o", "out.csv"],
  ]) {
    const error = await elboFails(folder, 1, ...words);
    expect(error, words[0]).toMatchObject({ code: "data-empty" });
    expect(error.message).toContain("gaps.csv: no row has a value");
    expect(existsSync(join(folder, "out.csv")), words[0]).toBe(false);
  }
});
