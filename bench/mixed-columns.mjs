// What many columns of many kinds cost: rows per second of a table of 500 mixed columns beside one of
// 500 Gaussian columns, with the same network, by turns.
//
//   node bench/mixed-columns.mjs [--rows 20000] [--pairs 5] [--threads 2]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columnsOf, Random, streams, train } from "elbojs";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "20000" },
    pairs: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
  },
});
const rows = Number(values.rows);
const random = new Random(1);
const factors = Array.from({ length: 5 }, (_, k) => random.normal(streams.synthetic, k, rows));

/** Column j: a mixture of the factors, and noise. */
function mixture(j) {
  const noise = random.normal(streams.synthetic, 100 + j, rows);
  return Float64Array.from(noise, (e, i) =>
    factors.reduce((sum, factor, k) => sum + Math.cos(j * (k + 1)) * factor[i], 0.5 * e),
  );
}
const kinds = [
  [200, "real", (v) => v],
  [100, "positive", (v) => Math.exp(v)],
  [100, "count", (v) => Math.floor(Math.exp(Math.min(v, 3)) * 4)],
  [50, "binary", (v) => (v > 0 ? 1 : 0)],
  [50, "categorical", (v) => `level ${Math.min(6, Math.max(0, Math.round(v + 3)))}`],
];
const mixed = {};
const plain = {};
const kind = {};
let j = 0;
for (const [count, name, of] of kinds) {
  for (let c = 0; c < count; c++, j++) {
    const value = mixture(j);
    plain[`x${j}`] = value;
    mixed[`x${j}`] = Array.from(value, of);
    kind[`x${j}`] = name;
  }
}

const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
async function rate(columns, options) {
  const rates = [];
  await train(
    columnsOf(columns),
    {
      ...options,
      out: join(folder, "run"),
      force: true,
      report: false,
      epochs: 4,
      network: "mlp:512,512",
      latent: 32,
      validation: 0,
      threads: Number(values.threads),
    },
    { onEvent: (event) => event.event === "epoch" && rates.push(event.rowsPerSecond) },
  );
  return rates.slice(1).toSorted((a, b) => a - b)[1];
}
const allReal = Object.fromEntries(Object.keys(plain).map((name) => [name, "real"]));
const ratios = [];
for (let pair = 0; pair < Number(values.pairs); pair++) {
  const gaussian = await rate(plain, { kind: allReal });
  const many = await rate(mixed, { kind });
  ratios.push(many / gaussian);
  process.stdout.write(
    `gaussian ${gaussian} rows/s, mixed ${many} rows/s: ${(many / gaussian).toFixed(2)}\n`,
  );
}
rmSync(folder, { recursive: true });
const median = ratios.toSorted((a, b) => a - b)[ratios.length >> 1];
process.stdout.write(
  `500 mixed columns at ${median.toFixed(2)} × the speed of 500 Gaussian ones\n`,
);
