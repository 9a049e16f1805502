// What a model must do better than: each column alone, the mean row, and PCA.

import { Feeder } from "../data/store/feeder.ts";
import type { PackedRows } from "../fields/pack.ts";
import { type Tensor, toOnnx } from "../graph/index.ts";
import { largestEigenvalues } from "../metrics/eigen.ts";
import { CENTER, independentGraph, momentsGraph } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import type { Device } from "../runtime/device.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { Random, streams } from "../runtime/random.ts";
import { Runner, wholeBatch } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";
import type { Run } from "./run.ts";
import { BATCH_ROWS } from "./stream.ts";

export interface Baselines {
  /**
   * The likelihood of the rows where every column is alone, with the statistics of the training
   * rows: nats per row, as `elbo`; null without a likelihood, and for images, of whose pixels
   * training keeps no statistics.
   */
  independent: { elbo: number } | null;
  /** The same `mse` as the model's, of the mean row of these very rows; null without numbers. */
  mean: { mse: number } | null;
  /**
   * … and of PCA with as many components as the model has latents, fitted to these very rows, which
   * favours it; null where rows hold levels or missing cells, or more than 2,000 values, and where
   * there are as many components as values.
   */
  pca: { components: number; mse: number } | null;
}

/** Above, the products of all pairs take more memory and time than a baseline is worth. */
const MOST_FOR_PCA = 2000;

interface Context {
  device: Device;
  threads: number;
  seed: number;
  rows: number;
}

/** Calls `use` with each batch of rows run through `outputs`. */
async function forEachBatch(
  run: Run,
  rows: AsyncIterable<PackedRows>,
  outputs: Record<string, Tensor>,
  weights: ReadonlyMap<string, Float32Array>,
  context: Context,
  sumsRows: boolean,
  use: (runner: Runner, rows: number, first: number) => void | Promise<void>,
): Promise<void> {
  const plan = new MemoryPlan();
  const most = Math.min(BATCH_ROWS, context.rows);
  const batch = sumsRows ? most : wholeBatch(most);
  const feeder = new Feeder(plan, run.config.schema, batch);
  const { device, threads, seed } = context;
  const runner = await Runner.create(device, toOnnx(outputs, weights), {
    ...{ batch, threads, plan, sumsRows },
  });
  let first = 0;
  for await (const piece of rows) {
    for (let start = 0; start < piece.rows; start += batch) {
      const count = Math.min(batch, piece.rows - start);
      const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: first };
      feeder.copy(runner.memory, runner.inputs, piece, start, start + count, draw);
      await runner.run(count);
      await use(runner, count, first);
      first += count;
    }
  }
  await runner.release();
}

export async function baselinesOf(
  run: Run,
  rows: () => AsyncIterable<PackedRows>,
  context: Context,
): Promise<Baselines> {
  const { schema, model } = run.config;
  const images = schema.fields.some(({ kind, role }) => kind === "image" && role === "data");
  const told = methods[model.method].probabilistic && !images;
  return {
    independent: told ? await independent(run, rows(), context) : null,
    ...(await linear(run, rows, momentsGraph(schema, model), context)),
  };
}

async function independent(run: Run, rows: AsyncIterable<PackedRows>, context: Context) {
  const { outputs, parameters } = independentGraph(run.config.schema, run.config.model);
  const beginning = parameters.initialize(new Random(0));
  let [sum, count] = [0, 0];
  await forEachBatch(run, rows, outputs, beginning, context, false, (runner, batch) => {
    const values = runner.output("reconstruction");
    for (let i = 0; i < batch; i++) sum -= values[i]!;
    count += batch;
  });
  return { elbo: sum / count };
}

async function linear(
  run: Run,
  rows: () => AsyncIterable<PackedRows>,
  graph: ReturnType<typeof momentsGraph>,
  context: Context,
): Promise<Pick<Baselines, "mean" | "pca">> {
  if (!graph) return { mean: null, pca: null };
  const { size, alone, present, moments, products } = graph;
  const components = run.config.model.latent;
  const whole = alone && size <= MOST_FOR_PCA && components < size;
  const outputs = { present, ...moments, ...(whole ? products : {}) };
  const [first, squares] = [new Float64Array(size), new Float64Array(size)];
  const second = new Float64Array(whole ? size * size : 0);
  let [there, count] = [0, 0];
  let center: Float32Array | null = null;
  await forEachBatch(
    run,
    rows(),
    outputs,
    new Map(),
    context,
    true,
    async (runner, batch, start) => {
      if (start === 0) {
        // About the first rows' mean.
        center = runner.memory.view(runner.inputs.get(CENTER) as Slot<"float32">);
        for (const [i, sum] of runner.output("first").entries()) center[i] = sum / batch;
        await runner.run(batch);
      }
      const [sums, of] = [runner.output("first"), runner.output("squares")];
      for (let i = 0; i < size; i++) {
        first[i]! += sums[i]!;
        squares[i]! += of[i]!;
      }
      if (whole) {
        const all = runner.output("second");
        for (let i = 0; i < size * size; i++) second[i]! += all[i]!;
      }
      const cells = runner.output("present");
      for (let i = 0; i < batch; i++) there += cells[i]!;
      count += batch;
    },
  );
  if (there === 0) return { mean: null, pca: null };
  let total = 0;
  for (let i = 0; i < size; i++) total += squares[i]! - first[i]! ** 2 / count;
  const mean = { mse: total / there };
  if (!whole || there < size * count) return { mean, pca: null };
  const covariance = second.map(
    (value, i) => value / count - (first[Math.floor(i / size)]! * first[i % size]!) / count ** 2,
  );
  const kept = largestEigenvalues(covariance, size, components).reduce((sum, v) => sum + v, 0);
  return { mean, pca: { components, mse: Math.max(0, total / count - kept) / size } };
}
