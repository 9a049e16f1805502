// The mean row and the principal components of the training rows, kept in the run: what a model
// must do better than on rows that neither has seen.
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { readStored } from "../data/store/disk.ts";
import { type StoredRows, sliceRows } from "../data/store/stored.ts";
import type { PackedRows } from "../fields/pack.ts";
import { largestEigen, vectorsFor } from "../metrics/eigen.ts";
import type { Device } from "../runtime/device.ts";
import type { Slot } from "../runtime/slots.ts";
import type { RunConfig } from "./config.ts";
import { type Batches, batchesOf } from "./each-batch.ts";
import { loadHashed, saveHashed } from "./hashed.ts";
import { CENTER, type Components, momentsGraph, VECTORS } from "./linear-graphs.ts";

export const LINEAR_FILE = "linear.safetensors";

/** Of rows on the network's scale. */
export interface Linear {
  /** Of each number of a row; none where rows hold levels or texts alone. */
  mean: Float32Array;
  components: Components | null;
  /** Why there are no components; empty where there are. */
  reason: string;
}

/** Numbers that are looked at: of more rows than hold so many, some blocks. */
const MOST_NUMBERS = 2e7;
/** Numbers of the vectors that are multiplied at once: 16 MB. */
const MOST_IN_VECTORS = 2e6;
const BATCH_ROWS = 256;

/** As many rows as are looked at, in blocks spread evenly over all. */
async function* someRows(stored: StoredRows, size: number): AsyncGenerator<PackedRows> {
  const every = Math.max(1, Math.ceil((stored.rows * size) / MOST_NUMBERS));
  let block = 0;
  for await (const piece of readStored(stored)) {
    if (every === 1) yield piece;
    else {
      for (let from = 0; from < piece.rows; from += BATCH_ROWS) {
        const to = Math.min(piece.rows, from + BATCH_ROWS);
        if (block++ % every === 0) yield sliceRows(piece, from, to);
      }
    }
  }
}

export async function fitLinear(
  device: Device,
  { schema, model, training, compute }: RunConfig,
  stored: StoredRows,
): Promise<Linear> {
  const graph = momentsGraph(schema, model);
  const none = { mean: new Float32Array(0), components: null };
  if (!graph) return { ...none, reason: "rows hold no numbers" };
  const { size, alone, sums } = graph;
  // Of as many axes as numbers nothing is left to tell.
  const count = Math.min(model.latent, size - 1);
  const width = vectorsFor(size, count);
  let reason = "";
  if (!alone) reason = "rows hold more than numbers";
  else if (count === 0) reason = "rows hold one number";
  else if (width * size > MOST_IN_VECTORS) reason = `rows of ${size} numbers are too long`;
  const outputs = reason === "" ? { ...sums, ...graph.products(width) } : sums;
  const batches = await batchesOf(schema, outputs, {
    ...{ device, threads: compute.threads, seed: training.seed },
    ...{ batch: Math.min(BATCH_ROWS, stored.rows), sumsRows: true },
  });
  try {
    const rows = () => someRows(stored, size);
    const { mean, variance, gaps, seen } = await momentsOf(batches, rows, size);
    if (gaps) reason ||= "cells are missing in the training rows";
    if (reason !== "") return { mean, components: null, reason };
    const product = (vectors: readonly Float64Array[]) =>
      covarianceTimes(batches, rows(), vectors, seen);
    const { values, vectors } = await largestEigen(size, count, product);
    const rest = variance - values.reduce((sum, value) => sum + value, 0);
    const noise = Math.max(rest / (size - count), Number.EPSILON);
    const components = {
      ...{ count, noise },
      axes: Float32Array.from(vectors.flatMap((vector) => [...vector])),
      variances: Float32Array.from(values, (value) => Math.max(value, noise)),
    };
    return { mean, components, reason };
  } finally {
    await batches.runner.release();
  }
}

