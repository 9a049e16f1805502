// elbo train as people and programs meet it: what goes to which stream, and what is left behind.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { idxBytes } from "../data/idx-bytes.ts";
import { testFolder } from "../helpers/folder.ts";
import {
  elboDone,
  elboFails,
  elboProcess,
  elboProcessDone,
  MAIN,
  numbers,
  writeData,
} from "./support.ts";

const RUN_FILES = [
  "config.json",
  "data.json",
  "linear.safetensors",
  "metrics.jsonl",
  "model.safetensors",
  "reference.safetensors",
  "state.safetensors",
];

test("stdout is the run folder alone; stderr tells data, settings, progress and what is next", async () => {
  const folder = testFolder();
  writeData(folder, "my data.csv", numbers(200, 4));
  const { stdout, stderr } = await elboProcessDone(
    folder,
    "train",
    "my data.csv",
    "--epochs",
    "50",
  );
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
  expect(
    settled
      .replace(/rate [\d.]+ .*/, "rate …")
      .replace(/in [\d.]+ s; the best, \d+, has .*/, "in N s"),
  ).toMatchSnapshot();
});

test("where the rate is far beyond what rows can tell of each other, samples are to come of a mixture", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 4));
  const words = ["train", "d.csv", "--latent", "4", "--network", "mlp:32", "--validation", "0"];
  const far = ["--beta", "0.0001", "--lr", "0.01", "--epochs", "300"];
  for (const [run, options, sampler] of [
    ["near", ["--epochs", "5"], ""],
    ["far", far, " --sampler mixture"],
  ] as const) {
    const { stderr } = await elboDone(folder, ...words, ...options, "--out", run);
    expect(stderr).toContain(`\n  elbo sample ${run} -n 100 -o samples.csv${sampler}\n`);
    // The report's rows are those of the command that is proposed, and it says so.
    await elboDone(folder, "report", run);
    const page = readFileSync(join(folder, run, "report.html"), "utf8");
    expect(page).toContain(`elbo sample ${run} -n 64 -o new.csv${sampler}`);
    expect(page).toContain(
      sampler
        ? "fitted to those of training rows (--sampler mixture), since"
        : "draws of the prior.",
    );
  }
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
  // A gap is no event; a column that says nothing is.
  const gap = numbers(60, 3).replace(/\n[^,]+,/, "\n,");
  const data = gap
    .replace(/\n(?=.)/g, ",7\n")
    .replace(",7", ",same")
    .replace(/\n$/, ",7\n");
  writeData(folder, "d.csv", data);
  const words = ["train", "d.csv", "--epochs", "3", "--out", "r", "--json"];
  const { stdout, stderr } = await elboProcessDone(folder, ...words);
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
    code: "column-constant",
    message: expect.stringContaining('column "same"'),
    hint: expect.stringContaining("leave the column away"),
  });
  expect(Object.keys(start)).toEqual(
    expect.arrayContaining(["run", "fields", "parameters", "device", "threads", "settings"]),
  );
  expect(start.rows).toEqual({ training: 54, validation: 6 });
  expect(start.fields[0]).toMatchObject({ name: "c0", kind: "real", role: "data", gaps: true });
  expect(Object.keys(first.train)).toEqual(["loss", "elbo", "reconstruction", "kl", "target"]);
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

test("--quiet says nothing; columns of texts and gaps are trained on, what is left out is told", async () => {
  const folder = testFolder();
  const row = (i: number) => `${i % 4 === 0 ? "" : i / 7},${["x", "y", "NA"][i % 3]},${i},same`;
  const rows = Array.from({ length: 70 }, (_, i) => row(i));
  writeData(folder, "d.csv", ["a,letter,number,one", ...rows].join("\n"));
  const words = ["train", "d.csv", "--epochs", "1", "--id", "number"];
  const quiet = await elboProcessDone(folder, ...words, "--quiet");
  expect(quiet).toMatchObject({ stdout: `${join("runs", "d-vae")}\n`, stderr: "" });
  const { stderr } = await elboDone(folder, ...words);
  expect(stderr).toMatch(/^note: column "one" has the same value in every row, and is left out; /m);
  const told = stderr.split("\n").filter((line) => /^(data|columns| {3,}\S)/.test(line));
  expect(told.join("\n")).toMatchInlineSnapshot(`
    "data      d.csv: 70 rows of 4 columns, 7 held out
    columns   real, gaussian: a
              categorical: letter
              id: number
              ignore: one"
  `);
  const { schema } = JSON.parse(readFileSync(join(folder, "runs/d-vae/config.json"), "utf8"));
  expect(schema.fields).toMatchObject([{ gaps: true }, { levels: ["x", "y"], gaps: true }, {}, {}]);
});

