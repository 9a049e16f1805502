// What weights begin as: by chance, and where a method wants it by training rows.
import { Gatherer } from "../data/store/gather.ts";
import type { StoredRows } from "../data/store/stored.ts";
import { layoutOf } from "../fields/layout.ts";
import type { PackedRows } from "../fields/pack.ts";
import type { Tensor } from "../graph/index.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Random, streams } from "../runtime/random.ts";
import type { RunConfig } from "./config.ts";
import { batchesOf } from "./each-batch.ts";
import { someRows } from "./some-rows.ts";

const BATCH_ROWS = 256;

/** So many rows drawn by the run's seed; as many as there are, again and again, where there are fewer. */
async function drawn({ schema, training }: RunConfig, stored: StoredRows, count: number) {
  const found = await someRows(schema, stored, count, training.seed, streams.firstRows);
  if (found.rows === count) return found;
  const repeated = new Gatherer(layoutOf(schema), false, count, false);
  while (repeated.rows < count) {
    repeated.add(found, 0, Math.min(found.rows, count - repeated.rows));
  }
  return repeated.take();
}

async function* one(rows: PackedRows): AsyncGenerator<PackedRows> {
  yield rows;
}

/** The first values of all parameters: the same on every rank, of the same rows and the same seed. */
export async function firstWeights(
  device: Device,
  config: RunConfig,
  stored: StoredRows,
  parameters: Parameters,
): Promise<Map<string, Float32Array>> {
  const { schema, training } = config;
  const weights = parameters.initialize(new Random(training.seed));
  const byRows = parameters.specs.flatMap(({ name, shape, initializer }) => {
    return "rows" in initializer
      ? [{ name, count: shape[0]!, of: initializer.rows as Tensor }]
      : [];
  });
  for (const { name, count, of } of byRows) {
    const rows = await drawn(config, stored, count);
    const { runner, each } = await batchesOf(
      schema,
      { values: of },
      {
        ...{ device, threads: 1, seed: training.seed, weights },
        ...{ batch: Math.min(BATCH_ROWS, count), sumsRows: false },
      },
    );
    const target = weights.get(name)!;
    const size = target.length / count;
    let at = 0;
    await each(one(rows), (there) => {
      target.set(runner.output("values").subarray(0, there * size), at);
      at += there * size;
    });
    await runner.release();
  }
  return weights;
}
