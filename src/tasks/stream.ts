// A model's graph over all rows of a data set, batch by batch.
import { availableParallelism } from "node:os";
import type { DataSet } from "../data/dataset.ts";
import { ROWS } from "../fields/encoding.ts";
import { rowLength } from "../fields/schema.ts";
import { type Tensor, toOnnx } from "../graph/index.ts";
import { Runner } from "../runtime/runner.ts";

import { deviceOf, type Run, type TaskOptions } from "./run.ts";

/** Enough rows to keep the cores busy, few enough to stay in their caches. */
export const BATCH_ROWS = 1024;

/** Calls `use` after each batch with its first row, its number of rows, and its outputs. */
export async function forEachBatch(
  run: Run,
  set: DataSet,
  outputs: Record<string, Tensor>,
  options: TaskOptions,
  use: (start: number, rows: number, output: (name: string) => Float32Array) => void,
): Promise<void> {
  const runner = await compileFor(run, outputs, set.rows, options);
  const { memory, inputs } = runner;
  const size = rowLength(run.config.schema);
  const target = memory.view(inputs.get(ROWS)!);
  for (let start = 0; start < set.rows; start += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, set.rows - start);
    target.set(set.values.subarray(start * size, (start + rows) * size));
    await runner.run(rows);
    use(start, rows, (name) => runner.output(name));
  }
  await runner.release();
}

/** The graph with the run's weights baked in: a row's result does not depend on its neighbours. */
export async function compileFor(
  run: Run,
  outputs: Record<string, Tensor>,
  rows: number,
  options: TaskOptions,
): Promise<Runner> {
  const device = await deviceOf(options);
  const threads = options.threads ?? availableParallelism();
  const batch = Math.min(BATCH_ROWS, rows);
  return Runner.create(device, toOnnx(outputs, run.weights), { batch, threads });
}
