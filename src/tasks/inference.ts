// Cells inferred from others of their row: K draws of the latent given the cells that are there, each
// with its importance weight (Mattei and Frellsen 2019, MIWAE, equations 10 and 12). From them follow
// what is expected of the others, draws of them (sampling importance resampling, Rubin 1987) and
// quantiles. Which cells those are is not its job.
import { Feeder } from "../data/store/feeder.ts";
import type { Group } from "../fields/groups/index.ts";
import type { PackedRows } from "../fields/pack.ts";
import { drawnName } from "../models/graphs.ts";
import { expectedName, inferenceGraph, LOG_WEIGHT } from "../models/inference-graphs.ts";
import { methods } from "../models/methods/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { type Runner, wholeBatch } from "../runtime/runner.ts";
import { Sequence } from "../runtime/sequence.ts";
import { drawRows } from "./draw-rows.ts";
import type { Run, TaskOptions } from "./run.ts";
import { BATCH_ROWS, compileFor } from "./stream.ts";
import { WeightSums } from "./weight-sums.ts";

export interface InferenceOptions extends TaskOptions {
  /** Of all noise. Default 0. */
  seed?: number;
  /** K, the draws of each row's latent. Default 100; 1 of a method without a density. */
  importanceSamples?: number;
}

export const DEFAULT_SAMPLES = 100;

/** What is asked of the rows. */
export interface Wanted {
  /** Whose values. */
  groups: readonly Group[];
  /** Draws of each group's values, resampled by weight. */
  draws: number;
  /** Groups of which every draw is kept with its weight. */
  spread: readonly Group[];
}

/** Of some rows, in their order. */
export interface Inferred {
  /** What is expected of a group: `(rows, values)`; of levels their probabilities. */
  expected: ReadonlyMap<Group, Float32Array>;
  /** Draws of a group, `(rows, values)` each. */
  draws: ReadonlyMap<Group, Float32Array[]>;
  /** One draw of a group by each latent, `(rows, values)`. */
  spread: ReadonlyMap<Group, Float32Array[]>;
  /** Of the latents, `(rows)` each; they sum to 1 over latents. */
  weights: Float64Array[];
  /** (Σ w)² / Σ w² of each row: how many even weights say as much (Kong 1992). */
  effective: Float64Array;
}

/** Numbers that are kept of a batch at most: 64 MB. */
const MOST_KEPT = 8e6;

export class Inference {
  readonly #runner: Runner;
  readonly #feeder: Feeder;
  readonly #wanted: Wanted;
  readonly #seed: number;
  /** Latents of each row. */
  readonly samples: number;
  /** Rows that are inferred together at most. */
  readonly batch: number;

  private constructor(
    runner: Runner,
    feeder: Feeder,
    wanted: Wanted,
    settings: { seed: number; samples: number; batch: number },
  ) {
    this.#runner = runner;
    this.#feeder = feeder;
    this.#wanted = wanted;
    this.#seed = settings.seed;
    this.samples = settings.samples;
    this.batch = settings.batch;
  }

