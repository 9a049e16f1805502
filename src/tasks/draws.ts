// A model's graph with its noise over all rows of a source, several draws of each row one after the other.
import type { DataSource } from "../data/source.ts";
import { Feeder } from "../data/store/feeder.ts";
import type { Tensor } from "../graph/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { wholeBatch } from "../runtime/runner.ts";
import { cellsAt } from "./cells-at.ts";
import type { Run, TaskOptions } from "./run.ts";
import {
  BATCH_ROWS,
  carriedColumns,
  compileFor,
  packedChunks,
  type Use,
  type UsedChunk,
} from "./stream.ts";

/** Numbers of draws that are held at once, at most: 32 MB. */
const MOST_HELD = 8e6;

/** @param draws of each row, whose noise is of its own place and of the draw's number. */
export function useDraws(
  run: Run,
  source: DataSource,
  outputs: Record<string, Tensor>,
  draws: number,
  options: TaskOptions & { seed: number },
): Use {
  const carried = carriedColumns(run, source);
  const names = Object.keys(outputs);
  const width = Math.max(...Object.values(outputs).map(({ shape }) => shape[1] as number));
  const most = Math.max(1, Math.floor(MOST_HELD / (draws * width)));
  const batch = wholeBatch(Math.min(BATCH_ROWS, source.rows, most));
  async function* chunks(): AsyncGenerator<UsedChunk> {
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, run.config.schema, batch);
    const runner = await compileFor(run, outputs, batch, options, plan);
    const { memory, inputs } = runner;
    try {
      let first = 0;
      for await (const chunk of packedChunks(run, source, carried, options.onNotes)) {
        for (let start = 0; start < chunk.rows; start += batch) {
          const count = Math.min(batch, chunk.rows - start);
          const results = new Map(names.map((name) => [name, new Float32Array(0)]));
          feeder.place(memory, inputs, chunk, { order: null, from: start, to: start + count }, 0);
          for (let k = 0; k < draws; k++) {
            const place = { step: k, noiseStream: streams.evaluation, firstRow: first + start };
            feeder.draw(memory, inputs, count, { ...place, seed: options.seed });
            await runner.run(count);
            for (const name of names) {
              const output = runner.output(name);
              const size = output.length / runner.batch;
              if (k === 0) results.set(name, new Float32Array(count * draws * size));
              const all = results.get(name)!;
              for (let i = 0; i < count; i++) {
                all.set(output.subarray(i * size, (i + 1) * size), (i * draws + k) * size);
              }
            }
          }
          const order = Array.from(
            { length: count * draws },
            (_, i) => start + Math.floor(i / draws),
          );
          yield {
            rows: count * draws,
            output: (name) => results.get(name)!,
            carried: carried.map((info, k) => cellsAt(info, chunk.carried[k]!, order)),
          };
        }
        first += chunk.rows;
      }
    } finally {
      await runner.release();
    }
  }
  return { carried, chunks: chunks() };
}
