// Targets predicted as a person does it: trained on some rows, asked of others.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realData } from "../helpers/data.ts";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

const adult = realData("adult", "adult.csv");

test.skipIf(!adult)(
  "predict tells incomes, how likely they are, and how right it was",
  async () => {
    const folder = testFolder();
    const [header, ...rows] = readFileSync(adult!, "utf8").trimEnd().split("\n");
    writeData(folder, "train.csv", [header, ...rows.slice(0, 2000)].join("\n"));
    writeData(folder, "new.csv", [header, ...rows.slice(2000, 3000)].join("\n"));
    await elboDone(folder, ..."train train.csv --target income --epochs 15 --out r".split(" "));
    const told = await elboDone(folder, ..."predict r new.csv -o p.csv".split(" "));
    expect(told.stdout).toBe("");
    expect(told.stderr).toContain("1,000 rows written to p.csv\n");
    const [, right] = /income: ([\d.]+)% right of 1,000 rows that have it/.exec(told.stderr)!;
    // Of these rows 24 % earn more: who says that nobody does is right of 76 %.
    expect(Number(right)).toBeGreaterThan(78);
    const lines = readFileSync(join(folder, "p.csv"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe("income_predicted,income_p_<=50K,income_p_>50K");
    expect(lines.length).toBe(1001);
    for (const line of lines.slice(1)) {
      const [predicted, little, much] = line.split(",");
      expect(Number(little) + Number(much)).toBeCloseTo(1, 6);
      expect(predicted).toBe(Number(little) > 0.5 ? "<=50K" : ">50K");
    }
    const json = await elboDone(folder, ..."predict r new.csv -o p.json --json".split(" "));
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ ok: true, rows: 1000, output: "p.json" },
      scores: [{ name: "income", rows: 1000, rmse: null, covered: null }],
    });
  },
);

test("numbers have intervals, and a run without targets says what there is instead", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(300, 4));
  await elboDone(folder, ..."train d.csv --target c3 --epochs 20 --out r".split(" "));
  const told = await elboDone(folder, ..."predict r d.csv -o p.csv --interval 0.8".split(" "));
  expect(told.stderr).toMatch(
    /c3: RMSE [\d.]+, [\d.]+% in their intervals of 300 rows that have it/,
  );
  const [header, ...lines] = readFileSync(join(folder, "p.csv"), "utf8").trimEnd().split("\n");
  expect(header).toBe("c3_predicted,c3_low,c3_high");
  for (const line of lines) {
    const [predicted, low, high] = line.split(",").map(Number) as [number, number, number];
    expect(low).toBeLessThan(predicted);
    expect(high).toBeGreaterThan(predicted);
  }
  await elboDone(folder, ..."train d.csv --epochs 1 --out none".split(" "));
  const error = await elboFails(folder, 2, ..."predict none d.csv -o q.csv".split(" "));
  expect(error).toMatchObject({ code: "no-target" });
  expect(error.hint).toContain("--target");
});
