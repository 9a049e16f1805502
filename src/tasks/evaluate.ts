// How good a model is on data, beside simple baselines of the same rows.
import { availableParallelism } from "node:os";
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSet } from "../data/dataset.ts";
import { Feeder } from "../data/feeder.ts";
import { rowLength } from "../fields/schema.ts";
import { toOnnx } from "../graph/index.ts";
import { largestEigenvalues } from "../metrics/eigen.ts";
import { CENTER, momentsGraph, rawShift } from "../models/graphs.ts";
import { methods } from "../models/registry.ts";
import type { Device } from "../runtime/device.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Runner } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";
import { Evaluator } from "../train/evaluator.ts";
import { deviceOf, type Run, rowsFor, runOf, type TaskOptions } from "./run.ts";
import { BATCH_ROWS } from "./stream.ts";

export interface EvaluateOptions extends TaskOptions {
  /** Importance samples of each row for its likelihood. Default 0: no `nll`. */
  importanceSamples?: number;
  /** Of the posterior's noise and of dynamic binarisation. Default 0. */
  seed?: number;
}

/** Means over rows in nats, of raw values; null where the method has no such thing. */
export interface EvaluationReport {
  rows: number;
  elbo: number | null;
  /** −log p(x | z), or the mean squared error of an autoencoder. */
  reconstruction: number;
  kl: number | null;
  klPerLatent: number[] | null;
  /** Latents whose posterior mean varies by more than 0.01 over rows (Burda et al. 2016, §5.2). */
  activeUnits: number;
  /** Mean squared error of a value at the posterior mean: of scaled columns, or of pixels 0 to 1. */
  mse: number;
  /** −elbo in bits for each value of a row; null where the likelihood is no mass on raw values. */
  bitsPerDim: number | null;
  nll: { value: number; samples: number; standardError: number } | null;
  /** The same `mse`, of the mean row and of PCA with as many components as the model has latents,
   * both fitted to these very rows, which favours them. */
  baselines: { mean: { mse: number }; pca: { components: number; mse: number } };
}

export async function evaluate(
  run: string | Run,
  data: string | DataSet,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const samples = checkNumber("--importance-samples", options.importanceSamples ?? 0, {
    min: 0,
    integer: true,
  });
  const seed = checkNumber("--seed", options.seed ?? 0, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
  });
  const opened = await runOf(run);
  const { schema, model, training } = opened.config;
  const { probabilistic } = methods[model.method];
  if (samples > 0 && !probabilistic) {
    throw new ElboError({
      code: "no-density",
      kind: "usage",
      message: `--importance-samples needs a density; the run's method, ${model.method}, has none`,
      hint: "Leave --importance-samples out, or train with --method vae.",
    });
  }
  const set = await rowsFor(opened, data);
  const device = await deviceOf(options);
  const threads = options.threads ?? availableParallelism();
  const evaluator = await Evaluator.create(device, schema, model, set, {
    threads,
    weights: opened.weights,
    form: "fixed",
  });
  const result = await evaluator.evaluate(seed, training.beta, samples);
  await evaluator.release();
  const shift = rawShift(schema, model);
  const kl = result.klPerLatent.reduce((sum, value) => sum + value, 0);
  const elbo = probabilistic ? shift - result.reconstruction - kl : null;
  return {
    rows: set.rows,
    elbo,
    reconstruction: result.reconstruction - shift,
    kl: probabilistic ? kl : null,
    klPerLatent: probabilistic ? [...result.klPerLatent] : null,
    activeUnits: result.meanVariance.filter((variance) => variance > 0.01).length,
    mse: result.squaredError,
    bitsPerDim: elbo !== null && isMass(opened) ? -elbo / rowLength(schema) / Math.LN2 : null,
    nll: result.nll && { ...result.nll, value: result.nll.value - shift },
    baselines: await baselines(opened, set, device, threads, seed),
  };
}

/** Whether the likelihood gives raw values probabilities, and not densities. */
function isMass({ config: { schema, model } }: Run): boolean {
  if (model.likelihood !== "bernoulli") return false;
  return schema.kind === "image" && schema.fields[0].binarize !== "none";
}

async function baselines(
  { config: { schema, model } }: Run,
  set: DataSet,
  device: Device,
  threads: number,
  seed: number,
): Promise<EvaluationReport["baselines"]> {
  const size = rowLength(schema);
  const batch = Math.min(BATCH_ROWS, set.rows);
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, set, batch, { resident: false });
  const onnx = toOnnx(momentsGraph(schema));
  const runner = await Runner.create(device, onnx, { batch, threads, plan });
  const first = new Float64Array(size);
  const second = new Float64Array(size * size);
  const moments = async (start: number, rows: number) => {
    const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: start };
    feeder.copy(runner.memory, runner.inputs, start, rows, draw);
    await runner.run(rows);
  };
  await moments(0, batch);
  const center = runner.memory.view(runner.inputs.get(CENTER) as Slot<"float32">);
  for (const [i, sum] of runner.output("first").entries()) center[i] = sum / batch;
  for (let start = 0; start < set.rows; start += batch) {
    await moments(start, Math.min(batch, set.rows - start));
    const [sums, products] = [runner.output("first"), runner.output("second")];
    for (let i = 0; i < size; i++) first[i]! += sums[i]! / set.rows;
    for (let i = 0; i < size * size; i++) second[i]! += products[i]! / set.rows;
  }
  await runner.release();
  const covariance = second.map(
    (value, i) => value - first[Math.floor(i / size)]! * first[i % size]!,
  );
  let total = 0;
  for (let i = 0; i < size; i++) total += covariance[i * size + i]!;
  const components = Math.min(model.latent, size);
  const kept = largestEigenvalues(covariance, size, components).reduce((sum, v) => sum + v, 0);
  return {
    mean: { mse: total / size },
    pca: { components, mse: Math.max(0, total - kept) / size },
  };
}
