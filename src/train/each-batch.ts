// A graph over rows in batches, for what is neither training nor the model's own use.
import { Feeder } from "../data/store/feeder.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { PackedRows } from "../fields/pack.ts";
import { type Tensor, toOnnx } from "../graph/index.ts";
import type { Device } from "../runtime/device.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Runner, wholeBatch } from "../runtime/runner.ts";

export interface BatchSettings {
  device: Device;
  threads: number;
  seed: number;
  /** Rows in a batch at most. */
  batch: number;
  /** Whether the graph sums over rows. */
  sumsRows: boolean;
  /** Values of parameters. Default: none. */
  weights?: ReadonlyMap<string, Float32Array>;
}

export interface Batches {
  runner: Runner;
  /** Calls `use` with each batch of rows run through the graph, and how many rows it has. */
  each(
    pieces: AsyncIterable<PackedRows>,
    use: (rows: number) => void | Promise<void>,
  ): Promise<void>;
}

/** Compiles `outputs` for rows of a schema; the caller releases the runner. */
export async function batchesOf(
  schema: FieldSchema,
  outputs: Record<string, Tensor>,
  { device, threads, seed, batch, sumsRows, weights = new Map() }: BatchSettings,
): Promise<Batches> {
  const plan = new MemoryPlan();
  const most = sumsRows ? batch : wholeBatch(batch);
  const feeder = new Feeder(plan, schema, most);
  const settings = { batch: most, threads, plan, sumsRows };
  const runner = await Runner.create(device, toOnnx(outputs, weights), settings);
  return {
    runner,
    async each(pieces, use) {
      let first = 0;
      for await (const piece of pieces) {
        for (let start = 0; start < piece.rows; start += most) {
          const count = Math.min(most, piece.rows - start);
          const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: first };
          feeder.copy(runner.memory, runner.inputs, piece, start, start + count, draw);
          await runner.run(count);
          await use(count);
          first += count;
        }
      }
    },
  };
}
