// How good a model is on rows: means over them of its loss and the loss's parts.
import { Feeder, type RowValues } from "../data/feeder.ts";
import type { Schema } from "../fields/schema.ts";
import { toOnnx } from "../graph/index.ts";
import { evaluationGraph, KL_WEIGHT, validationGraph } from "../models/graphs.ts";
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
  /** Mean squared error of a value at the posterior mean, network scale; `fixed` form alone. */
  squaredError: number;
  /** −log p(x) by importance samples: each row's logarithm of the mean weight; null if not asked. */
  nll: { value: number; samples: number; standardError: number } | null;
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
    const fixed = options.form === "fixed";
    const graph = fixed ? evaluationGraph(schema, model) : validationGraph(schema, model);
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

  /**
   * Every random number depends on the seed and the row's place alone.
   * @param samples importance samples of each row for its likelihood; 0 for none.
   */
  async evaluate(seed: number, klWeight: number, samples = 0): Promise<Evaluation> {
    const runner = this.#runner;
    const { memory, inputs } = runner;
    const weight = inputs.get(KL_WEIGHT);
    if (weight) memory.view(weight as Slot<"float32">).fill(klWeight);
    const latent = this.#latent;
    const sums = { loss: 0, reconstruction: 0, squaredError: 0 };
    const kl = new Float64Array(latent);
    const first = new Float64Array(latent);
    const second = new Float64Array(latent);
    const likelihoods = samples > 0 ? new Float64Array(this.#rows) : null;
    for (let start = 0; start < this.#rows; start += BATCH_ROWS) {
      const rows = Math.min(BATCH_ROWS, this.#rows - start);
      const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: start };
      this.#feeder.copy(memory, inputs, start, rows, draw);
      await runner.run(rows);
      for (const name of ["loss", "reconstruction", "squaredError"] as const) {
        if (!runner.has(name)) continue;
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
      if (likelihoods) {
        const weights = new LogMeanExp(rows);
        for (let k = 0; k < samples; k++) {
          if (k > 0) {
            this.#feeder.noise(memory, inputs, rows, { ...draw, step: k });
            await runner.run(rows);
          }
          weights.add(runner.output("logWeight"));
        }
        likelihoods.set(weights.result(), start);
      }
    }
    const n = this.#rows;
    return {
      rows: n,
      loss: sums.loss / n,
      reconstruction: sums.reconstruction / n,
      squaredError: sums.squaredError / n,
      klPerLatent: kl.map((sum) => sum / n),
      nll: likelihoods && { samples, ...meanAndError(likelihoods.map((value) => -value)) },
      meanVariance: first.map((sum, j) => Math.max(0, second[j]! / n - (sum / n) ** 2)),
    };
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}

/** log (1/K) Σ exp(wₖ) for each row, without overflow, as the K log-weights come. */
class LogMeanExp {
  readonly #peak: Float64Array;
  readonly #sum: Float64Array;
  #count = 0;

  constructor(rows: number) {
    this.#peak = new Float64Array(rows).fill(-Infinity);
    this.#sum = new Float64Array(rows);
  }

  add(logWeights: Float32Array): void {
    this.#count++;
    for (let i = 0; i < this.#peak.length; i++) {
      const [peak, weight] = [this.#peak[i]!, logWeights[i]!];
      const next = Math.max(peak, weight);
      this.#sum[i] = this.#sum[i]! * Math.exp(peak - next) + Math.exp(weight - next);
      this.#peak[i] = next;
    }
  }

  result(): Float64Array {
    return this.#sum.map((sum, i) => Math.log(sum / this.#count) + this.#peak[i]!);
  }
}

/** The mean over rows and its standard error. */
function meanAndError(values: Float64Array): { value: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { value: mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0 };
}
