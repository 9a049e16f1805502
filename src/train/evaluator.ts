// How good a model is on rows: means over them of its loss and the loss's parts.
import { type BatchDraw, Feeder } from "../data/store/feeder.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { PackedRows } from "../fields/pack.ts";
import { toOnnx } from "../graph/index.ts";
import { Spread } from "../metrics/spread.ts";
import { evaluationGraph, KL_WEIGHT, validationGraph } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import type { Device } from "../runtime/device.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Runner, wholeBatch } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";

/**
 * Means over rows, in nats of raw values, and the posterior means' spread. In the `changing` form rows
 * count by their weights, as they do in training.
 */
export interface Evaluation {
  rows: number;
  loss: number;
  reconstruction: number;
  /** Of the terms that sum to the KL: of each latent, where its posterior has such. */
  klTerms: Float64Array;
  /** Of the targets; null without any. */
  target: number | null;
  /** log p of each decoded field, in the order of the graph; `fixed` form alone. */
  fields: Float64Array | null;
  /**
   * Mean squared error of a numeric value at the posterior mean, network scale; null without such
   * values, and in the `changing` form.
   */
  squaredError: number | null;
  /** Share of the symbols of texts that are right, see `Group.hits`; null without texts and in the `changing` form. */
  symbolAccuracy: number | null;
  /** Share of levels that are right; null without any, and in the `changing` form. */
  levelAccuracy: number | null;
  /** −log p(x) by importance samples: each row's logarithm of the mean weight; null if not asked. */
  nll: { value: number; samples: number; standardError: number } | null;
  /** Variance over rows of each latent's posterior mean. */
  meanVariance: Float64Array;
  /** Deviation of a row's loss. */
  lossDeviation: number;
  /**
   * Means and deviations, `(rows, latent)`, of the first rows' posteriors, and those rows' mean KL;
   * `changing` form alone, and null where deviations do not tell the posterior.
   */
  posteriors: { means: Float32Array; deviations: Float32Array; kl: number } | null;
}

/** Rows whose posteriors are kept: comparing each with each costs their square. */
const COMPARED_ROWS = 256;

const BATCH_ROWS = 512;

export class Evaluator {
  readonly #runner: Runner;
  readonly #feeder: Feeder;
  readonly #batch: number;
  readonly #latent: number;
  readonly #weights: ReadonlyMap<string, Float32Array> | undefined;

  private constructor(
    runner: Runner,
    feeder: Feeder,
    batch: number,
    latent: number,
    weights: ReadonlyMap<string, Float32Array> | undefined,
  ) {
    this.#runner = runner;
    this.#feeder = feeder;
    this.#batch = batch;
    this.#latent = latent;
    this.#weights = weights;
  }

