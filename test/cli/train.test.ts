// elbo train as people and programs meet it: what goes to which stream, and what is left behind.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elbo, elboDone, elboFails, MAIN, numbers, writeData } from "./support.ts";

const RUN_FILES = ["config.json", "metrics.jsonl", "model.safetensors", "state.safetensors"];

test("stdout is the run folder alone; stderr tells data, settings, progress and what is next", async () => {
  const folder = testFolder();
  writeData(folder, "my data.csv", numbers(200, 4));
  const { stdout, stderr } = await elboDone(folder, "train", "my data.csv", "--epochs", "50");
  expect(stdout).toBe(`${join("runs", "my-data-vae")}\n`);
  expect(readdirSync(join(folder, stdout.trim())).sort()).toEqual(RUN_FILES);
  const lines = stderr.trimEnd().split("\n");
  const epochs = lines.filter((line) => line.startsWith("epoch "));
  expect(epochs.length).toBeGreaterThan(10);
  expect(epochs.length).toBeLessThanOrEqual(21);
  expect(epochs.at(-1)).toMatch(
    /^epoch 50\/50 {2}loss -?[\d.]+ {2}elbo -?[\d.]+ {2}validation elbo/,
  );
  const settled = lines.filter((line) => !line.startsWith("epoch ")).join("\n");
  expect(settled.replace(/in [\d.]+ s; the best, \d+, has .*/, "in N s")).toMatchSnapshot();
});

test("RUN=$(elbo train ...) is the run, ready for the next command", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  const script = `
    set -e
    RUN=$("$NODE" "$MAIN" train d.csv --epochs 2 --quiet)
    "$NODE" "$MAIN" encode "$RUN" d.csv -o z.csv
    head -1 z.csv`;
  const env = { ...process.env, NODE: process.execPath, MAIN };
  const shown = execFileSync("sh", ["-c", script], { cwd: folder, env, encoding: "utf8" });
  expect(shown).toBe("z0,z1\n");
});

test("--json streams start, epochs, warnings and done, and nothing else anywhere", async () => {
  const folder = testFolder();
  const gap = numbers(60, 3).replace(/\n[^,]+,/, "\n,");
  writeData(folder, "d.csv", gap);
  const words = ["train", "d.csv", "--epochs", "3", "--out", "r", "--json"];
  const { stdout, stderr } = await elboDone(folder, ...words);
  expect(stderr).toBe("");
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.map(({ event }) => event)).toEqual([
    ...["warning", "start", "epoch", "epoch", "epoch", "done"],
  ]);
  const [warning, start, first] = events;
  expect(warning).toMatchObject({
    code: "rows-left-out",
    message: expect.stringContaining("1 row"),
  });
  expect(Object.keys(start)).toEqual(
    expect.arrayContaining(["run", "fields", "parameters", "device", "threads", "settings"]),
  );
  expect(start.rows).toEqual({ training: 53, validation: 6 });
  expect(Object.keys(first.train)).toEqual(["loss", "elbo", "reconstruction", "kl"]);
  expect(Object.keys(first.validation)).toEqual(Object.keys(first.train));
  expect(first.rowsPerSecond).toBeGreaterThan(0);
  const done = events.at(-1);
  expect(done).toMatchObject({ ok: true, run: "r", epochs: 3, interrupted: false });
  const losses = events.slice(2, 5).map(({ validation }) => validation.loss);
  expect(done.best.validation.loss).toBe(Math.min(...losses));
  expect(losses[done.best.epoch - 1]).toBe(done.best.validation.loss);
  const written = readFileSync(join(folder, "r", "metrics.jsonl"), "utf8");
  expect(written).toBe(
    stdout
      .split("\n")
      .slice(2, 5)
      .map((line) => `${line}\n`)
      .join(""),
  );
});

