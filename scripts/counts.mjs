// The count model of single cells beside what it must beat, on cells that none of them has seen:
// `node scripts/counts.mjs [--epochs 40]` writes docs/results/counts.json, which docs/datasets.md shows.
// Nats per cell of raw counts. The per-gene negative binomial has the mean total · share and the
// dispersion of largest likelihood.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { evaluate, openData, openRun, Random, train } from "elbojs";
import { roundedNats } from "./rounded-gaussian.mjs";
import { someRows } from "./some-rows.mjs";

const { values } = parseArgs({ options: { epochs: { type: "string", default: "40" } } });
const data = process.env.ELBO_DATA ?? "../shared/data";
const source = await openData(join(data, "single-cell/10k_counts.mtx.gz"));
const [{ name, size }] = source.columns;
const trains = (row) => row % 10 !== 9;
const parts = { train: someRows(source, trains), test: someRows(source, (row) => !trains(row)) };

/** Dense rows, one array a cell. */
async function cells(part) {
  const rows = [];
  for await (const { rows: count, columns } of part.chunks([name])) {
    const [{ offsets, indices, values: entries }] = columns;
    for (let i = 0; i < count; i++) {
      const row = new Float32Array(size);
      for (let k = offsets[i]; k < offsets[i + 1]; k++) row[indices[k]] = entries[k];
      rows.push(row);
    }
  }
  return rows;
}
const [train0, test0] = [await cells(parts.train), await cells(parts.test)];
const total = (row) => row.reduce((sum, count) => sum + count, 0);

/** log Γ for x > 0 (Stirling's series above 8). */
function logGamma(x) {
  let [shift, y] = [0, x];
  while (y < 8) shift -= Math.log(y++);
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z / 1680))) / y;
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}

function negativeBinomial(rows, totals, j, share, r) {
  const ofR = logGamma(r);
  let sum = 0;
  for (const [i, row] of rows.entries()) {
    const [x, mean] = [row[j], totals[i] * share];
    sum += r * Math.log(r / (r + mean));
    if (x === 0) continue;
    sum += logGamma(x + r) - ofR - logGamma(x + 1) + x * Math.log(mean / (r + mean));
  }
  return sum;
}

/** The largest value of f on [low, high]. */
function golden(f, low, high) {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
  let [fc, fd] = [f(c), f(d)];
  for (let i = 0; i < 25; i++) {
    if (fc > fd) {
      [b, d, fd] = [d, c, fc];
      c = b - ratio * (b - a);
      fc = f(c);
    } else {
      [a, c, fc] = [c, d, fd];
      d = a + ratio * (b - a);
      fd = f(d);
    }
  }
  return (a + b) / 2;
}

const [trainTotals, testTotals] = [train0.map(total), test0.map(total)];
const all = trainTotals.reduce((sum, value) => sum + value, 0);
let alone = 0;
for (let j = 0; j < size; j++) {
  const share =
    Math.max(
      0.5,
      train0.reduce((sum, row) => sum + row[j], 0),
    ) / all;
  const logR = golden(
    (log) => negativeBinomial(train0, trainTotals, j, share, Math.exp(log)),
    Math.log(1e-3),
    Math.log(1e4),
  );
  alone += negativeBinomial(test0, testTotals, j, share, Math.exp(logR)) / test0.length;
}
const models = [];
function tell(name, nats, note) {
  models.push({ name, nats, note });
  process.stdout.write(`${name}: ${nats.toFixed(2)} nats per cell; ${note}\n`);
}
tell("negative binomial of each gene alone", -alone, "mean: the cell's total · the gene's share");

const folder = mkdtempSync(join(tmpdir(), "elbo-counts-"));
/** The networks of Lopez et al. 2018, for both. */
const settings = { epochs: Number(values.epochs), network: "mlp:128", latent: 10 };
/** The run, −ELBO of the cells kept back, and what to know of it. */
async function trained(made, kept) {
  const path = join(folder, "run");
  const done = await train(made, { ...settings, out: path, force: true, report: false });
  const run = await openRun(path);
  const { elbo, activeUnits } = await evaluate(run, kept);
  const note = `${activeUnits} active latents, best of ${done.epochs} epochs: ${done.best.epoch}`;
  return { run, nats: -elbo, note };
}
const counts = await trained(parts.train, parts.test);
tell("negative binomial VAE", counts.nats, counts.note);

/**
 * The same cells as log(1 + value), dense. A value is the count, or with `spread` the count and a
 * uniform draw from 0 to 1, the row's own: the density of these, with the Jacobian, bounds the
 * probability of the count from below (Theis, van den Oord and Bethge 2016, equation 1).
 */
const logs = (part, spread) => ({
  ...part,
  columns: [{ name, type: "vector", size, sparse: false }],
  async *chunks() {
    let row = 0;
    for await (const { rows, columns } of part.chunks([name])) {
      const [{ offsets, indices, values: entries }] = columns;
      const dense = new Float32Array(rows * size);
      for (let i = 0; i < rows; i++, row++) {
        const cell = dense.subarray(i * size, (i + 1) * size);
        if (spread) cell.set(draws.uniform(part === parts.train ? 0 : 1, row, size));
        for (let k = offsets[i]; k < offsets[i + 1]; k++) cell[indices[k]] += entries[k];
        for (let j = 0; j < size; j++) cell[j] = Math.log1p(cell[j]);
      }
      yield { rows, columns: [{ type: "vector", values: dense }] };
    }
  },
});
const draws = new Random(0);
/** log of the Jacobian of log(1 + value), summed over a cell: −log(1 + value) is the logarithm itself. */
async function jacobian(part) {
  let sum = 0;
  for await (const { columns } of part.chunks([name])) {
    sum += columns[0].values.reduce((inner, log) => inner + log, 0);
  }
  return sum / test0.length;
}
const spread = { train: logs(parts.train, true), test: logs(parts.test, true) };
const uniform = await trained(spread.train, spread.test);
tell(
  "Gaussian VAE of log(1 + count + u), u uniform, with the Jacobian",
  uniform.nats + (await jacobian(spread.test)),
  uniform.note,
);
const plain = { train: logs(parts.train, false), test: logs(parts.test, false) };
const gaussian = await trained(plain.train, plain.test);
const rounded = await roundedNats(gaussian.run, plain.test, test0);
tell("Gaussian VAE of log(1 + count), rounded to counts", rounded, gaussian.note);
tell(
  "the same, its density with the Jacobian",
  gaussian.nats + (await jacobian(plain.test)),
  "no probability: without bound where a gene is 0 in nearly all cells",
);
rmSync(folder, { recursive: true });
const told = { rows: { train: train0.length, test: test0.length }, models };
writeFileSync("docs/results/counts.json", `${JSON.stringify(told, null, 2)}\n`);
