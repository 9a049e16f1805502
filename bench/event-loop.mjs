// How long the calling thread's event loop is held up while a model trains in its workers: delays
// of a timer of one millisecond, from the start event to the end.
//
//   node bench/event-loop.mjs DATA [--network SPEC] [--seconds 12]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { train } from "elbojs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { network: { type: "string" }, seconds: { type: "string", default: "12" } },
});
const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
const delay = monitorEventLoopDelay({ resolution: 1 });
const network = values.network === undefined ? {} : { network: values.network };
const onEvent = ({ event }) => {
  if (event === "start") delay.enable();
};
await train(
  positionals[0],
  { out: join(folder, "run"), maxTime: Number(values.seconds), ...network },
  { onEvent },
);
delay.disable();
rmSync(folder, { recursive: true });
const milliseconds = (nanoseconds) => Number((nanoseconds / 1e6).toFixed(1));
console.log(
  JSON.stringify({
    p50: milliseconds(delay.percentile(50)),
    p99: milliseconds(delay.percentile(99)),
    max: milliseconds(delay.max),
    samples: delay.count,
  }),
);