  /** @param rows at most in a batch. The caller releases it. */
  static async create(
    run: Run,
    rows: number,
    wanted: Wanted,
    options: InferenceOptions,
  ): Promise<Inference> {
    const { schema, model } = run.config;
    const samples = methods[model.method].probabilistic
      ? (options.importanceSamples ?? DEFAULT_SAMPLES)
      : 1;
    const kept = wanted.spread.reduce((sum, { values }) => sum + values * samples, 0);
    const most = Math.max(1, Math.floor(MOST_KEPT / Math.max(1, kept)));
    const batch = Math.min(BATCH_ROWS, rows, most);
    const graph = inferenceGraph(schema, model, true);
    const outputs = Object.entries(graph).filter(
      ([name]) =>
        name === LOG_WEIGHT ||
        wanted.groups.some(({ layout }) => name.startsWith(`${layout.name}/`)),
    );
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schema, wholeBatch(batch));
    const runner = await compileFor(run, Object.fromEntries(outputs), batch, options, plan);
    const settings = { seed: options.seed ?? 0, samples, batch };
    return new Inference(runner, feeder, wanted, settings);
  }

  release(): Promise<void> {
    return this.#runner.release();
  }

  /**
   * @param order places of rows among the packed ones, `batch` at most.
   * @param first the place of the first packed row in the data: a row's noise is of its own place.
   */
  async infer(packed: PackedRows, order: Uint32Array, first: number): Promise<Inferred> {
    const [rows, { groups, draws }] = [order.length, this.#wanted];
    const { memory, inputs } = this.#runner;
    const places = Float64Array.from(order, (place) => first + place);
    const chance = Array.from(
      places,
      (place) => new Sequence(this.#seed, streams.inference, place),
    );
    const sums = new WeightSums(rows);
    const expected = new Map(groups.map((group) => [group, new Float64Array(0)]));
    const chosen = new Map(
      groups.map((group) => [
        group,
        Array.from({ length: draws }, () => new Float32Array(rows * group.values)),
      ]),
    );
    const spread = new Map(this.#wanted.spread.map((group) => [group, [] as Float32Array[]]));
    const logWeights: Float64Array[] = [];
    this.#feeder.place(memory, inputs, packed, { order, from: 0, to: rows }, 0);
    for (let k = 0; k < this.samples; k++) {
      this.#feeder.draw(memory, inputs, rows, {
        ...{ seed: this.#seed, step: k, noiseStream: streams.evaluation, firstRow: first },
        places,
      });
      await this.#runner.run(rows);
      const logs = this.#runner.has(LOG_WEIGHT)
        ? Float64Array.from(this.#runner.output(LOG_WEIGHT).subarray(0, rows))
        : new Float64Array(rows);
      sums.add(logs);
      if (spread.size > 0) logWeights.push(logs);
      for (const group of groups) {
        const own = this.#output(expectedName(group.layout.name), rows);
        if (k === 0) expected.set(group, new Float64Array(own.length));
        sums.mix(expected.get(group)!, own);
      }
      for (const [group, values] of spread) values.push(this.#drawn(group, rows, chance));
      this.#choose(chosen, rows, sums, chance);
    }
    return {
      expected: new Map([...expected].map(([group, all]) => [group, Float32Array.from(all)])),
      draws: chosen,
      spread,
      weights: logWeights.map((logs) => sums.shares(logs)),
      effective: sums.effective(),
    };
  }

  /** Each draw is taken of the new latent with its share of the weight so far (Chao 1982). */
  #choose(
    chosen: ReadonlyMap<Group, Float32Array[]>,
    rows: number,
    sums: WeightSums,
    chance: readonly Sequence[],
  ): void {
    for (let d = 0; d < this.#wanted.draws; d++) {
      const taken: number[] = [];
      for (let row = 0; row < rows; row++) {
        if (chance[row]!.uniform() < sums.newest[row]!) taken.push(row);
      }
      if (taken.length === 0) continue;
      const own = taken.map((row) => chance[row]!);
      for (const [group, all] of chosen) {
        const values = this.#drawn(group, rows, own, taken);
        const { values: width } = group;
        for (const [i, row] of taken.entries()) {
          all[d]!.set(values.subarray(i * width, (i + 1) * width), row * width);
        }
      }
    }
  }

  /** Values of a group drawn at the latents at hand, of all rows or of those picked. */
  #drawn(group: Group, rows: number, chance: readonly Sequence[], picked?: readonly number[]) {
    const { name } = group.layout;
    const names = group.likelihood
      ? group.likelihood.parameters.map((_, place) => drawnName(name, place))
      : [expectedName(name)];
    const parameters = names.map((each) => {
      const all = this.#output(each, rows);
      if (!picked) return all;
      const width = all.length / rows;
      const own = new Float32Array(picked.length * width);
      for (const [i, row] of picked.entries()) {
        own.set(all.subarray(row * width, (row + 1) * width), i * width);
      }
      return own;
    });
    return drawRows(group, parameters, picked?.length ?? rows, chance);
  }

  #output(name: string, rows: number): Float32Array {
    const all = this.#runner.output(name);
    return all.subarray(0, (all.length / this.#runner.batch) * rows);
  }
}
