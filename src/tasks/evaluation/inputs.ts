// Rows as points: what the model's encoder is given of them, for the simple models beside it.
import { availableParallelism } from "node:os";
import { ElboError } from "../../base/errors.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { inputsGraph } from "../../models/inputs-graph.ts";
import { type Batches, batchesOf } from "../../train/each-batch.ts";
import { deviceOf, type Run, type TaskOptions } from "../run.ts";
import { BATCH_ROWS } from "../stream.ts";

const INPUTS = "inputs";
/** Numbers of the training rows that simple models are fitted to: 64 MB. */
const MOST_NUMBERS = 16e6;

/** The training rows that a run keeps; null where somebody took them away before giving it on. */
export async function keptRows(run: Run): Promise<PackedRows | null> {
  try {
    const { training } = await run.reference();
    return training.rows > 0 ? training : null;
  } catch (error) {
    if (error instanceof ElboError && error.code === "file-missing") return null;
    throw error;
  }
}

export class Inputs {
  /** Numbers in a row. */
  readonly size: number;
  readonly #run: Run;
  readonly #batches: Batches;

  private constructor(run: Run, size: number, batches: Batches) {
    this.#run = run;
    this.size = size;
    this.#batches = batches;
  }

  /** Null where rows hold nothing that is a number as it stands. The caller releases it. */
  static async of(run: Run, options: TaskOptions): Promise<Inputs | null> {
    const { schema, model } = run.config;
    const graph = inputsGraph(schema, model);
    if (!graph) return null;
    const batches = await batchesOf(
      schema,
      { [INPUTS]: graph },
      {
        device: await deviceOf(options),
        threads: options.threads ?? availableParallelism(),
        ...{ seed: 0, batch: BATCH_ROWS, sumsRows: false },
      },
    );
    return new Inputs(run, graph.shape[1] as number, batches);
  }

  /** `(rows, size)`. */
  async points(packed: PackedRows): Promise<Float32Array> {
    const points = new Float32Array(packed.rows * this.size);
    let end = 0;
    async function* pieces() {
      yield packed;
    }
    await this.#batches.each(pieces(), (rows) => {
      const own = this.#batches.runner.output(INPUTS).subarray(0, rows * this.size);
      points.set(own, end);
      end += own.length;
    });
    return points;
  }

  /** As many of the training rows that the run keeps as simple models are fitted to; null of none. */
  async training(): Promise<PackedRows | null> {
    const training = await keptRows(this.#run);
    const every = Math.ceil(((training?.rows ?? 0) * this.size) / MOST_NUMBERS);
    if (!training || every <= 1) return training;
    const rows = Array.from({ length: training.rows }, (_, row) => row);
    return pickRows(
      this.#run.config.schema,
      training,
      rows.filter((row) => row % every === 0),
    );
  }

  release(): Promise<void> {
    return this.#batches.runner.release();
  }
}
