// How well anomalies are told on the sets of ADBench, beside neighbours and principal components.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { detect, train } from "elbojs";
import { fixed } from "./format.mjs";
import { dataFolder, python } from "./mnist.mjs";

const SEEDS = [0, 1, 2, 3, 4];
const scores = ["ensemble", "neighbours", "elbo"];

/** The chance that an anomaly scores above a normal row; of equal scores a half. */
function rocAuc(labels, values) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  let [ranks, anomalies] = [0, 0];
  for (let i = 0, end = 0; i < order.length; i = end) {
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (const row of order.slice(i, end)) {
      if (labels[row] === 0) continue;
      ranks += (i + end + 1) / 2;
      anomalies++;
    }
  }
  const normal = labels.length - anomalies;
  return (ranks - (anomalies * (anomalies + 1)) / 2) / (anomalies * normal);
}

function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

async function compute(folder, set) {
  if (!python) return null;
  const all = {};
  const add = (name, value) => {
    all[name] = [...(all[name] ?? []), value];
  };
  for (const seed of SEEDS) {
    const data = join(dataFolder("adbench"), `${set}.npz`);
    const argv = ["bench/peers/anomalies.py", "--data", data, "--seed", seed, "--out", folder];
    const peers = JSON.parse(execFileSync(python, argv, { encoding: "utf8", maxBuffer: 1 << 26 }));
    const { labels, ...told } = peers;
    for (const [name, value] of Object.entries(told)) add(name, value);
    const out = join(folder, "run");
    const { seconds } = await train(join(folder, "train.csv"), { out, force: true });
    add("seconds", seconds);
    const test = join(folder, "test.csv");
    for (const score of scores) {
      const { scores: values, alarm } = await detect(out, test, { score });
      add(score, rocAuc(labels, values));
      if (score !== "ensemble") continue;
      const normal = labels.filter((label) => label === 0).length;
      add("alarms", alarm.reduce((sum, on, i) => sum + (labels[i] === 0 ? on : 0), 0) / normal);
    }
  }
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, spread(values)]));
}

const column = (name, title) => ({
  title,
  of: ({ [name]: { mean, deviation } }) =>
    deviation === undefined ? fixed(mean, 4) : `${fixed(mean, 4)} ± ${fixed(deviation, 4)}`,
});

/** Means over sets of what each figure is on average over seeds. */
function overSets(sets) {
  const names = Object.keys(sets[0]).filter((name) => sets[0][name].mean !== undefined);
  return Object.fromEntries(
    names.map((name) => [name, { mean: spread(sets.map((set) => set[name].mean)).mean }]),
  );
}

export const anomalies = {
  name: "anomalies",
  title: "ADBench: anomalies told by a model of normal rows",
  text: `
Trained on a shuffled half of the normal rows with every option left out, tested on the others with all
anomalies: ROC-AUC of \`elbo detect\`, mean and deviation over 5 seeds. The default score is the
ensemble; its two parts stand beside it (\`--score neighbours\`, \`--score elbo\`). On the same splits
(\`bench/peers/anomalies.py\`), of columns standardised by the training rows: the distance to the 5th
nearest training row, the mean distance to the 5 nearest, and the error of the principal components that
explain 90 % of the variance. Normal alarms are the share of normal test rows that raise one at
\`--alarm-rate 0.01\`.`,
  columns: [
    column("ensemble", "elbo detect"),
    column("neighbours", "neighbours"),
    column("elbo", "ELBO alone"),
    column("fifth", "5th nearest"),
    column("nearest", "5 nearest"),
    column("pca", "PCA"),
    { title: "normal alarms", of: ({ alarms }) => fixed(alarms.mean, 4) },
    { title: "seconds to train", of: ({ seconds }) => fixed(seconds.mean, 0) },
  ],
  last: { title: "mean of the sets", of: overSets },
  rows: ["6_cardio", "23_mammography", "26_optdigits", "28_pendigits", "30_satellite"]
    .concat(["32_shuttle", "38_thyroid"])
    .map((set) => {
      const title = set.replace(/^\d+_/, "");
      return { name: title, title, compute: (folder) => compute(folder, set) };
    }),
};
