// A model's graph over rows that are packed and in memory, with inputs of the caller's own.
import { Feeder } from "../data/store/feeder.ts";
import type { PackedRows } from "../fields/pack.ts";
import type { Tensor } from "../graph/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { type Runner, wholeBatch } from "../runtime/runner.ts";
import type { Run, TaskOptions } from "./run.ts";
import { compileFor } from "./stream.ts";

const BATCH_ROWS = 256;

/** Fills inputs that are not of the rows, of rows `start` to `start + count − 1`. */
export type Fill = (input: (name: string) => Float32Array, start: number, count: number) => void;

export class PackedUse {
  readonly #runner: Runner;
  readonly #feeder: Feeder;

  private constructor(runner: Runner, feeder: Feeder) {
    this.#runner = runner;
    this.#feeder = feeder;
  }

  /** The caller releases it. */
  static async create(
    run: Run,
    outputs: Record<string, Tensor>,
    options: TaskOptions,
  ): Promise<PackedUse> {
    const plan = new MemoryPlan();
    const batch = wholeBatch(BATCH_ROWS);
    const feeder = new Feeder(plan, run.config.schema, batch);
    return new PackedUse(await compileFor(run, outputs, batch, options, plan), feeder);
  }

  /** Outputs of the rows, `(rows, size)`. Noise is the same for all of them. */
  async run(
    packed: PackedRows,
    names: readonly string[],
    fill?: Fill,
  ): Promise<Map<string, Float32Array>> {
    const { memory, inputs, batch } = this.#runner;
    const { rows } = packed;
    const view = (name: string) => {
      const slot = inputs.get(name);
      return slot ? (memory.view(slot) as Float32Array) : new Float32Array(0);
    };
    const results = new Map<string, Float32Array>();
    for (let start = 0; start < rows; start += batch) {
      const count = Math.min(batch, rows - start);
      const draw = { seed: 0, step: 0, noiseStream: streams.evaluation, firstRow: 0, alike: true };
      this.#feeder.copy(memory, inputs, packed, start, start + count, draw);
      fill?.(view, start, count);
      await this.#runner.run(count);
      for (const name of names) {
        const output = this.#runner.output(name);
        const width = output.length / batch;
        if (!results.has(name)) results.set(name, new Float32Array(rows * width));
        results.get(name)!.set(output.subarray(0, count * width), start * width);
      }
    }
    return results;
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}
