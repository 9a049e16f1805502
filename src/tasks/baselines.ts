// What a model must do better than: each column alone, the mean row, and PCA, all by the training
// rows.
import type { Field } from "../fields/field.ts";
import type { PackedRows } from "../fields/pack.ts";
import { independentGraph } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import { Random } from "../runtime/random.ts";
import { type BatchSettings, batchesOf } from "../train/each-batch.ts";
import { linearGraph } from "../train/linear-graphs.ts";
import { plainPca } from "./evaluation/plain-pca.ts";
import type { Run } from "./run.ts";

export interface Baselines {
  /**
   * The likelihood of the rows where every column, or pixel, is alone, with the statistics of the
   * training rows: nats per row, as `elbo`; null without a likelihood, and for images whose
   * likelihood is not told by their mean, which is all that training keeps of pixels.
   */
  independent: { elbo: number } | null;
  /** The same `mse` as the model's, of the training rows' mean; null without numbers. */
  mean: { mse: number } | null;
  /**
   * … and of as many principal components of the training rows as the model has latents, but fewer
   * than a row has numbers; levels count as one-hot numbers, of which the largest is told
   * (`levelAccuracy`, as the model's), and gaps are at the mean. `elbo`: the log-density of raw values
   * by probabilistic PCA (Tipping and Bishop 1999) with these components, in nats per row; null where
   * the model gives them none, and with levels or gaps.
   */
  pca: {
    components: number;
    mse: number | null;
    levelAccuracy: number | null;
    elbo: number | null;
  } | null;
  /** Why `pca` is null; null where it is not. */
  noPca: string | null;
}

function toldByStatistics(field: Field): boolean {
  if (field.kind !== "image" || !("likelihood" in field) || field.role !== "data") return true;
  return field.likelihood === "bernoulli" || field.likelihood === "continuous-bernoulli";
}

type Context = Pick<BatchSettings, "device" | "threads" | "seed" | "batch">;

export async function baselinesOf(
  run: Run,
  rows: () => AsyncIterable<PackedRows>,
  context: Context,
): Promise<Baselines> {
  const { schema, model } = run.config;
  const told = methods[model.method].probabilistic && schema.fields.every(toldByStatistics);
  return {
    independent: told ? await independent(run, rows(), context) : null,
    ...(await linear(run, rows, context)),
  };
}

async function independent(run: Run, rows: AsyncIterable<PackedRows>, context: Context) {
  const { schema, model } = run.config;
  const { outputs, parameters } = independentGraph(schema, model);
  const weights = parameters.initialize(new Random(0));
  const batches = await batchesOf(schema, outputs, { ...context, sumsRows: false, weights });
  let [sum, count] = [0, 0];
  await batches.each(rows, (batch) => {
    const values = batches.runner.output("reconstruction");
    for (let i = 0; i < batch; i++) sum -= values[i]!;
    count += batch;
  });
  await batches.runner.release();
  return { elbo: sum / count };
}

async function linear(
  run: Run,
  rows: () => AsyncIterable<PackedRows>,
  context: Context,
): Promise<Omit<Baselines, "independent">> {
  const found = await ofNumbers(run, rows(), context);
  const mean = found?.mean ?? null;
  if (found?.pca) return { mean, pca: { ...found.pca, levelAccuracy: null }, noPca: null };
  const plain = await plainPca(run, rows, context);
  if (typeof plain === "string") return { mean, pca: null, noPca: plain };
  return { mean, pca: { ...plain, elbo: null }, noPca: null };
}

/** By what training found of numbers; null without any. */
async function ofNumbers(run: Run, rows: AsyncIterable<PackedRows>, context: Context) {
  const { schema, model } = run.config;
  const { mean, components } = await run.linear();
  const outputs = linearGraph(schema, model, mean, components);
  if (!outputs) return null;
  const batches = await batchesOf(schema, outputs, { ...context, sumsRows: false });
  const { runner } = batches;
  const sums = { present: 0, meanError: 0, pcaError: 0, logDensity: 0 };
  let count = 0;
  await batches.each(rows, (batch) => {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) {
      if (!runner.has(name)) continue;
      const values = runner.output(name);
      for (let i = 0; i < batch; i++) sums[name] += values[i]!;
    }
    count += batch;
  });
  const dense = runner.has("logDensity") && methods[model.method].probabilistic;
  await runner.release();
  const { present, meanError, pcaError, logDensity } = sums;
  if (present === 0) return null;
  const whole = present === count * mean.length;
  return {
    mean: { mse: meanError / present },
    pca: components && {
      components: components.count,
      mse: pcaError / present,
      elbo: dense && whole ? logDensity / count : null,
    },
  };
}
