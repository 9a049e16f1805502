// How long `train` takes from the start of its process to its first batch: `node
// bench/first-batch.mjs DATA [--runs N]`. Each run is a process of its own; milliseconds, medians.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "7" }, once: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [data] = positionals;

/** Trains until the first step has been told, and prints when it was ready, and when told. */
async function once() {
  const { train } = await import("elbojs");
  const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
  const stop = new AbortController();
  let ready = 0;
  let stepped = 0;
  const onEvent = ({ event }) => {
    // Rows are packed, and the workers about to start; then the first step is done.
    if (event === "start") ready = performance.now();
    if (event !== "step" || stepped > 0) return;
    stepped = performance.now();
    stop.abort();
  };
  await train(data, { out: join(folder, "run"), validation: 0 }, { onEvent, signal: stop.signal });
  rmSync(folder, { recursive: true });
  process.stdout.write(`${JSON.stringify({ ready, stepped })}\n`);
}

if (values.once) await once();
else {
  const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
  const runs = Array.from({ length: Number(values.runs) }, () => {
    const words = [process.argv[1], data, "--once"];
    const { stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
    return JSON.parse(stdout);
  });
  const [ready, stepped] = ["ready", "stepped"].map((key) => median(runs.map((run) => run[key])));
  console.log(
    `${data}: rows ready after ${ready.toFixed(0)} ms, the first step done after ${stepped.toFixed(0)} ms`,
  );
}
