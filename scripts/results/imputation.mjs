// Gaps of the HI-VAE sets filled, beside simple imputations and scikit-learn's.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imputeTo, train } from "elbojs";
import { fixed } from "./format.mjs";
import { dataFolder, python } from "./mnist.mjs";

const kinds = {
  pos: "positive",
  real: "real",
  count: "count",
  cat: "categorical",
  ordinal: "ordinal",
};
const lines = (path) =>
  readFileSync(path, "utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));

/** The set as a CSV file with a header and gaps, and what its columns are. */
function prepare(folder, set, percent) {
  const from = dataFolder(join("hi-vae", set));
  const rows = lines(join(from, "data.csv"));
  const types = lines(join(from, "data_types.csv")).slice(1);
  for (const [row, column] of lines(join(from, `Missing${percent}_1.csv`)))
    rows[row - 1][column - 1] = "";
  const names = types.map((_, j) => `c${j}`);
  const path = join(folder, `${set}-${percent}.csv`);
  writeFileSync(path, [names, ...rows].map((row) => `${row.join(",")}\n`).join(""));
  return { path, kind: Object.fromEntries(types.map(([type], j) => [`c${j}`, kinds[type]])) };
}

function peer(set, percent, ...words) {
  if (!python) return null;
  const argv = ["--data", dataFolder(join("hi-vae", set)), "--percent", `${percent}`, ...words];
  return JSON.parse(execFileSync(python, [script(words), ...argv], { encoding: "utf8" }).trim());
}

const script = ([flag]) => `bench/peers/imputation${flag === "--method" ? "" : "_errors"}.py`;

async function own(folder, set, percent, settings) {
  if (!python) return null;
  const { path, kind } = prepare(folder, set, percent);
  const begin = performance.now();
  const common = { latent: 10, validation: 0, seed: 1 };
  const { run } = await train(path, {
    ...common,
    ...settings,
    kind,
    out: join(folder, "run"),
    force: true,
  });
  const out = join(folder, "whole.csv");
  await imputeTo(out, run, path, { force: true });
  const seconds = (performance.now() - begin) / 1000;
  return { ...peer(set, percent, "--filled", out), seconds };
}

const sets = [
  ["Wine", 10],
  ["Wine", 50],
  ["defaultCredit", 10],
  ["defaultCredit", 50],
];
const peers = [
  ["mean", "mean, most frequent level"],
  ["knn", "5 nearest neighbours"],
  ["iterative", "IterativeImputer"],
];
const iwae = { method: "iwae", network: "mlp:256,256" };

const rows = sets.flatMap(([set, percent]) => {
  const row = (name, title, compute) => ({
    name: `${set}-${percent}-${name}`,
    title: `${set}, ${percent} %: ${title}`,
    compute,
  });
  return [
    ...peers.map(([name, title]) => row(name, title, () => peer(set, percent, "--method", name))),
    row("vae", "elbo, vae", (folder) => own(folder, set, percent, {})),
    row("iwae", "elbo, iwae, mlp:256,256", (folder) => own(folder, set, percent, iwae)),
  ];
});

export const imputation = {
  name: "imputation",
  title: "Missing cells filled in",
  text: `
The sets of HI-VAE with its masks (\`MissingP_1.csv\`, 10 and 50 % of the cells hidden), beside
scikit-learn (\`bench/peers/imputation.py\`). Errors are those of the paper (Nazabal et al. 2020, §4.1), of
the hidden cells alone: of numbers the root of the mean squared error over the column's range, of levels the
share that is wrong, of ordered levels the distance over their number; means over columns, and over all
columns. Kinds of columns are those of the set's types file. Settings are the same for all: 10 latents, no
row held out (an IWAE's epochs are not told apart by the ELBO that held-out rows choose by), all else the
defaults, 100 draws of each row.

defaultCredit's payments are amounts with 17 to 24 % zeros, for which the types file names the log-normal. Behind
a hurdle, and with what is expected limited to the largest value of training, the error of its numbers is less than half
of what it was (10 %: 0.0691; [decision 23](decisions/0023-inference.md)). With a tenth hidden that is below the mean's
and neighbours', and IterativeImputer's but for a hair; with half hidden, and of all columns together, it is best.
By default (mlp:64,64) Wine's tenth is filled less well than by neighbours; the wide IWAE fills it better, and a VAE of
mlp:256,256 has 0.0564.

    elbo train GAPS.csv --latent 10 --validation 0 [--method iwae --network mlp:256,256]
    elbo impute RUN GAPS.csv -o whole.csv`,
  columns: [
    { title: "numbers", of: ({ numbers }) => fixed(numbers, 4) },
    { title: "levels", of: ({ levels }) => fixed(levels, 4) },
    { title: "ordered levels", of: ({ ordered }) => fixed(ordered, 4) },
    { title: "all columns", of: ({ all }) => fixed(all, 4) },
    { title: "seconds", of: ({ seconds }) => fixed(seconds, 0) },
  ],
  rows,
};
