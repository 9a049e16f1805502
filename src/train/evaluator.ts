// How good a model is on rows: means over them of its loss and the loss's parts.
import { Feeder, type RowValues } from "../data/feeder.ts";
import type { Schema } from "../fields/schema.ts";
import { toOnnx } from "../graph/index.ts";
import { evaluationGraph, KL_WEIGHT } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import type { Device } from "../runtime/device.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Runner } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";

/** Means over rows, in nats of the network's scale, and the posterior means' spread. */
export interface Evaluation {
  rows: number;
  loss: number;
  reconstruction: number;
  /** For each latent. */
  klPerLatent: Float64Array;
  /** Mean squared error of a value on the network's scale. */
  squaredError: number;
  /** Variance over rows of each latent's posterior mean. */
  meanVariance: Float64Array;
}

const BATCH_ROWS = 512;

export class Evaluator {
  readonly #runner: Runner;
  readonly #feeder: Feeder;
  readonly #rows: number;
  readonly #latent: number;
  readonly #weights: ReadonlyMap<string, Float32Array> | undefined;

  private constructor(
    runner: Runner,
    feeder: Feeder,
    rows: number,
    latent: number,
    weights: ReadonlyMap<string, Float32Array> | undefined,
  ) {
    this.#runner = runner;
    this.#feeder = feeder;
    this.#rows = rows;
    this.#latent = latent;
    this.#weights = weights;
  }

  /**
   * @param form `fixed` bakes the weights in; `changing` takes them anew at each evaluation.
   */
  static async create(
    device: Device,
    schema: Schema,
    model: ModelConfig,
    data: RowValues,
    options: {
      threads: number;
      weights: ReadonlyMap<string, Float32Array>;
      form: "fixed" | "changing";
    },
  ): Promise<Evaluator> {
    const batch = Math.min(BATCH_ROWS, data.rows);
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schema, data, batch, { resident: false });
    const graph = evaluationGraph(schema, model);
    const fixed = options.form === "fixed";
    const onnx = toOnnx(graph, fixed ? options.weights : undefined);
    const weights = fixed
      ? undefined
      : new Map([...options.weights].map(([name, values]) => [name, values.slice()]));
    const { threads } = options;
    const runner = await Runner.create(device, onnx, {
      batch,
      threads,
      plan,
      ...(weights ? { weights } : {}),
    });
    return new Evaluator(runner, feeder, data.rows, model.latent, weights);
  }

  /** Puts these weights in the place of the last ones. */
  update(weights: ReadonlyMap<string, Float32Array>): void {
    for (const [name, values] of this.#weights ?? []) values.set(weights.get(name)!);
  }

  /** Every random number depends on the seed and the row's place alone. */
  async evaluate(seed: number, klWeight: number): Promise<Evaluation> {
    const runner = this.#runner;
    const { memory, inputs } = runner;
    const weight = inputs.get(KL_WEIGHT);
    if (weight) memory.view(weight as Slot<"float32">).fill(klWeight);
    const latent = this.#latent;
    const sums = { loss: 0, reconstruction: 0, squaredError: 0 };
    const kl = new Float64Array(latent);
    const first = new Float64Array(latent);
    const second = new Float64Array(latent);
    for (let start = 0; start < this.#rows; start += BATCH_ROWS) {
      const rows = Math.min(BATCH_ROWS, this.#rows - start);
      const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: start };
      this.#feeder.copy(memory, inputs, start, rows, draw);
      await runner.run(rows);
      for (const name of ["loss", "reconstruction", "squaredError"] as const) {
        const values = runner.output(name);
        for (let i = 0; i < rows; i++) sums[name] += values[i]!;
      }
      const [klRows, means] = [runner.output("kl"), runner.output("mean")];
      for (let i = 0; i < rows * latent; i++) {
        const j = i % latent;
        kl[j]! += klRows[i]!;
        first[j]! += means[i]!;
        second[j]! += means[i]! ** 2;
      }
    }
    const n = this.#rows;
    return {
      rows: n,
      loss: sums.loss / n,
      reconstruction: sums.reconstruction / n,
      squaredError: sums.squaredError / n,
      klPerLatent: kl.map((sum) => sum / n),
      meanVariance: first.map((sum, j) => Math.max(0, second[j]! / n - (sum / n) ** 2)),
    };
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}
