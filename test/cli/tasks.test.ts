// What a trained run is for, by its commands: evaluate, encode, reconstruct, sample, inspect.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readData } from "#elbo/data/read.js";
import { realData } from "../helpers/data.ts";
import { testFolder } from "../helpers/folder.ts";
import { elbo, elboDone, elboFails, numbers, writeData } from "./support.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  const [header, first, second, ...rest] = numbers(100, 4).split("\n");
  const gap = second!.replace(/^[^,]+/, "");
  writeData(folder, "d.csv", [header, first, gap, ...rest].join("\n"));
  await elboDone(folder, ..."train d.csv --epochs 2 --latent 2 --out vae".split(" "));
  await elboDone(folder, ..."train d.csv --epochs 40 --method ae --lr 0.01 --out ae".split(" "));
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
    ...["ok", "rows", "elbo", "reconstruction", "kl", "klPerLatent", "activeUnits", "mse"],
    ...["bitsPerDim", "nll", "baselines", "warnings"],
  ]);
  expect(report).toMatchObject({ ok: true, rows: 99, bitsPerDim: null, nll: { samples: 20 } });
  expect(report.elbo).toBeCloseTo(-report.reconstruction - report.kl, 6);
  expect(report.klPerLatent.length).toBe(2);
  // Importance sampling bounds the likelihood more tightly than the ELBO does.
  expect(report.nll.value).toBeLessThan(-report.elbo);
  expect(report.warnings.map(({ code }: { code: string }) => code)).toEqual(["rows-left-out"]);
  const { stdout } = await elboDone(folder, "evaluate", "vae", "d.csv");
  const [, shown] = /^elbo +(-[\d.]+) nats per row/m.exec(stdout)!;
  expect(Number(shown)).toBeCloseTo(report.elbo, 3);
  // Two epochs of a plane with a little noise: no better than the mean row.
  expect(stdout).toMatch(/\nThe model is no better than the mean row: it has learned nothing\.\n$/);
});

test("an autoencoder has no elbo, no samples and no standard deviations, and evaluate says how good it is", async () => {
  const report = await json("evaluate", "ae", "d.csv");
  expect(report).toMatchObject({ elbo: null, kl: null, klPerLatent: null, nll: null });
  const { stdout } = await elboDone(folder, "evaluate", "ae", "d.csv");
  expect(stdout).not.toContain("nats");
  // A plane is what PCA is for.
  expect(report.mse).toBeLessThan(report.baselines.mean.mse);
  expect(report.mse).toBeGreaterThan(report.baselines.pca.mse);
  expect(stdout).toMatch(/\nPCA with 2 components reconstructs these rows better\.\n$/);
  const sampled = await elboFails(folder, 2, "sample", "ae", "-n", "3", "-o", "s.csv");
  expect(sampled.code).toBe("no-prior");
  const words = ["encode", "ae", "d.csv", "-o", "z.csv", "--std"];
  expect((await elboFails(folder, 2, ...words)).code).toBe("no-posterior");
});

test("encode writes a row for each row that has no gap, with its number", async () => {
  const result = await json("encode", "vae", "d.csv", "-o", "z.csv", "--std");
  expect(result).toMatchObject({ ok: true, rows: 99, latent: 2, output: "z.csv" });
  const [header, first, second] = lines("z.csv");
  expect(header).toBe("row,z0,z1,z0_std,z1_std");
  expect([first, second].map((line) => line!.split(",")[0])).toEqual(["1", "3"]);
  expect(lines("z.csv").length).toBe(100);
  await elboDone(folder, "encode", "vae", "d.csv", "-o", "z.npy");
  expect((await readData(join(folder, "z.npy"))).rows).toBe(99);
});

test("reconstruct and sample write the columns of the data", async () => {
  await json("reconstruct", "vae", "d.csv", "-o", "seen.csv");
  expect(lines("seen.csv")[0]).toBe("row,c0,c1,c2,c3");
  expect(await json("sample", "vae", "-n", "7", "-o", "s.csv")).toMatchObject({ rows: 7 });
  expect(lines("s.csv")[0]).toBe("c0,c1,c2,c3");
  expect(lines("s.csv").length).toBe(8);
  await json("sample", "vae", "-n", "3", "-o", "fewer.csv");
  expect(lines("fewer.csv")).toEqual(lines("s.csv").slice(0, 4));
  await json("sample", "vae", "-n", "3", "-o", "other.csv", "--seed", "1");
  expect(lines("other.csv")).not.toEqual(lines("fewer.csv"));
});

test("inspect tells what data and runs are", async () => {
  writeData(folder, "c.csv", "a,b,name\n1,5,x\n2,5,y\n,5,z\n");
  const { stdout } = await elboDone(folder, "inspect", "c.csv");
  expect(stdout).toMatchInlineSnapshot(`
    "c.csv: 2 rows, 2 numeric columns
    note: 1 column left out as not numeric: "name"
    note: 1 row of 3 with missing values left out (row 4)

    column  kind        min   mean    max
    a       real      1.000  1.500  2.000
    b       constant  5.000  5.000  5.000
    "
  `);
  const data = await json("inspect", "c.csv");
  expect(data.columns[1]).toEqual({
    ...{ name: "b", kind: "real", min: 5, max: 5, mean: 5, constant: true },
  });
  const run = await elboDone(folder, "inspect", "vae");
  expect(run.stdout.replace(/epoch \d+; elbo [\d.]+/, "epoch N; elbo V")).toMatchInlineSnapshot(`
    "run       vae
    trained   2 of 2 epochs; holds the weights of epoch N; elbo V
    data      d.csv: 99 rows
    model     vae: 2 latents, mlp:16,16 with relu, gaussian likelihood
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
    const seen = await readData(join(folder, "seen.npy"));
    expect([seen.rows, ...seen.shape]).toEqual([10_000, 28, 28, 1]);
    await elboDone(folder, "sample", "r", "-n", "16", "-o", "s.png");
    const picture = decode(readFileSync(join(folder, "s.png")));
    expect([picture.width, picture.height]).toEqual([4 * 28 + 3 * 2, 4 * 28 + 3 * 2]);
    const refused = await elbo(folder, "sample", "r", "-n", "16", "-o", "s.csv");
    expect(refused.code).toBe(2);
  },
);
