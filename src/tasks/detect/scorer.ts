// What a model says of packed rows: nats of their fields, and where they lie. How strange that is, is
// not its job.
import { Feeder } from "../../data/store/feeder.ts";
import type { Beyond, PackedRows } from "../../fields/pack.ts";
import { methods } from "../../models/methods/index.ts";
import { type Block, scoringGraph } from "../../models/scoring-graph.ts";
import { MemoryPlan } from "../../runtime/memory.ts";
import { streams } from "../../runtime/random.ts";
import { type Runner, wholeBatch } from "../../runtime/runner.ts";
import type { Run, TaskOptions } from "../run.ts";
import { compileFor } from "../stream.ts";

/** Of rows in order. */
export interface Said {
  rows: number;
  /** −log p of each data field given the latents, or its squared errors: `(rows, fields)`. */
  nats: Float64Array;
  /** Their sums, `(rows,)`. */
  told: Float64Array;
  /** The rest of the negative ELBO, or of its importance-weighted form; null without a density. */
  rest: Float64Array | null;
  /** `(rows, latent)` */
  latents: Float32Array;
  /** `(rows, size of all blocks)` */
  coordinates: Float32Array;
  /** Cells with values that their fields cannot have, and how far beyond those that they can. */
  beyond: readonly Beyond[];
}

export interface ScorerOptions extends TaskOptions {
  /** Draws of each row's posterior, the same for all rows; 0: its mean. */
  samples: number;
  seed: number;
}

const BATCH_ROWS = 1024;

interface Compiled {
  runner: Runner;
  feeder: Feeder;
}

export class Scorer {
  readonly fields: readonly string[];
  readonly blocks: readonly Block[];
  readonly #atMean: Compiled;
  readonly #drawn: Compiled | null;
  readonly #samples: number;
  readonly #seed: number;

  private constructor(
    { fields, blocks }: Pick<Scorer, "fields" | "blocks">,
    atMean: Compiled,
    drawn: Compiled | null,
    { samples, seed }: ScorerOptions,
  ) {
    this.fields = fields;
    this.blocks = blocks;
    this.#atMean = atMean;
    this.#drawn = drawn;
    this.#samples = samples;
    this.#seed = seed;
  }

  static async create(run: Run, options: ScorerOptions): Promise<Scorer> {
    const { schema, model } = run.config;
    const compiled = async (drawn: boolean): Promise<Compiled> => {
      const plan = new MemoryPlan();
      const batch = wholeBatch(BATCH_ROWS);
      const feeder = new Feeder(plan, schema, batch);
      const { outputs } = scoringGraph(schema, model, drawn);
      return { runner: await compileFor(run, outputs, batch, options, plan), feeder };
    };
    const dense = methods[model.method].probabilistic && options.samples > 0;
    return new Scorer(
      scoringGraph(schema, model),
      await compiled(false),
      dense ? await compiled(true) : null,
      options,
    );
  }

  async say(packed: PackedRows): Promise<Said> {
    const { rows } = packed;
    const { runner } = this.#atMean;
    const width = (name: string) => runner.output(name).length / runner.batch;
    const probabilistic = runner.has("kl");
    const said = {
      rows,
      nats: new Float64Array(rows * this.fields.length),
      told: new Float64Array(rows),
      rest: probabilistic ? new Float64Array(rows) : null,
      latents: new Float32Array(rows * width("latents")),
      coordinates: new Float32Array(rows * width("coordinates")),
      beyond: packed.beyond ?? [],
    };
    for (let start = 0; start < rows; start += runner.batch) {
      const count = Math.min(runner.batch, rows - start);
      this.#place(this.#atMean, packed, start, count);
      await runner.run(count);
      for (const name of ["latents", "coordinates"] as const) {
        const size = width(name);
        said[name].set(runner.output(name).subarray(0, count * size), start * size);
      }
      if (this.#drawn) await this.#importance(this.#drawn, packed, start, count, said);
      else {
        const size = this.fields.length;
        const logProbs = runner.output("logProbs");
        const { nats, told } = said;
        for (let i = 0; i < count; i++) {
          let sum = 0;
          for (let j = i * size; j < (i + 1) * size; j++) {
            const value = -logProbs[j]!;
            nats[start * size + j] = value;
            sum += value;
          }
          told[start + i] = sum;
        }
        said.rest?.set(runner.output("kl").subarray(0, count), start);
      }
    }
    return said;
  }

  #place({ runner, feeder }: Compiled, packed: PackedRows, start: number, count: number): void {
    feeder.copy(runner.memory, runner.inputs, packed, start, start + count, this.#draw(0));
  }

  /** Noise is that of the draw, whichever the row: the same row is always told the same. */
  #draw(step: number) {
    return { seed: this.#seed, step, noiseStream: streams.evaluation, firstRow: 0, alike: true };
  }

  /**
   * −log (1/K) Σ wₖ (Burda et al. 2016, Importance Weighted Autoencoders, equation 8) as the nats of
   * fields, means over the draws by their weights, and the rest.
   */
  async #importance(
    compiled: Compiled,
    packed: PackedRows,
    start: number,
    count: number,
    { nats, told, rest }: Said,
  ): Promise<void> {
    const { runner, feeder } = compiled;
    const size = this.fields.length;
    this.#place(compiled, packed, start, count);
    const peak = new Float64Array(count).fill(-Infinity);
    const sum = new Float64Array(count);
    const sums = new Float64Array(count * size);
    for (let k = 0; k < this.#samples; k++) {
      if (k > 0) feeder.noise(runner.memory, runner.inputs, count, this.#draw(k));
      await runner.run(count);
      const [weights, logProbs] = [runner.output("logWeight"), runner.output("logProbs")];
      for (let i = 0; i < count; i++) {
        const next = Math.max(peak[i]!, weights[i]!);
        const [before, own] = [Math.exp(peak[i]! - next), Math.exp(weights[i]! - next)];
        sum[i] = sum[i]! * before + own;
        for (let j = i * size; j < (i + 1) * size; j++) {
          sums[j] = sums[j]! * before - own * logProbs[j]!;
        }
        peak[i] = next;
      }
    }
    for (let i = 0; i < count; i++) {
      let all = 0;
      for (let j = 0; j < size; j++) {
        const value = sums[i * size + j]! / sum[i]!;
        nats[(start + i) * size + j] = value;
        all += value;
      }
      told[start + i] = all;
      rest![start + i] = -(Math.log(sum[i]! / this.#samples) + peak[i]!) - all;
    }
  }

  async release(): Promise<void> {
    await this.#atMean.runner.release();
    await this.#drawn?.runner.release();
  }
}
