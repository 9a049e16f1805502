// Posterior means of 60,000 rows of uint8 pixels in memory, as `encode` gives them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode, openRun, train } from "elbojs";
import { images, median, options, report } from "./common.mjs";

const { data, threads } = options();
const set = await images(data, 60_000);
const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
const few = await images(data, 1280);
const out = join(folder, "run");
await train(few, { out, network: "mlp:400", latent: 20, epochs: 1 });
const run = await openRun(out);
const rates = [];
for (let i = 0; i < 12; i++) {
  const begin = performance.now();
  await encode(run, set, { threads });
  rates.push((1000 * set.rows) / (performance.now() - begin));
}
rmSync(folder, { recursive: true });
report("encode", { rowsPerSecond: median(rates.slice(2)), threads });
