// elbo export as a person uses it: from a file of data to a folder that needs no elbo.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { beforeAll, expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { collect } from "../data/rows.ts";
import { sharedFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, writeData } from "./support.ts";

const folder = sharedFolder();
const jobs = ["nurse", "teacher", "engineer"];
const rows = 120;
const ages = Array.from({ length: rows }, (_, i) => (i % 11 === 5 ? "" : 20 + ((i * 7) % 45)));
const of = (i: number) => (i % 13 === 7 ? "" : jobs[(i * 5) % 3]!);

beforeAll(async () => {
  const lines = ages.map((age, i) => {
    const since = new Date(Date.UTC(2000, i, 1 + (i % 28))).toISOString().slice(0, 10);
    return `p${i},${age},${of(i)},${since},${i % 4 === 0}`;
  });
  writeData(folder, "people.csv", ["id,age,job,since,remote", ...lines].join("\n"));
  const words = "train people.csv --kind age=real --target remote --epochs 3 --latent 2 --out run";
  await elboDone(folder, ...words.split(" "));
});

test("an export gives what encode gives, of the raw cells, and --json says what was written", async () => {
  const { stdout } = await elboDone(folder, "export", "run", "-o", "onnx", "--json");
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ ok: true, output: "onnx", leftOut: [], warnings: [] });
  expect(told.parts).toEqual(["encoder", "decoder", "score", "sample", "predict"]);
  const names = told.files.map(({ name }: { name: string }) => name);
  expect(readdirSync(join(folder, "onnx")).sort()).toEqual(names.sort());

  await elboDone(folder, "encode", "run", "people.csv", "-o", "z.csv", "--std");
  const latents = await collect(await openData(join(folder, "z.csv")));
  const people = await collect(await openData(join(folder, "people.csv")));
  const session = await ort.InferenceSession.create(join(folder, "onnx/encoder.onnx"));
  expect(session.inputNames).toEqual(["age", "job", "since"]);
  const { z, z_std: deviations } = await session.run({
    age: new ort.Tensor(
      "float64",
      Float64Array.from(ages, (a) => (a === "" ? NaN : +a)),
      [rows],
    ),
    job: new ort.Tensor(
      "string",
      Array.from({ length: rows }, (_, i) => of(i)),
      [rows],
    ),
    since: new ort.Tensor("float64", Float64Array.from(people["since"] as number[]), [rows]),
  });
  for (let i = 0; i < rows; i++) {
    for (const j of [0, 1]) {
      const expected = latents[`z${j}`]![i] as number;
      const spread = latents[`z${j}_std`]![i] as number;
      expect(Math.abs((z!.data[2 * i + j] as number) - expected)).toBeLessThan(1e-5);
      expect(Math.abs((deviations!.data[2 * i + j] as number) - spread)).toBeLessThan(1e-5);
    }
  }
});

test("people see the files' sizes; the card has figures and baselines of --data", async () => {
  const words = "export run -o card --data people.csv --license CC0-1.0";
  const { stdout, stderr } = await elboDone(folder, ...words.split(" "));
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^10 files written to card\n {2}encoder\.onnx +[\d,]+ bytes\n/);
  const card = readFileSync(join(folder, "card/README.md"), "utf8");
  const report = JSON.parse(
    (await elboDone(folder, "evaluate", "run", "people.csv", "--json")).stdout,
  );
  const digits = (value: number) => String(Number(value.toPrecision(5)));
  expect(card).toContain(`| elbo | ${digits(report.elbo)} |`);
  const { independent } = report.baselines;
  expect(card).toContain(`| baseline: elbo of each column alone | ${digits(independent.elbo)} |`);
  const { hash } = JSON.parse(readFileSync(join(folder, "run/config.json"), "utf8")).data;
  expect(card).toContain(`hash to \`${hash}\``);
  await elboDone(folder, ...words.split(" "), "--force", "--quiet");
});

test("what is asked for wrongly is refused, and nothing is written", async () => {
  const refuse = (...words: string[]) => elboFails(folder, 2, "export", ...words);
  expect((await refuse("run", "-o", "new", "--part", "decode")).hint).toBe("Did you mean decoder?");
  expect((await refuse("run", "-o", "run")).message).toContain("holds what no export does");
  expect((await refuse("run", "-o", "run", "--force")).code).toBe("output-exists");
  expect((await refuse("run", "-o", "people.csv", "--force")).code).toBe("output-exists");
  const gone = await elboFails(folder, 1, "export", "no-run", "-o", "new");
  expect(gone.code).toBe("file-missing");
  const under = await elboFails(folder, 1, "export", "run", "-o", "people.csv/new");
  expect(under.code).toBe("folder-is-file");
  expect(existsSync(join(folder, "new"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