test("roles, kinds, likelihoods, split and memory reach the run", async () => {
  const folder = testFolder();
  const rows = Array.from({ length: 90 }, (_, i) => {
    const day = new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
    return [i / 8, i % 5, 40 - (i % 11), i % 7, ["u", "v"][i % 2], i, day, 1 + (i % 3)].join();
  });
  writeData(folder, "d.csv", ["x,n,y,z,letter,key,day,w", ...rows].join("\n"));
  const options = [
    ...["--target", "letter", "--condition", "n", "--id", "key", "--ignore", "z", "--weight", "w"],
    ...["--kind", "n=ordinal", "--kind", "y=count", "--likelihood", "y=poisson"],
    ...["--likelihood", "x=laplace", "--split", "time:day", "--memory", "0", "--epochs", "1"],
  ];
  await elboDone(folder, "train", "d.csv", ...options, "--out", "r");
  const { schema, training } = JSON.parse(readFileSync(join(folder, "r", "config.json"), "utf8"));
  expect(schema.fields).toMatchObject([
    { name: "x", role: "data", likelihood: "laplace" },
    { name: "n", role: "condition", kind: "ordinal", levels: ["0", "1", "2", "3", "4"] },
    { name: "y", role: "data", kind: "count", likelihood: "poisson" },
    { name: "z", role: "ignore" },
    { name: "letter", role: "target", kind: "categorical" },
    { name: "key", role: "id" },
    { name: "day", role: "condition", kind: "time" },
    { name: "w", role: "weight" },
  ]);
  expect(training).toMatchObject({ split: { by: "time", column: "day" }, memory: 0 });
  // Rows that lie in a file train alike, and the file is gone afterwards.
  expect(readdirSync(folder).sort()).toEqual(["d.csv", "r"]);
  await elboDone(folder, "train", "d.csv", ...options, "--memory", "64", "--out", "m");
  const weights = (run: string) => readFileSync(join(folder, run, "model.safetensors"));
  expect(weights("m").length).toBe(weights("r").length);
});

test.each<[string, string[], string, string]>([
  ["a role of no column", ["--target", "letr"], "column-unknown", "did you mean letter?"],
  ["two roles", ["--id", "x", "--ignore", "x"], "column-two-roles", "--id or --ignore"],
  ["an impossible kind", ["--kind", "letter=count"], "kind-impossible", "categorical"],
  ["an unknown kind", ["--kind", "x=number"], "option-value", "real"],
  ["a kind of no column", ["--kind", "real"], "option-value", "age=real"],
  ["a likelihood that is none", ["--likelihood", "gausian"], "option-value", "gaussian"],
  ["another kind's likelihood", ["--likelihood", "letter=poisson"], "likelihood-unfit", "this"],
  ["a split by nothing", ["--split", "time"], "option-value", "--split time:date"],
  ["a split by no column", ["--split", "group:lettr"], "column-unknown", "letter"],
  ["a split in time by texts", ["--split", "time:letter"], "split-column", ""],
  ["a size of a table", ["--size", "8x8"], "option-unused", "leave size out"],
  ["a size that is none", ["--size", "8by8"], "option-value", "--size 28x28"],
  ["labels of a table", ["--labels", "l.idx"], "option-unused", "leave labels out"],
  ["bits of a table", ["--binarize", "dynamic"], "option-value", "leave --binarize out"],
])("%s is wrong usage", async (_, options, code, hint) => {
  const folder = testFolder();
  const rows = Array.from({ length: 60 }, (_, i) => `${i / 8},${["u", "v", "w"][i % 3]}`);
  writeData(folder, "d.csv", ["x,letter", ...rows].join("\n"));
  const error = await elboFails(folder, 2, "train", "d.csv", "--out", "r", ...options);
  expect(error.code).toBe(code);
  expect(error.hint).toContain(hint);
  expect(existsSync(join(folder, "r"))).toBe(false);
});

test("labels beside images are a target, and image files are brought to a size", async () => {
  const folder = testFolder();
  const pixels = Uint8Array.from({ length: 60 * 20 }, (_, i) => (i * 37) % 256);
  writeData(folder, "i.idx", idxBytes(8, [60, 4, 5], pixels));
  writeData(
    folder,
    "l.idx",
    idxBytes(
      8,
      [60],
      pixels.subarray(0, 60).map((v) => v % 3),
    ),
  );
  const labelled = ["--labels", "l.idx", "--target", "label", "--epochs", "1", "--out", "r"];
  await elboDone(folder, "train", "i.idx", ...labelled);
  const config = (run: string) =>
    JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8"));
  expect(config("r").data).toMatchObject({ labels: "l.idx" });
  expect(config("r").schema.fields).toMatchObject([
    { name: "image", role: "data", likelihood: "discretized-logistic" },
    { name: "label", role: "target", kind: "categorical", levels: ["0", "1", "2"] },
  ]);
  await elboDone(folder, "train", "--resume", "r");
  await elboDone(folder, "evaluate", "r", "i.idx");
  await elboDone(folder, "sample", "r", "-n", "4", "-o", "s/");
  await elboDone(folder, "train", "s", "--size", "8x6", "--epochs", "1", "--out", "f");
  expect(config("f").data.size).toEqual({ width: 8, height: 6 });
  expect(config("f").schema.fields[0]).toMatchObject({ kind: "image", width: 8, height: 6 });
  // Files of any size are brought to the run's.
  await elboDone(folder, "encode", "f", "s", "-o", "z.csv");
  expect(readFileSync(join(folder, "z.csv"), "utf8")).toMatch(/^file,z0,/);
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
    ...{
      output: "sigmoid",
      options: {},
      kl: { freeBits: 0, freeBitsOf: "latent", capacity: null },
    },
  });
  expect(training).toMatchObject({
    ...{ epochs: 2, batch: 9, clipNorm: 2, beta: 0.5, warmup: 1, schedule: "two-phase" },
    ...{ validation: 0.25, patience: 4, seed: 11 },
    optimizer: { name: "adamw", learningRate: 0.01, weightDecay: 0.1 },
  });
  expect(compute).toMatchObject({ device: "wasm", workers: 1, threads: 1 });
  expect(schema.fields[0]).toMatchObject({ likelihood: "bernoulli", scale: "none" });
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
  const shown = await elboProcess(folder, "train", "d.csv", "--lr", "1e30", "--debug");
  expect(shown.stderr).toMatch(/^\s+at learn .*train-worker\.js/m);
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
  const plain = await elboProcessDone(folder, "train", "d.csv", "--epochs", "30");
  expect(plain.stderr).not.toContain("\u001b");
});