  /**
   * @param form `fixed` bakes the weights in; `changing` takes them anew at each evaluation.
   */
  static async create(
    device: Device,
    schema: FieldSchema,
    model: ModelConfig,
    options: {
      /** Rows that will come at most in one evaluation. */
      rows: number;
      threads: number;
      weights: ReadonlyMap<string, Float32Array>;
      form: "fixed" | "changing";
    },
  ): Promise<Evaluator> {
    const batch = wholeBatch(Math.min(BATCH_ROWS, options.rows));
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schema, batch);
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
    return new Evaluator(runner, feeder, batch, model.latent, weights);
  }

  /** Puts these weights in the place of the last ones. */
  update(weights: ReadonlyMap<string, Float32Array>): void {
    for (const [name, values] of this.#weights ?? []) values.set(weights.get(name)!);
  }

  /**
   * Every random number depends on the seed and the row's place alone.
   * @param samples importance samples of each row for its likelihood; 0 for none.
   */
  async evaluate(
    pieces: Iterable<PackedRows> | AsyncIterable<PackedRows>,
    seed: number,
    klWeight: number,
    samples = 0,
  ): Promise<Evaluation> {
    const runner = this.#runner;
    const { memory, inputs } = runner;
    const weight = inputs.get(KL_WEIGHT);
    if (weight) memory.view(weight as Slot<"float32">).fill(klWeight);
    const latent = this.#latent;
    const sums = {
      ...{ loss: 0, reconstruction: 0, target: 0, squaredError: 0, present: 0, weight: 0 },
      ...{ rightSymbols: 0, symbols: 0, rightLevels: 0, levels: 0 },
    };
    const terms = runner.output("kl").length / runner.batch;
    const kl = new Float64Array(terms);
    const [first, second] = [new Float64Array(latent), new Float64Array(latent)];
    let fields: Float64Array | null = null;
    const likelihoods: Float64Array[] = [];
    const losses = new Spread();
    const posteriors = runner.has("standardDeviation") ? new Posteriors(latent) : null;
    let n = 0;
    for await (const piece of pieces) {
      for (let start = 0; start < piece.rows; start += this.#batch) {
        const rows = Math.min(this.#batch, piece.rows - start);
        const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: n };
        this.#feeder.copy(memory, inputs, piece, start, start + rows, draw);
        await runner.run(rows);
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) {
          if (!runner.has(name)) continue;
          const values = runner.output(name);
          for (let i = 0; i < rows; i++) sums[name] += values[i]!;
        }
        if (runner.has("fields")) {
          const values = runner.output("fields");
          const width = values.length / runner.batch;
          fields ??= new Float64Array(width);
          for (let i = 0; i < rows * width; i++) fields[i % width]! += values[i]!;
        }
        const [klRows, means] = [runner.output("kl"), runner.output("mean")];
        const lossRows = runner.output("loss");
        for (let i = 0; i < rows; i++) losses.add(lossRows[i]!);
        posteriors?.add(rows, means, runner.output("standardDeviation"), rowKl(runner, rows));
        for (let i = 0; i < rows * terms; i++) kl[i % terms]! += klRows[i]!;
        for (let i = 0; i < rows * latent; i++) {
          const j = i % latent;
          first[j]! += means[i]!;
          second[j]! += means[i]! ** 2;
        }
        if (samples > 0) likelihoods.push(await this.#weigh(rows, draw, samples));
        n += rows;
      }
    }
    const total = sums.weight > 0 ? sums.weight : n;
    return {
      rows: n,
      loss: sums.loss / total,
      reconstruction: sums.reconstruction / total,
      target: runner.has("target") ? sums.target / total : null,
      fields: fields?.map((sum) => sum / n) ?? null,
      squaredError: sums.present > 0 ? sums.squaredError / sums.present : null,
      symbolAccuracy: sums.symbols > 0 ? sums.rightSymbols / sums.symbols : null,
      levelAccuracy: sums.levels > 0 ? sums.rightLevels / sums.levels : null,
      klTerms: kl.map((sum) => sum / total),
      nll: samples > 0 ? { samples, ...meanAndError(likelihoods) } : null,
      meanVariance: first.map((sum, j) => Math.max(0, second[j]! / n - (sum / n) ** 2)),
      lossDeviation: losses.deviation,
      posteriors: posteriors?.result() ?? null,
    };
  }

  /** −log p(x) of the rows in place, whose first sample has been run. */
  async #weigh(rows: number, draw: BatchDraw, samples: number): Promise<Float64Array> {
    const runner = this.#runner;
    const weights = new LogMeanExp(rows);
    for (let k = 0; k < samples; k++) {
      if (k > 0) {
        this.#feeder.noise(runner.memory, runner.inputs, rows, { ...draw, step: k });
        await runner.run(rows);
      }
      weights.add(runner.output("logWeight"));
    }
    return weights.result().map((value) => -value);
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}

/** The whole KL of each row, where rows have weights without them; 0 of a row of weight 0. */
function rowKl(runner: Runner, rows: number): Float64Array {
  const kl = runner.output("kl");
  const terms = kl.length / runner.batch;
  const weights = runner.has("weight") ? runner.output("weight") : null;
  return Float64Array.from({ length: rows }, (_, i) => {
    const sum = kl.subarray(i * terms, (i + 1) * terms).reduce((total, value) => total + value, 0);
    const weight = weights?.[i] ?? 1;
    return weight > 0 ? sum / weight : 0;
  });
}

/** Posteriors of the first rows, as batches of rows come. */
class Posteriors {
  readonly #latent: number;
  readonly #means: Float32Array[] = [];
  readonly #deviations: Float32Array[] = [];
  #kl = 0;
  #rows = 0;

  constructor(latent: number) {
    this.#latent = latent;
  }

  /** @param kl of each row. */
  add(rows: number, means: Float32Array, deviations: Float32Array, kl: Float64Array): void {
    const wanted = Math.min(rows, COMPARED_ROWS - this.#rows);
    if (wanted <= 0) return;
    this.#means.push(means.slice(0, wanted * this.#latent));
    this.#deviations.push(deviations.slice(0, wanted * this.#latent));
    for (let i = 0; i < wanted; i++) this.#kl += kl[i]!;
    this.#rows += wanted;
  }

  result() {
    const joined = (parts: readonly Float32Array[]) => {
      return Float32Array.from(parts.flatMap((part) => Array.from(part)));
    };
    return {
      means: joined(this.#means),
      deviations: joined(this.#deviations),
      kl: this.#kl / this.#rows,
    };
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
function meanAndError(parts: readonly Float64Array[]): { value: number; standardError: number } {
  const n = parts.reduce((sum, part) => sum + part.length, 0);
  const total = (of: (value: number) => number) =>
    parts.reduce((sum, part) => part.reduce((inner, value) => inner + of(value), sum), 0);
  const mean = total((value) => value) / n;
  const squares = total((value) => (value - mean) ** 2);
  return { value: mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0 };
}
