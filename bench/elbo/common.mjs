// What elbo's side of the bench shares: data, timing through the events of `train`, and the one line
// of JSON that each program prints.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { imagesOf, openData, train } from "elbojs";
import { Random, streams } from "#elbo/runtime/random.js";

export function options() {
  const { values } = parseArgs({
    options: { data: { type: "string" }, threads: { type: "string", default: "2" } },
  });
  return { data: values.data, threads: Number(values.threads) };
}

/** Pixels of MNIST's training images where their folder is given, else random strokes as sparse. */
async function pixels(folder, rows) {
  if (folder) {
    const values = new Uint8Array(rows * 784);
    const source = await openData(join(folder, "train-images-idx3-ubyte.gz"));
    let done = 0;
    for await (const { columns } of source.chunks()) {
      const part = columns[0].values.subarray(0, values.length - done);
      values.set(part, done);
      done += part.length;
      if (done === values.length) break;
    }
    return values;
  }
  const ink = new Random(0).uniform(streams.synthetic, 0, rows * 784);
  const grey = new Random(0).uniform(streams.synthetic, 1, rows * 784);
  return Uint8Array.from(ink, (u, i) => (u < 0.19 ? 1 + Math.floor(255 * grey[i]) : 0));
}

/** All of these images, from their file where there is one, or the first of them in memory. */
export async function images(folder, rows) {
  if (folder && rows === undefined) return openData(join(folder, "train-images-idx3-ubyte.gz"));
  return imagesOf(await pixels(folder, rows ?? 60_000), [28, 28, 1]);
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Trains in a temporary run folder; the milliseconds of a step, epoch by epoch, after the first. */
export async function timedTraining(data, settings, { every = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
  const marks = [];
  let loss = 0;
  try {
    const { config } = await train(
      data,
      { ...settings, out: join(folder, "run"), validation: 0 },
      {
        onEvent(event) {
          if (event.event !== "epoch") return;
          loss = event.train.loss;
          if (event.epoch % every === 0) marks.push(performance.now());
        },
      },
    );
    const steps = every * Math.ceil(data.rows / config.training.batch);
    const times = marks.slice(1).map((mark, i) => (mark - marks[i]) / steps);
    return { msPerStep: median(times), best: Math.min(...times), worst: Math.max(...times), loss };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function report(work, figures) {
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  const digits = (key, v) => (typeof v === "number" && key ? Number(v.toPrecision(5)) : v);
  const line = { peer: "elbo", work, ...figures, peakRssMiB, node: process.version };
  process.stdout.write(`${JSON.stringify(line, digits)}\n`);
}
