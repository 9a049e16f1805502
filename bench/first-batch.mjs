// How long `train` takes from the start of its process to its first batch: `node
// bench/first-batch.mjs DATA [--runs N]`. Each run is a process of its own, one of the library and one of the
// command by turns, and one that does nothing; milliseconds, medians.
import { spawn, spawnSync } from "node:child_process";
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
  const loaded = performance.now();
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
  process.stdout.write(`${JSON.stringify({ loaded, ready, stepped })}\n`);
}

/** When the command, started now, tells that rows are packed. */
function command() {
  const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
  const words = ["train", data, "--json", "--no-report", "--out", join(folder, "run")];
  const started = performance.now();
  const child = spawn(process.execPath, ["dist/main.js", ...words], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      if (!/"event":"start"/.test(text)) return;
      resolve({ ready: performance.now() - started });
      child.kill("SIGKILL");
    });
    child.on("exit", () => {
      rmSync(folder, { recursive: true, force: true });
      reject(new Error(`no start was told: ${text}`));
    });
  });
}

/** A process that does nothing, which says how fast the machine is. */
function nothing() {
  const started = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - started;
}

function library() {
  const words = [process.argv[1], data, "--once"];
  const { stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
  return JSON.parse(stdout);
}

if (values.once) await once();
else {
  const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1].toFixed(0);
  const runs = [];
  for (let i = 0; i < Number(values.runs); i++) {
    runs.push({ ...library(), command: (await command()).ready, nothing: nothing() });
  }
  const [loaded, ready, stepped, told, empty] = [
    "loaded",
    "ready",
    "stepped",
    "command",
    "nothing",
  ].map((key) => median(runs.map((run) => run[key])));
  console.log(
    `${data}: the library loaded after ${loaded} ms, rows ready after ${ready} ms, told by the command after ${told} ms, the first step done after ${stepped} ms (node -e 0: ${empty} ms)`,
  );
}
