// What a run's model makes of rows and of latents: posterior means, and both decoded.
import { Feeder } from "../data/store/feeder.ts";
import type { Group } from "../fields/groups/index.ts";
import { Packer } from "../fields/pack.ts";
import type { Tensor } from "../graph/index.ts";
import {
  decodedFrom,
  decodedGroups,
  encodingGraph,
  LATENT,
  reconstructionGraph,
} from "../models/graphs.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { wholeBatch } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";
import { type RawRows, sourceOfRows } from "../tasks/raw-rows.ts";
import { decodedColumns, inOrder } from "../tasks/rows.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
import { BATCH_ROWS, compileFor, useModel } from "../tasks/stream.ts";
import { conditionRows } from "../tasks/where.ts";
import { mostProbable, writersFor } from "../tasks/writing.ts";
import { together } from "./shown-rows.ts";

/** Posterior means, `(rows, latent)`. */
export async function meansOf(run: Run, rows: RawRows, options: TaskOptions) {
  const { schema, model } = run.config;
  const { mean } = encodingGraph(schema, model);
  const source = sourceOfRows("rows of the report", rows);
  const means = new Float32Array(rows.rows * model.latent);
  let first = 0;
  for await (const chunk of useModel(run, source, { mean }, options, []).chunks) {
    means.set(chunk.output("mean"), first * model.latent);
    first += chunk.rows;
  }
  return means;
}

/** What a graph's outputs of each group say, as columns in the order of the data. */
class Decoder {
  readonly #run: Run;
  readonly #groups: readonly Group[];
  readonly #writers: Awaited<ReturnType<typeof writersFor>>;

  private constructor(run: Run, groups: readonly Group[], writers: Decoder["writers"]) {
    this.#run = run;
    this.#groups = groups;
    this.#writers = writers;
  }

  /** @param rows at most at a time. */
  static async of(run: Run, rows: number, options: TaskOptions): Promise<Decoder> {
    const groups = decodedGroups(run.config.schema, run.config.model);
    return new Decoder(run, groups, await writersFor(run, groups, rows, options));
  }

  get writers() {
    return this.#writers;
  }

  async columns(rows: number, output: (name: string) => Float32Array): Promise<RawRows> {
    const { schema } = this.#run.config;
    const emitted = ({ layout }: Group) => output(layout.name);
    const codes = await this.#writers.write(rows, emitted, mostProbable);
    const values = this.#groups.map((group) => ({
      fields: group.layout.fields,
      columns: group.columns(codes.get(group) ?? emitted(group), rows),
    }));
    return { rows, columns: decodedColumns(schema), values: inOrder(schema, values) };
  }
}

const NONE: RawRows = { rows: 0, columns: [], values: [] };

/** Each row's posterior mean, decoded. */
export async function reconstructed(run: Run, rows: RawRows, options: TaskOptions) {
  const graph = reconstructionGraph(run.config.schema, run.config.model);
  const source = sourceOfRows("rows of the report", rows);
  const decoder = await Decoder.of(run, rows.rows, options);
  let all = NONE;
  try {
    for await (const { rows: count, output } of useModel(run, source, graph, options, []).chunks) {
      all = together(all, await decoder.columns(count, output));
    }
  } finally {
    await decoder.writers.release();
  }
  return all;
}

/**
 * What latents decode to: expected numbers, the most probable levels.
 * @param latents `(rows, latent)`, as the decoder takes them.
 * @param where a value of each condition.
 */
export async function decodedLatents(
  run: Run,
  latents: Float32Array,
  where: Readonly<Record<string, string>>,
  options: TaskOptions,
): Promise<RawRows> {
  const { schema, model } = run.config;
  const rows = latents.length / model.latent;
  const batch = wholeBatch(Math.min(BATCH_ROWS, rows));
  const { body, outputs } = decodedFrom(schema, model, "latent");
  const graph = Object.fromEntries(
    body.decoded.map(({ group }, i): [string, Tensor] => [
      group.layout.name,
      group.expected(body.parameters, outputs[i]!, null),
    ]),
  );
  const plan = new MemoryPlan();
  const condition = conditionRows(schema, where, batch);
  const feeder = condition && new Feeder(plan, condition.schema, batch);
  const runner = await compileFor(run, graph, batch, options, plan);
  const decoder = await Decoder.of(run, batch, options);
  let all = NONE;
  try {
    const { memory, inputs } = runner;
    const input = memory.view(inputs.get(LATENT) as Slot<"float32">);
    if (condition && feeder) {
      const packer = new Packer(condition.schema, condition.source, "scoring");
      const draw = { seed: 0, step: 0, noiseStream: streams.evaluation, firstRow: 0 };
      for await (const chunk of condition.source.chunks(packer.names)) {
        feeder.copy(memory, inputs, packer.pack(chunk), 0, Math.min(batch, chunk.rows), draw);
      }
    }
    for (let start = 0; start < rows; start += batch) {
      const count = Math.min(batch, rows - start);
      input.set(latents.subarray(start * model.latent, (start + count) * model.latent));
      await runner.run(count);
      const output = (name: string) => {
        const whole = runner.output(name);
        return whole.slice(0, (whole.length / runner.batch) * count);
      };
      all = together(all, await decoder.columns(count, output));
    }
  } finally {
    await decoder.writers.release();
    await runner.release();
  }
  return all;
}
