// One epoch over a Parquet file larger than the memory that its rows may take: rows per second beside
// the same rows in memory, and the most memory in use. Each in a process of its own.
//
//   node bench/large-parquet.mjs [--rows 20000000] [--columns 20] [--folder DIR]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "20000000" },
    columns: { type: "string", default: "20" },
    folder: { type: "string", default: join(tmpdir(), "elbo-bench-parquet") },
    /** Of one run, in the process that this one starts. */
    train: { type: "string" },
    memory: { type: "string" },
  },
});
const [rows, columns] = [Number(values.rows), Number(values.columns)];

/** Correlated normals in float32: mixtures of five factors, and noise. */
async function makeFile(path) {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const normal = (seed) =>
    `sqrt(-2 * ln((hash(i * 1000 + ${seed}) % 1000000007 + 1) / 1000000008.0)) * cos(2 * pi() * (hash(i * 1000 + ${seed + 500}) % 1000000007) / 1000000007.0)`;
  const factors = Array.from({ length: 5 }, (_, k) => `${normal(k)} AS f${k}`);
  const cells = Array.from({ length: columns }, (_, j) => {
    const mix = [0, 1, 2, 3, 4].map((k) => `${Math.cos(j * (k + 1)).toFixed(4)} * f${k}`);
    return `(${mix.join(" + ")} + 0.5 * ${normal(10 + j)})::FLOAT AS x${j}`;
  });
  await connection.run("SET memory_limit = '600MB'");
  await connection.run("SET preserve_insertion_order = false");
  await connection.run(
    `COPY (SELECT ${cells.join(", ")} FROM (SELECT i, ${factors.join(", ")} FROM range(${rows}) t(i))) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)`,
  );
  connection.closeSync();
  instance.closeSync();
}

if (values.train !== undefined) {
  const { train } = await import("elbojs");
  const folder = join(values.folder, `run-${values.memory}`);
  let epoch;
  const began = performance.now();
  let started = 0;
  await train(
    values.train,
    {
      ...{ out: folder, force: true, epochs: 1, memory: Number(values.memory) },
      ...{ validation: 0.001, report: false },
    },
    {
      onEvent(event) {
        if (event.event === "start") started = performance.now();
        if (event.event === "epoch") epoch = event;
      },
    },
  );
  process.stdout.write(
    JSON.stringify({
      memoryMb: Number(values.memory),
      secondsToStart: Number(((started - began) / 1000).toFixed(1)),
      rowsPerSecond: epoch.rowsPerSecond,
      elbo: epoch.train.elbo,
      peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  );
} else {
  mkdirSync(values.folder, { recursive: true });
  const path = join(values.folder, `${rows}x${columns}.parquet`);
  if (!existsSync(path)) await makeFile(path);
  process.stdout.write(`${path}: ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB\n`);
  const run = (memory) => {
    const words = ["--train", path, "--memory", String(memory), "--folder", values.folder];
    const told = execFileSync(process.execPath, [import.meta.filename, ...words]).toString();
    process.stdout.write(`${told}\n`);
    return JSON.parse(told);
  };
  const pairs = [0, 1].map(() => [run(256), run(4096)]);
  const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
  const ratio = median(pairs.map(([file, memory]) => file.rowsPerSecond / memory.rowsPerSecond));
  process.stdout.write(`from the file at ${ratio.toFixed(2)} × the speed of memory\n`);
  rmSync(join(values.folder, "run-256"), { recursive: true, force: true });
  rmSync(join(values.folder, "run-4096"), { recursive: true, force: true });
}
