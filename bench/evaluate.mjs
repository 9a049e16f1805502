// What `elbo evaluate` with its baselines takes of 50,000 rows of 20 columns, as processes of their own:
// 18 real columns that have factors in common, a target of three classes and labelled anomalies. With
// `asked`, everything that can be asked for by options is.
//
//   node bench/evaluate.mjs [--rows 50000] [--times 3]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Random, streams } from "elbojs";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "50000" },
    times: { type: "string", default: "3" },
  },
});
const rows = Number(values.rows);
const random = new Random(2);
const factors = Array.from({ length: 5 }, (_, k) => random.normal(streams.synthetic, k, rows));
const columns = Array.from({ length: 18 }, (_, j) => {
  const noise = random.normal(streams.synthetic, 100 + j, rows);
  return noise.map((e, i) =>
    factors.reduce((sum, factor, k) => sum + Math.cos(j * (k + 1)) * factor[i], 0.5 * e),
  );
});
const strange = random.uniform(streams.synthetic, 200, rows).map((value) => +(value < 0.01));
const lines = Array.from({ length: rows }, (_, i) => {
  const kind = ["low", "middle", "high"][Math.min(2, Math.max(0, Math.round(factors[0][i] + 1)))];
  const cells = columns.map((column) => (column[i] + 3 * strange[i]).toFixed(4));
  return [...cells, kind, strange[i]].join(",");
});
const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
const names = [...columns.map((_, j) => `x${j}`), "kind", "strange"];
writeFileSync(join(folder, "rows.csv"), `${[names.join(","), ...lines].join("\n")}\n`);

const main = resolve("dist/main.js");
// The process itself tells its CPU time and peak memory as it ends.
const telling = `data:text/javascript,process.on("exit",()=>{const u=process.resourceUsage();
process.stderr.write("\\n"+JSON.stringify([(u.userCPUTime+u.systemCPUTime)/1e6,u.maxRSS/1024]))})`;
function elbo(words) {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", telling, main, ...words.split(" ")],
    { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(stderr);
  const [cpu, mebibytes] = JSON.parse(stderr.trim().split("\n").at(-1));
  return { seconds: (performance.now() - start) / 1000, cpu, mebibytes };
}
elbo("train rows.csv --target kind --anomaly-label strange --epochs 3 --out run --quiet");
const asked =
  "--importance-samples 10 --neighbourhoods --anomaly-label strange --label kind --batch strange";
const ways = {
  baselines: "evaluate run rows.csv --json",
  anomalies: "evaluate run rows.csv --json --anomaly-label strange",
  asked: `evaluate run rows.csv --json ${asked} --factors kind --factors strange`,
};
const measured = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
for (let time = 0; time < Number(values.times); time++) {
  for (const [name, words] of Object.entries(ways)) {
    const told = Object.entries(elbo(words)).map(([key, value]) => [key, Number(value.toFixed(1))]);
    measured[name].push(Object.fromEntries(told));
  }
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ rows, columns: names.length, ...measured }));