/** The mean of each number, and the sum of their variances. */
async function momentsOf(batches: Batches, rows: () => AsyncIterable<PackedRows>, size: number) {
  const { runner } = batches;
  const center = runner.memory.view(runner.inputs.get(CENTER) as Slot<"float32">);
  const vectors = runner.inputs.get(VECTORS);
  if (vectors) runner.memory.view(vectors as Slot<"float32">).fill(0);
  const [there, first, squares] = [0, 0, 0].map(() => new Float64Array(size)) as Float64Array[];
  let seen = 0;
  await batches.each(rows(), async (count) => {
    if (seen === 0) {
      // About the first rows' mean.
      for (const [i, sum] of runner.output("first").entries()) center[i] = sum / count;
      await runner.run(count);
    }
    seen += count;
    const outputs = [runner.output("there"), runner.output("first"), runner.output("squares")];
    for (const [k, total] of [there!, first!, squares!].entries()) {
      for (let i = 0; i < size; i++) total[i]! += outputs[k]![i]!;
    }
  });
  const offsets = first!.map((sum, i) => sum / Math.max(1, there![i]!));
  const variance = squares!.reduce((total, sum, i) => {
    return total + sum / Math.max(1, there![i]!) - offsets[i]! ** 2;
  }, 0);
  for (const [i, offset] of offsets.entries()) center[i]! += offset;
  const gaps = there!.some((cells) => cells < seen);
  return { mean: center.slice(), variance, gaps, seen };
}

/** The covariance times each vector, about the center that is in place: the mean. */
async function covarianceTimes(
  { runner, each }: Batches,
  rows: AsyncIterable<PackedRows>,
  vectors: readonly Float64Array[],
  seen: number,
): Promise<Float64Array[]> {
  const width = vectors.length;
  const input = runner.memory.view(runner.inputs.get(VECTORS) as Slot<"float32">);
  for (const [k, vector] of vectors.entries()) {
    for (const [i, value] of vector.entries()) input[i * width + k] = value;
  }
  const images = vectors.map((vector) => new Float64Array(vector.length));
  await each(rows, () => {
    const products = runner.output("products");
    for (const [k, image] of images.entries()) {
      for (let i = 0; i < image.length; i++) image[i]! += products[i * width + k]! / seen;
    }
  });
  return images;
}

export async function saveLinear(folder: string, { mean, components, reason }: Linear) {
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  if (mean.length > 0) tensors.set("mean", { shape: [mean.length], data: mean });
  if (components) {
    const { count, axes, variances, noise } = components;
    tensors.set("axes", { shape: [count, mean.length], data: axes });
    tensors.set("variances", { shape: [count], data: variances });
    tensors.set("noise", { shape: [1], data: Float32Array.of(noise) });
  }
  await saveHashed(join(folder, LINEAR_FILE), tensors, { reason });
}

/** @throws ElboError as `loadHashed`, and `weights-mismatch` where it is another model's. */
export async function loadLinear(folder: string, { schema, model }: RunConfig): Promise<Linear> {
  const path = join(folder, LINEAR_FILE);
  const { tensors, metadata } = await loadHashed(path);
  const size = momentsGraph(schema, model)?.size ?? 0;
  const [mean, axes, variances, noise] = ["mean", "axes", "variances", "noise"].map((name) => {
    return tensors.get(name) ?? new Float32Array(0);
  }) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const count = variances.length;
  if (mean.length !== size || axes.length !== count * size || noise.length !== Math.min(1, count)) {
    throw new ElboError({
      code: "weights-mismatch",
      message: `the run's rows hold ${size} numbers, and ${path} has a mean of ${mean.length} and axes of ${axes.length}`,
      hint: "The file belongs to another model; restore it from a copy of the run, or train again.",
      where: { file: path },
    });
  }
  const components = count === 0 ? null : { count, axes, variances, noise: noise[0]! };
  return { mean, components, reason: metadata.get("reason") ?? "" };
}
