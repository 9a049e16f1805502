// Archives as people make them, and what they are told.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { people, pictures } from "../tasks/compress/files.ts";
import { elboDone, elboFails, writeData } from "./support.ts";

test("a file becomes an archive with its model, and comes back from it alone", async () => {
  const folder = testFolder();
  const run = (words: string) => elboDone(folder, ...words.split(" "));
  const fails = (code: number, words: string) => elboFails(folder, code, ...words.split(" "));
  writeData(folder, "people.csv", people);
  await run("train people.csv --network mlp:8 --latent 2 --epochs 1 --id note --out r");
  const told = await run("compress r people.csv -o p.elbo --with-model --weight-bits 8");
  expect(told.stdout).toBe("");
  // What beside it could be run here is told, and what could not with the reason.
  expect(told.stderr).toMatch(/\n {2}beside: |\n {2}bzip2 was not measured: /);
  expect(told.stderr).toMatch(
    /^3,000 rows written to p\.elbo\n {2}[\d,]+ bytes of [\d,]+ bytes, \d+%, [\d.]+ bits a value\n {2}of them [\d,]+ bytes are the model, 8 bits a weight\n/,
  );
  const back = await run("decompress p.elbo -o back.csv --json");
  expect(JSON.parse(back.stdout)).toEqual({
    ...{
      ok: true,
      rows: 3000,
      unit: "row",
      lost: [],
      content: "delimited",
      output: "back.csv",
      warnings: [],
    },
  });
  expect(readFileSync(join(folder, "back.csv"), "utf8")).toBe(people);
  writeData(folder, "zero.elbo", "");
  writeData(folder, "zero.csv", "");
  expect((await fails(1, "decompress r zero.elbo -o x")).code).toBe("archive-unknown");
  const empty = await run("compress r zero.csv -o empty.elbo --no-rivals");
  expect(empty.stderr).toMatch(/\n {2}[\d,]+ bytes of 0 bytes\n/);
  const newer = readFileSync(join(folder, "p.elbo"));
  newer[4] = 9;
  writeFileSync(join(folder, "newer.elbo"), newer);
  expect((await fails(1, "decompress newer.elbo -o x")).code).toBe("archive-newer");
  expect((await fails(2, "compress r people.csv -o p.elbo")).code).toBe("output-exists");
  const bits = await fails(2, "compress r people.csv -o y.elbo --weight-bits 9");
  expect(bits.code).toBe("option-value");
});

test("grey pictures under a Bernoulli are refused, with the likelihood to train with", async () => {
  const folder = testFolder();
  writeData(folder, "blots-idx3-ubyte", pictures(60));
  const words = "train blots-idx3-ubyte --network mlp:4 --latent 2 --epochs 1 --out bernoulli";
  await elboDone(folder, ...words.split(" "));
  const refused = ["compress", "bernoulli", "blots-idx3-ubyte", "-o", "g.elbo"];
  const { code, hint } = await elboFails(folder, 2, ...refused);
  expect(code).toBe("compress-likelihood");
  expect(hint).toContain("--likelihood image=beta-binomial");
});
