// PCA of rows that hold levels beside numbers, or have gaps: of what an encoder is given of the training
// rows that the run keeps, where training itself has found no components.

import { pickRows } from "../../data/store/pick-rows.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { constant } from "../../graph/index.ts";
import { vectorsFor } from "../../metrics/eigen.ts";
import { plainRows } from "../../models/plain-rows.ts";
import { type BatchSettings, batchesOf } from "../../train/each-batch.ts";
import type { Run } from "../run.ts";
import { keptRows } from "./inputs.ts";
import { MOST_ROWS, principalAxes } from "./principal.ts";

/** Numbers that components are found of, 16 MB, and numbers of the vectors that are multiplied at once. */
const MOST_NUMBERS = 4e6;
const MOST_IN_VECTORS = 2e6;

type Context = Pick<BatchSettings, "device" | "threads" | "seed" | "batch">;

export interface PlainPca {
  components: number;
  /** Null where rows hold no numbers, or all are missing. */
  mse: number | null;
  /** The share of levels that are told right; null where rows hold none. */
  levelAccuracy: number | null;
}

/** Rows as they are, and which of their numbers are there, `(rows, size)`. */
async function pointsOf(run: Run, packed: PackedRows, size: number, context: Context) {
  const { schema, model } = run.config;
  const { values, there } = plainRows(schema, model)!;
  const outputs = { values, there };
  const batches = await batchesOf(schema, outputs, { ...context, sumsRows: false });
  const all = { values: new Float32Array(packed.rows * size), there: new Float32Array(0) };
  all.there = new Float32Array(all.values.length);
  let end = 0;
  async function* pieces() {
    yield packed;
  }
  await batches.each(pieces(), (rows) => {
    for (const name of ["values", "there"] as const) {
      all[name].set(batches.runner.output(name).subarray(0, rows * size), end);
    }
    end += rows * size;
  });
  await batches.runner.release();
  return all;
}

/** Gaps at the mean of what is there, which is given back with them. */
function filled({ values, there }: { values: Float32Array; there: Float32Array }, size: number) {
  const [sums, counts] = [new Float64Array(size), new Float64Array(size)];
  for (const [i, value] of values.entries()) {
    sums[i % size]! += value * there[i]!;
    counts[i % size]! += there[i]!;
  }
  const mean = sums.map((sum, j) => sum / Math.max(1, counts[j]!));
  return values.map((value, i) => (there[i] === 1 ? value : mean[i % size]!));
}

/** @returns the reason where there is none. */
export async function plainPca(
  run: Run,
  rows: () => AsyncIterable<PackedRows>,
  context: Context,
): Promise<PlainPca | string> {
  const { schema, model } = run.config;
  const plain = plainRows(schema, model);
  if (!plain) return "rows hold texts, or columns of too many levels alone";
  const { size, values, there } = plain;
  const count = Math.min(model.latent, size - 1);
  if (count === 0) return "rows hold one number";
  if (vectorsFor(size, count) * size > MOST_IN_VECTORS)
    return `rows of ${size} numbers are too long`;
  const training = await keptRows(run);
  if (!training) return "the run keeps no training rows";
  const most = Math.min(MOST_ROWS, Math.max(2, Math.floor(MOST_NUMBERS / size)));
  const every = Math.ceil(training.rows / most);
  const places = Array.from({ length: Math.ceil(training.rows / every) }, (_, i) => i * every);
  const known = await pointsOf(run, pickRows(schema, training, places), size, context);
  const { mean, vectors } = await principalAxes(filled(known, size), size, count);
  const axes = constant(
    vectors.flatMap((vector) => [...vector]),
    [count, size],
  );
  const middle = constant(Float32Array.from(mean));
  const away = values.sub(middle).mul(there);
  const outputs = plain.errors(away.matmul(axes.transpose()).matmul(axes).add(middle));
  const batches = await batchesOf(schema, outputs, { ...context, sumsRows: false });
  const sums = { squaredError: 0, present: 0, levels: 0, rightLevels: 0 };
  await batches.each(rows(), (batch) => {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) {
      if (!batches.runner.has(name)) continue;
      const own = batches.runner.output(name);
      for (let i = 0; i < batch; i++) sums[name] += own[i]!;
    }
  });
  await batches.runner.release();
  const { squaredError, present, levels, rightLevels } = sums;
  if (present + levels === 0) return "all cells of these rows are missing";
  return {
    components: count,
    mse: present > 0 ? squaredError / present : null,
    levelAccuracy: levels > 0 ? rightLevels / levels : null,
  };
}
