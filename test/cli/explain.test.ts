// elbo explain and its kin as people use them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  const lines = numbers(120, 3).trimEnd().split("\n");
  const classed = lines.map((line, i) =>
    i === 0
      ? `id,${line},size`
      : `r${i - 1},${line},${Number(line.split(",")[0]) > 0.5 ? "big" : "small"}`,
  );
  writeData(folder, "d.csv", `${classed.join("\n")}\n`);
  const words = "train d.csv --id id --target size --epochs 60 --latent 2 --lr 0.01 --out vae";
  await elboDone(folder, ...words.split(" "));
});
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");

async function json(...words: string[]) {
  return JSON.parse((await elboDone(folder, ...words, "--json")).stdout);
}

test("explain names latents with the evidence, in a table and on stdout", async () => {
  const { stdout } = await elboDone(
    folder,
    ..."explain vae d.csv -o l.csv --beside vae".split(" "),
  );
  expect(stdout).toMatch(/^z0 {2}\S.*\nz1 {2}\S.*\nvae: 100% .* 100% of it axis by axis\n$/);
  expect(lines("l.csv")[0]).toBe(
    "latent,name,field,moves,unit,direction,information,information_bias,attribution",
  );
  // The three columns, the target, which is decoded, and each of two latents.
  expect(lines("l.csv").length).toBe(1 + 2 * 4);
  const told = await json("explain", "vae", "d.csv", "-o", "l.json");
  expect(Object.keys(told)).toEqual([
    ...["ok", "rows", "attributed", "latents", "gap", "stability", "output", "warnings"],
  ]);
  expect(told.latents.length).toBe(2);
});

test("explain --attribute writes a row for each row, --change the edit", async () => {
  const told = await json(..."explain vae d.csv -o a.csv --attribute z0".split(" "));
  expect(told).toMatchObject({ rows: 120, output: "a.csv" });
  expect(lines("a.csv")[0]).toBe("id,value,baseline,c0,c1,c2");
  expect(lines("a.csv").length).toBe(121);
  const few = await json(..."explain vae d.csv -o f.csv --attribute z0 --rows 4".split(" "));
  expect(few).toMatchObject({ rows: 4, of: 120, warnings: [{ code: "rows-sampled" }] });
  expect(lines("f.csv")[0]).toBe("id,row,value,baseline,c0,c1,c2");
  const row = lines("d.csv").findIndex((line) => line.endsWith("small")) - 1;
  const words = ["explain", "vae", "d.csv", "--change", String(row), "--until", "size=big"];
  const change = await json(...words, "-o", "e.csv");
  expect(change).toMatchObject({ row, before: "small", after: "big" });
  expect(lines("e.csv").length).toBe(1 + change.edits.length);
  const wrong = ["explain", "vae", "d.csv", "-o", "x.csv"];
  expect((await elboFails(folder, 2, ...wrong, "--change", "1")).code).toBe("options-contradict");
  expect((await elboFails(folder, 2, ...wrong, "--attribute", "z9")).code).toBe("option-value");
  const useless = async (...words: string[]) =>
    (await elboFails(folder, 2, ...wrong, ...words)).message;
  expect(await useless("--attribute", "z0", "--beside", "vae")).toBe(
    "--beside has no use with --attribute",
  );
  expect(await useless("--change", "1", "--until", "size=big", "--rows", "20")).toBe(
    "--rows has no use with --change",
  );
  expect(await useless("--change", "1", "--until", "size=big", "--steps", "9")).toBe(
    "--steps has no use with --change",
  );
  expect(await useless("--most", "2")).toBe("--most has no use without --change");
});

test("cluster and nearest write tables with the id columns", async () => {
  const told = await json(..."cluster vae d.csv -o c.csv --clusters 2".split(" "));
  expect(told).toMatchObject({ rows: 120, clusters: 2, by: "mixture", criterion: null });
  expect(told.sizes[0] + told.sizes[1]).toBe(120);
  expect(lines("c.csv")[0]).toBe("id,cluster,probability");
  await elboDone(folder, ..."nearest vae d.csv --rows 3,0 -n 2 -o n.csv".split(" "));
  const [header, ...rows] = lines("n.csv");
  expect(header).toBe("row,rank,nearest,distance,id");
  const cells = rows.map((row) => row.split(","));
  expect(cells.map(([row, rank]) => [row, rank])).toEqual([
    ["3", "1"],
    ["3", "2"],
    ["0", "1"],
    ["0", "2"],
  ]);
  for (const [row, , nearest, , id] of cells) {
    expect(id).toBe(`r${nearest}`);
    expect(nearest).not.toBe(row);
  }
  const none = await elboFails(folder, 2, "nearest", "vae", "d.csv", "-o", "x.csv");
  expect(none.code).toBe("options-contradict");
});

test("a row that is none is refused with what there is, and with no word of a default", async () => {
  const to = await elboFails(
    ...[folder, 2, "interpolate", "vae", "d.csv", "--from", "0", "--to", "120", "-o", "b.csv"],
  );
  expect(to).toMatchObject({
    code: "option-value",
    hint: "Rows are counted from 0, and 119 is the last.",
  });
  const rows = await elboFails(
    folder,
    2,
    "nearest",
    "vae",
    "d.csv",
    "--rows",
    "500",
    "-o",
    "n2.csv",
  );
  expect(rows.hint).toBe("Rows are counted from 0, and 119 is the last.");
  const none = await elboFails(folder, 2, "sample", "vae", "-n", "0", "-o", "s0.csv");
  expect(none.hint).toBe("Say how many rows, for example -n 100.");
});

test("interpolate and traverse write tables of the decoded columns", async () => {
  await elboDone(folder, ..."interpolate vae d.csv --from 0 --to 5 --steps 4 -o i.csv".split(" "));
  expect(lines("i.csv")[0]).toBe("share,c0,c1,c2,size");
  expect(lines("i.csv").length).toBe(5);
  const told = await json(..."traverse vae --steps 3 --latents 1".split(" "));
  expect(told).toMatchObject({ rows: 3, output: join("vae", "traverse.csv") });
  expect(lines("vae/traverse.csv")[0]).toBe("latent,value,c0,c1,c2,size");
  const again = await elboFails(folder, 2, "traverse", "vae");
  expect(again.code).toBe("output-exists");
});

test("sample refuses rows that no report can be made of before it draws any", async () => {
  writeData(folder, "other.csv", "a,b\n1,2\n3,4\n");
  writeData(folder, "few.csv", `${lines("d.csv").slice(0, 3).join("\n")}\n`);
  const words = ["sample", "vae", "-n", "20", "-o", "none.csv", "--report"];
  expect((await elboFails(folder, 2, ...words, "other.csv")).code).toBe("data-mismatch");
  expect((await elboFails(folder, 2, ...words, "few.csv")).code).toBe("data-empty");
  expect(existsSync(join(folder, "none.csv"))).toBe(false);
});

test("sample --report tells people and programs what the rows are worth", async () => {
  const words = "sample vae -n 100 --report d.csv --force -o s.csv".split(" ");
  const { stdout } = await elboDone(folder, ...words);
  expect(stdout).toMatch(/^100 synthetic rows beside 120 real ones; in brackets/);
  expect(stdout).toMatch(/\nsize told from the other columns of real rows \(accuracy\): /);
  const { report } = await json(...words);
  expect(Object.keys(report)).toEqual([
    ...["rows", "marginals", "pairs", "usefulness", "distances", "membership", "copies"],
  ]);
  expect(report.marginals.map(({ field }: { field: string }) => field)).toEqual([
    ...["c0", "c1", "c2", "size"],
  ]);
});
