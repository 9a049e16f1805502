// Gaps filled in as a person does it: from a file with gaps to one without.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { collect } from "../data/rows.ts";
import { realData } from "../helpers/data.ts";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, writeData } from "./support.ts";

const rows = Array.from({ length: 200 }, (_, i) => (i * 0.618) % 1);
const people = [
  "id,age, town ,income,remote",
  ...rows.map((u, i) => {
    const town = u > 0.5 ? '"Bern"' : "Basel";
    const income = i % 7 === 3 ? "" : (1000 + 900 * u + (i % 5)).toFixed(2);
    return `p${i},${Math.round(20 + 50 * u)}, ${i % 9 === 4 ? "NA" : town} ,${income},${u > 0.3}`;
  }),
].join("\n");

test("impute fills the gaps of a CSV file and leaves every other byte", async () => {
  const folder = testFolder();
  writeData(folder, "people.csv", people);
  await elboDone(folder, ..."train people.csv --epochs 30 --out r".split(" "));
  const told = await elboDone(folder, ..."impute r people.csv -o whole.csv".split(" "));
  expect(told.stdout).toBe("");
  expect(told.stderr).toContain(
    "200 rows, 51 cells filled in (town 22, income 29); written to whole.csv\n",
  );
  const before = people.split("\n");
  const after = readFileSync(join(folder, "whole.csv"), "utf8").split("\n");
  expect(after.length).toBe(before.length);
  for (const [i, line] of before.entries()) {
    const cells = after[i]!.split(",");
    const kept = line.split(",").map((cell, j) => (/^ NA $|^$/.test(cell) ? cells[j] : cell));
    expect(after[i]).toBe(kept.join(","));
    expect(after[i]).not.toMatch(/NA|,,/);
  }
  const again = ["impute", "r", "people.csv", "-o", "whole.csv"];
  expect((await elboFails(folder, 2, ...again)).code).toBe("output-exists");
  const draws = await elboDone(
    ...[folder, "impute", "r", "people.csv", "-o", "t.tsv", "--draws", "3", "--json"],
  );
  expect(JSON.parse(draws.stdout)).toEqual({
    ...{ ok: true, rows: 200, filled: 51, outputs: ["t-1.tsv", "t-2.tsv", "t-3.tsv"] },
    columns: [
      { name: "town", filled: 22 },
      { name: "income", filled: 29 },
    ],
    warnings: [],
  });
  const both = ["--draws", "3", "--intervals", "0.9"];
  const refused = await elboFails(folder, 2, ...again.with(-1, "o.csv"), ...both);
  expect(refused.code).toBe("options-contradict");
});

const penguins = realData("penguins", "penguins.csv");

test.skipIf(!penguins)("the penguins' gaps get values that penguins have", async () => {
  const folder = testFolder();
  await elboDone(folder, "train", penguins!, "--epochs", "30", "--out", "r", "--hide", "0.1");
  await elboDone(folder, "impute", "r", penguins!, "-o", "whole.parquet", "--intervals", "0.9");
  const [given, whole] = [
    await collect(await openData(penguins!)),
    await collect(await openData(join(folder, "whole.parquet"))),
  ];
  for (const [name, values] of Object.entries(given)) {
    const known = new Set(values);
    for (const [i, value] of values.entries()) {
      const filled = whole[name]![i]!;
      const gap = value === null || Number.isNaN(value);
      if (!gap) expect(filled).toBe(value);
      else if (typeof filled === "string") expect(known).toContain(filled);
      else {
        const there = values.filter((v) => !Number.isNaN(v)) as number[];
        expect(filled).toBeGreaterThanOrEqual(Math.min(...there));
        expect(filled).toBeLessThanOrEqual(Math.max(...there));
        expect(whole[`${name}_low`]![i]).toBeLessThan(whole[`${name}_high`]![i] as number);
      }
    }
  }
});
