// What a trained run is for, by its commands: evaluate, encode, reconstruct, sample, inspect.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { collect } from "../data/rows.ts";
import { realData } from "../helpers/data.ts";
import { testFolder } from "../helpers/folder.ts";
import { elbo, elboDone, elboFails, numbers, writeData } from "./support.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  const [header, first, second, ...rest] = numbers(100, 4).split("\n");
  const gap = second!.replace(/^[^,]+/, "");
  writeData(folder, "d.csv", [header, first, gap, ...rest].join("\n"));
  writeData(folder, "whole.csv", numbers(100, 4));
  await elboDone(folder, ..."train d.csv --epochs 2 --latent 2 --out vae".split(" "));
  await elboDone(
    folder,
    ..."train whole.csv --epochs 40 --method ae --lr 0.01 --out ae".split(" "),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function json(...words: string[]) {
  const { stdout, stderr } = await elboDone(folder, ...words, "--json");
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const lines = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");

test("evaluate tells the same to people and to programs", async () => {
  const report = await json("evaluate", "vae", "d.csv", "--importance-samples", "20");
  expect(Object.keys(report)).toEqual([
    ...["ok", "rows", "elbo", "reconstruction", "kl", "target", "klPerLatent", "fields"],
    ...["activeUnits", "mse", "symbolAccuracy", "levelAccuracy"],
    ...["bitsPerDim", "nll", "baselines", "targets", "anomalies", "images", "latents", "warnings"],
  ]);
  expect(report).toMatchObject({ targets: [], anomalies: null, images: null, latents: null });
  expect(report).toMatchObject({ ok: true, rows: 100, bitsPerDim: null, nll: { samples: 20 } });
  expect(report.elbo).toBeCloseTo(-report.reconstruction - report.kl, 6);
  expect(report.klPerLatent.length).toBe(2);
  // Importance sampling bounds the likelihood more tightly than the ELBO does.
  expect(report.nll.value).toBeLessThan(-report.elbo);
  expect(report.fields.map(({ name }: { name: string }) => name)).toEqual(["c0", "c1", "c2", "c3"]);
  expect(report.warnings).toEqual([]);
  const { stdout } = await elboDone(folder, "evaluate", "vae", "d.csv");
  const [, shown] = /^elbo +(-[\d.]+) nats per row/m.exec(stdout)!;
  expect(Number(shown)).toBeCloseTo(report.elbo, 3);
  const columnsAlone = /^ {2}columns alone +elbo (-[\d.]+)$/m.exec(stdout)!;
  expect(Number(columnsAlone[1])).toBeCloseTo(report.baselines.independent.elbo, 3);
  // Two epochs of a plane with a little noise: hardly better than the mean row.
  expect(stdout).toMatch(/\n(Each column alone knows|The model knows) these rows better/);
});

test("an autoencoder has no elbo, no samples and no standard deviations, and evaluate says how good it is", async () => {
  const report = await json("evaluate", "ae", "whole.csv");
  expect(report).toMatchObject({ elbo: null, kl: null, klPerLatent: null, nll: null });
  const { stdout } = await elboDone(folder, "evaluate", "ae", "whole.csv");
  expect(stdout).not.toContain("nats");
  // A plane is what PCA is for.
  expect(report.mse).toBeLessThan(report.baselines.mean.mse);
  expect(report.mse).toBeGreaterThan(report.baselines.pca.mse);
  expect(stdout).toMatch(/\nPCA with 2 components reconstructs these rows better\.\n$/);
  const sampled = await elboFails(
    folder,
    2,
    "sample",
    "ae",
    "-n",
    "3",
    "-o",
    "s.csv",
    "--sampler",
    "prior",
  );
  expect(sampled.code).toBe("no-prior");
  // Without one, latents are drawn from a mixture fitted to those of the run's data.
  await elboDone(folder, "sample", "ae", "-n", "3", "-o", "mixture.csv");
  expect(readFileSync(join(folder, "mixture.csv"), "utf8").trim().split("\n").length).toBe(4);
  const words = ["encode", "ae", "whole.csv", "-o", "z.csv", "--std"];
  expect((await elboFails(folder, 2, ...words)).code).toBe("no-posterior");
});

test("encode writes a row for each row, gaps or not", async () => {
  const result = await json("encode", "vae", "d.csv", "-o", "z.csv", "--std");
  expect(result).toMatchObject({ ok: true, rows: 100, latent: 2, output: "z.csv" });
  const [header, ...rows] = lines("z.csv");
  expect(header).toBe("z0,z1,z0_std,z1_std");
  expect(rows.length).toBe(100);
  expect(rows.every((row) => /^(-?[\d.e-]+(,|$)){4}$/.test(row))).toBe(true);
  await elboDone(folder, "encode", "vae", "d.csv", "-o", "z.npy");
  expect((await openData(join(folder, "z.npy"))).rows).toBe(100);
});

test("reconstruct and sample write the columns of the data", async () => {
  await json("reconstruct", "vae", "d.csv", "-o", "seen.csv");
  expect(lines("seen.csv")[0]).toBe("c0,c1,c2,c3");
  expect(lines("seen.csv").length).toBe(101);
  expect(await json("sample", "vae", "-n", "7", "-o", "s.csv")).toMatchObject({ rows: 7 });
  expect(lines("s.csv")[0]).toBe("c0,c1,c2,c3");
  expect(lines("s.csv").length).toBe(8);
  await json("sample", "vae", "-n", "3", "-o", "fewer.csv");
  expect(lines("fewer.csv")).toEqual(lines("s.csv").slice(0, 4));
  await json("sample", "vae", "-n", "3", "-o", "other.csv", "--seed", "1");
  expect(lines("other.csv")).not.toEqual(lines("fewer.csv"));
});

const people = (rows: number) =>
  `id,age,town,member,since,always\n${Array.from({ length: rows }, (_, i) => {
    const age = i % 9 === 4 ? "" : 20 + ((i * 7) % 50) + (i % 4) / 4;
    const since = `2024-0${1 + (i % 9)}-1${i % 10}`;
    return `p${i},${age},${["Bern", "Basel", "Chur"][i % 3]},${i % 2 === 0},${since},x\n`;
  }).join("")}`;

test("inspect shows what training would take, and what to look at", async () => {
  const folder = testFolder();
  writeData(folder, "people.csv", people(90));
  const { stdout } = await elboDone(folder, "inspect", "people.csv", "--condition", "town");
  expect(stdout).toMatchInlineSnapshot(`
    "people.csv: 90 rows, 6 columns

    column  role       kind         likelihood    missing  values
    id      id                                             90 texts: p0, p1, p10, p11, p12, …
    age     data       real         gaussian     10 (11%)  20 to 69.75, mean 44.38
    town    condition  categorical  categorical            3 levels: Basel, Bern, Chur
    member  data       binary       bernoulli              1 (true) in 50%
    since   data       time         gaussian               2024-01-10 to 2024-09-19
    always  ignore                                         always x

    Worth a look:
      column "id" has another value in every row: it is carried along as an id and kept out of the model
        --kind "id=text" has it modelled
      column "always" has the same value in every row, and is left out
        nothing can be learnt from it; leave the column away if that is how it should be
    "
  `);
  const { stdout: told } = await elboDone(folder, "inspect", "people.csv", "--json");
  const data = JSON.parse(told);
  expect(Object.keys(data)).toEqual([
    ...["ok", "kind", "source", "rows", "fields", "findings", "notes"],
  ]);
  expect(data.fields[1]).toEqual({
    ...{ name: "age", kind: "real", role: "data", likelihood: "gaussian", missing: 10 },
    ...{ distinct: expect.any(Number), min: 20, mean: expect.any(Number), max: expect.any(Number) },
    ...{ frequent: [], shape: [1] },
  });
  expect(data.findings.map(({ code, column }: Record<string, string>) => [code, column])).toEqual([
    ["column-identifies", "id"],
    ["column-constant", "always"],
  ]);
});

test("inspect --save writes fields that train --schema takes, once edited", async () => {
  const folder = testFolder();
  writeData(folder, "people.csv", people(90));
  const save = ["inspect", "people.csv", "--kind", "age=positive", "--save", "fields.json"];
  await elboDone(folder, ...save);
  expect((await elboFails(folder, 2, ...save)).code).toBe("output-exists");
  await elboDone(folder, ...save, "--force");
  const path = join(folder, "fields.json");
  const saved = JSON.parse(readFileSync(path, "utf8"));
  const fields: { name: string; role: string; kind: string; likelihood?: string }[] = saved.fields;
  expect(fields.map(({ name, role, kind }) => [name, role, kind])).toEqual([
    ["id", "id", "text"],
    ["age", "data", "positive"],
    ["town", "data", "categorical"],
    ["member", "data", "binary"],
    ["since", "data", "time"],
    ["always", "ignore", "categorical"],
  ]);
  fields[1]!.likelihood = "gamma";
  fields[4]!.role = "ignore";
  writeData(folder, "fields.json", JSON.stringify(saved));
  const words = ["train", "people.csv", "--schema", "fields.json", "--target", "member"];
  await elboDone(folder, ...words, "--epochs", "1", "--out", "r");
  const { schema } = JSON.parse(readFileSync(join(folder, "r", "config.json"), "utf8"));
  expect(schema.fields).toMatchObject([
    { name: "id", role: "id" },
    { name: "age", role: "data", kind: "positive", likelihood: "gamma" },
    { name: "town", role: "data", levels: ["Basel", "Bern", "Chur"] },
    { name: "member", role: "target" },
    { name: "since", role: "ignore" },
    { name: "always", role: "ignore" },
  ]);
  writeData(folder, "broken.json", '{"fields": [{"name": "age", "kind": "number"}]}');
  const broken = await elboFails(folder, 2, "train", "people.csv", "--schema", "broken.json");
  expect(broken.message).toContain("broken.json");
  const none = await elboFails(folder, 1, "train", "people.csv", "--schema", "none.json");
  expect(none.code).toBe("file-missing");
});

test("a table of many kinds: from train to samples at a condition", async () => {
  const folder = testFolder();
  writeData(folder, "people.csv", people(120));
  const trained = await elboDone(
    ...[folder, "train", "people.csv", "--condition", "town", "--epochs", "2", "--out", "r"],
  );
  expect(trained.stderr).toContain("sample r -n 100 -o samples.csv --where town=Basel\n");
  const evaluated = await elboDone(folder, "evaluate", "r", "people.csv");
  expect(evaluated.stdout).toMatch(/^rows +120\nelbo +-[\d.]+ nats per row/);
  expect(evaluated.stdout).toMatch(
    /^mse +[\d.]+\n {2}mean row +[\d.]+\n {2}PCA, 2 components +[\d.]+$/m,
  );
  expect(evaluated.stdout).toMatch(/^levels right +[\d.]+ %\n {2}PCA, 2 components +[\d.]+ %$/m);
  expect(evaluated.stdout).toMatch(
    /\n(PCA with 2 components gets (more|as many) levels of these rows right|The model gets more levels of these rows right than PCA with 2 components)\.$/m,
  );
  await elboDone(folder, "encode", "r", "people.csv", "-o", "z.csv");
  const [header, first] = readFileSync(join(folder, "z.csv"), "utf8").split("\n");
  expect(header).toBe("id,z0,z1");
  expect(first).toMatch(/^p0,/);
  await elboDone(folder, "reconstruct", "r", "people.csv", "-o", "seen.parquet");
  const seen = await openData(join(folder, "seen.parquet"));
  expect(seen.columns.map(({ name }) => name)).toEqual(["id", "age", "town", "member", "since"]);
  expect((await collect(seen, ["id"]))["id"]).toEqual(
    Array.from({ length: 120 }, (_, i) => `p${i}`),
  );
  await elboDone(folder, "sample", "r", "-n", "40", "-o", "any.csv");
  const any = readFileSync(join(folder, "any.csv"), "utf8");
  for (const town of ["Basel", "Bern"]) expect(any).toContain(`,${town},`);
  const wrong = ["sample", "r", "-n", "3", "-o", "s.csv", "--where", "town=Brn"];
  expect((await elboFails(folder, 2, ...wrong)).hint).toBe("Did you mean Bern?");
  expect(existsSync(join(folder, "s.csv"))).toBe(false);
  await elboDone(folder, ...wrong.with(-1, "town=Bern"));
  const drawn = readFileSync(join(folder, "s.csv"), "utf8");
  expect(drawn).toMatch(
    /^age,town,member,since\n([\d.-]+,Bern,(true|false),20\d\d-\d\d-\d\d\n){3}$/,
  );
});

test("inspect tells what a run is", async () => {
  const run = await elboDone(folder, "inspect", "vae");
  expect(run.stdout.replace(/epoch \d+; written by .*/, "epoch N")).toMatchInlineSnapshot(`
    "run       vae
    trained   2 of 2 epochs; holds the weights of epoch N
    data      d.csv: 100 rows
    columns   real, gaussian: c0, c1, c2, c3
    model     vae: 2 latents, mlp:16,16 with relu
    training  up to 2 epochs of batches of 32, adam, lr 0.001, β 1, seed 0
    device    cpu, 1 thread
    "
  `);
  expect(await json("inspect", "vae")).toMatchObject({ kind: "run", run: "vae", epochs: 2 });
});

test("tasks compute on WebAssembly too, to the same figures", async () => {
  const native = await json("evaluate", "vae", "d.csv");
  const wasm = await json("evaluate", "vae", "d.csv", "--device", "wasm", "--threads", "2");
  expect(wasm.elbo).toBeCloseTo(native.elbo, 4);
});

const digits = realData("mnist", "t10k-images-idx3-ubyte.gz");

test.skipIf(!digits)(
  "MNIST: train, evaluate, encode, reconstruct and sample (needs the real data)",
  async () => {
    const folder = testFolder();
    const words = ["--epochs", "1", "--binarize", "dynamic", "--out", "r"];
    await elboDone(folder, "train", digits!, ...words);
    const evaluated = await elboDone(folder, "evaluate", "r", digits!, "--json");
    const report = JSON.parse(evaluated.stdout);
    expect(report.rows).toBe(10_000);
    // An epoch over 9,000 digits: far from converged (about -105), far from untrained (-543).
    expect(report.elbo).toBeGreaterThan(-250);
    expect(report.bitsPerDim).toBeCloseTo(-report.elbo / 784 / Math.LN2, 6);
    await elboDone(folder, "encode", "r", digits!, "-o", "z.parquet");
    await elboDone(folder, "reconstruct", "r", digits!, "-o", "seen.npy");
    const seen = await openData(join(folder, "seen.npy"));
    expect(seen.rows).toBe(10_000);
    expect(seen.columns).toMatchObject([{ type: "image", height: 28, width: 28, channels: 1 }]);
    await elboDone(folder, "sample", "r", "-n", "16", "-o", "s.png");
    const picture = decode(readFileSync(join(folder, "s.png")));
    expect([picture.width, picture.height]).toEqual([4 * 28 + 3 * 2, 4 * 28 + 3 * 2]);
    const refused = await elbo(folder, "sample", "r", "-n", "16", "-o", "s.csv");
    expect(refused.code).toBe(2);
  },
);