test("--quiet says nothing, and gaps and text columns are told otherwise", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", "a,b,name\n1,2,x\n,3,y\n4,5,z\n6,7,w\n8,NA,v\n");
  const quiet = await elboDone(folder, "train", "d.csv", "--epochs", "1", "--quiet");
  expect(quiet).toMatchObject({ stdout: `${join("runs", "d-vae")}\n`, stderr: "" });
  const { stderr } = await elboDone(folder, "train", "d.csv", "--epochs", "1");
  expect(stderr).toContain('note: 1 column left out as not numeric: "name"\n');
  expect(stderr).toContain("note: 2 rows of 5 with missing values left out (row 3, 6)\n");
});

test("the options reach the run", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  const text =
    "--out r --method vae --latent 3 --network mlp:7,5 --activation tanh --likelihood bernoulli --output sigmoid --scale none --epochs 2 --batch 9 --lr 1e-2 --optimizer adamw --weight-decay 0.1 --clip 2 --beta 0.5 --warmup 1 --schedule two-phase --validation 0.25 --patience 4 --max-time 60 --seed 11 --device wasm --threads 1";
  writeData(
    folder,
    "d.csv",
    numbers(60, 3)
      .replaceAll("-", "")
      .replace(/\b[1-9]\./g, "0."),
  );
  await elboDone(folder, "train", "d.csv", ...text.split(" "));
  const { model, training, compute, schema } = JSON.parse(
    readFileSync(join(folder, "r", "config.json"), "utf8"),
  );
  expect(model).toEqual({
    ...{ method: "vae", latent: 3, network: { kind: "mlp", hidden: [7, 5] }, activation: "tanh" },
    ...{ likelihood: "bernoulli", output: "sigmoid" },
  });
  expect(training).toMatchObject({
    ...{ epochs: 2, batch: 9, clipNorm: 2, beta: 0.5, warmup: 1, schedule: "two-phase" },
    ...{ validation: 0.25, patience: 4, seed: 11 },
    optimizer: { name: "adamw", learningRate: 0.01, weightDecay: 0.1 },
  });
  expect(compute).toMatchObject({ device: "wasm", workers: 1, threads: 1 });
  expect(schema.fields[0]).toMatchObject({ mean: 0, standardDeviation: 1 });
});

test("a run that exists is refused before the data is read, and replaced with --force", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r");
  const before = readFileSync(join(folder, "r", "model.safetensors"));
  const refused = await elboFails(folder, 2, "train", "none.csv", "--out", "r");
  expect(refused).toMatchObject({ code: "output-exists" });
  expect(readFileSync(join(folder, "r", "model.safetensors"))).toEqual(before);
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r", "--force", "--seed", "1");
  expect(readFileSync(join(folder, "r", "model.safetensors"))).not.toEqual(before);
  const foreign = await elboFails(folder, 2, "train", "d.csv", "--out", ".", "--force");
  expect(foreign.message).toContain("is no run folder");
  expect(existsSync(join(folder, "d.csv"))).toBe(true);
});

test("a loss that is no number stops training with the place and the remedy", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  const error = await elboFails(folder, 1, "train", "d.csv", "--lr", "1e30");
  expect(error).toMatchObject({ code: "loss-not-finite", hint: expect.stringContaining("--lr") });
  expect(error.message).toMatch(/^the loss became NaN at step \d+ of epoch 1/);
  const shown = await elbo(folder, "train", "d.csv", "--lr", "1e30", "--debug");
  expect(shown.stderr).toMatch(/^\s+at .*learn\.js/m);
});

test("on a terminal one line is rewritten, without a terminal none is", async (context) => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  const command = `'${process.execPath}' '${MAIN}' train d.csv --epochs 30`;
  const { CI: _, ...env } = process.env;
  let shown: string;
  try {
    shown = execFileSync("script", ["-qec", command, "/dev/null"], {
      ...{ cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    });
  } catch {
    return context.skip("no `script` here to make a terminal");
  }
  expect(shown).toContain("\r\u001b[Kepoch 30/30 ");
  expect(shown).not.toMatch(/epoch 30\/30[^\r]*\n/);
  const plain = await elboDone(folder, "train", "d.csv", "--epochs", "30");
  expect(plain.stderr).not.toContain("\u001b");
});
