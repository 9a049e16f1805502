// A million rows of 20 columns from Parquet to Parquet: encoding, scoring and sampling by the command
// line, beside a PyTorch program that reads and writes with pyarrow (`bench/peers/million_rows.py`).
// Whole processes in turns; rows per second are medians, and so is the ratio of neighbouring pairs.
//
//   ELBO_PYTHON=PYTHON node bench/million-rows.mjs [--rows 1000000] [--runs 3] [--folder DIR]
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    runs: { type: "string", default: "3" },
    folder: { type: "string", default: join(tmpdir(), "elbo-bench-million") },
  },
});
const python = process.env.ELBO_PYTHON ?? "python3";
const [rows, columns, hidden, latent] = [Number(values.rows), 20, 128, 7];
const cli = ["dist/main.js"];
const at = (name) => join(values.folder, name);

async function makeFile(path, count) {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const even = (seed) => `((hash(i * 1000 + ${seed}) % 1000000007) / 1000000007.0)`;
  const normal = (seed) =>
    `sqrt(-2 * ln(${even(seed)} + 1e-9)) * cos(2 * pi() * ${even(seed + 500)})`;
  const cells = Array.from({ length: columns }, (_, j) => {
    const mix = [0, 1, 2].map((k) => `${Math.cos(j * (k + 1)).toFixed(4)} * f${k}`);
    return `(${mix.join(" + ")} + 0.5 * ${normal(10 + j)})::FLOAT AS x${j}`;
  });
  const factors = [0, 1, 2].map((k) => `${normal(k)} AS f${k}`);
  await connection.run(
    `COPY (SELECT ${cells.join(", ")} FROM (SELECT i, ${factors.join(", ")} FROM range(${count}) t(i))) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Wall seconds of a process and the most memory it had, in MiB. */
function measured(command, words) {
  const began = performance.now();
  const child = spawn(command, words, { stdio: ["ignore", "ignore", "inherit"] });
  let peak = 0;
  const look = setInterval(() => {
    const path = `/proc/${child.pid}/status`;
    const line = existsSync(path) ? /VmHWM:\s+(\d+)/.exec(readFileSync(path, "utf8")) : null;
    if (line) peak = Math.max(peak, Number(line[1]) / 1024);
  }, 20);
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => {
      clearInterval(look);
      if (code !== 0) reject(new Error(`${command} ${words.join(" ")} ended with ${code}`));
      else resolve({ seconds: (performance.now() - began) / 1000, peak });
    });
  });
}

mkdirSync(values.folder, { recursive: true });
const [input, small, run] = [at(`${rows}.parquet`), at("small.parquet"), at("run")];
if (!existsSync(input)) await makeFile(input, rows);
await makeFile(small, 20_000);
const settings = ["--network", `mlp:${hidden},${hidden}`, "--latent", String(latent)];
execFileSync(process.execPath, [
  ...[...cli, "train", small, ...settings, "--epochs", "3", "--out", run],
  ...["--force", "--quiet", "--no-report"],
]);

const out = ["-o", at("out.parquet"), "--force", "--quiet"];
const works = {
  encode: ["encode", run, input, ...out],
  score: ["detect", run, input, "--score", "elbo", ...out],
  sample: ["sample", run, "-n", String(rows), ...out],
};
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
for (const [name, words] of Object.entries(works)) {
  const pairs = [];
  for (let i = 0; i < Number(values.runs); i++) {
    const ours = await measured(process.execPath, [...cli, ...words]);
    const flags = ["--input", input, "--output", at("peer.parquet"), "--rows", String(rows)];
    const theirs = await measured(python, ["bench/peers/million_rows.py", name, ...flags]);
    pairs.push([ours, theirs]);
  }
  const [ours, theirs] = [0, 1].map((i) => median(pairs.map((pair) => pair[i].seconds)));
  const ratio = median(pairs.map(([a, b]) => b.seconds / a.seconds));
  const peaks = [0, 1].map((i) => Math.round(Math.max(...pairs.map((pair) => pair[i].peak))));
  process.stdout.write(
    `${name}: ${ours.toFixed(2)} s (${peaks[0]} MiB), PyTorch ${theirs.toFixed(2)} s (${peaks[1]} MiB), ${ratio.toFixed(2)} ×\n`,
  );
}
rmSync(run, { recursive: true, force: true });
