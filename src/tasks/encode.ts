// One row of latents for each row of data.

import { ElboError } from "../base/errors.ts";
import type { DataSet } from "../data/dataset.ts";
import { writeTable } from "../data/write.ts";
import { encodingGraph } from "../models/graphs.ts";
import { methods } from "../models/registry.ts";
import { type Run, rowsFor, runOf, type TaskOptions } from "./run.ts";
import { forEachBatch } from "./stream.ts";

export interface EncodeOptions extends TaskOptions {
  /** Posterior standard deviations too. Default false. */
  std?: boolean;
}

export interface Encoding {
  rows: number;
  latent: number;
  /** Posterior means, or an autoencoder's codes: `(rows, latent)`, row-major. */
  mean: Float32Array;
  /** Posterior standard deviations, where asked for. */
  standardDeviation: Float32Array | null;
  /** 1-based numbers of the data rows, where some were left out. */
  rowNumbers: Int32Array | null;
}

/** @throws ElboError where standard deviations are asked of a model without a posterior. */
export async function encode(
  run: string | Run,
  data: string | DataSet,
  options: EncodeOptions = {},
): Promise<Encoding> {
  const opened = await runOf(run);
  const { schema, model } = opened.config;
  if (options.std && !methods[model.method].probabilistic) {
    throw new ElboError({
      code: "no-posterior",
      kind: "usage",
      message: `--std needs a posterior; the run's method, ${model.method}, has codes alone`,
      hint: "Leave --std out, or train with --method vae.",
    });
  }
  const set = await rowsFor(opened, data);
  const { latent } = model;
  const mean = new Float32Array(set.rows * latent);
  const deviation = options.std ? new Float32Array(set.rows * latent) : null;
  const { standardDeviation, ...means } = encodingGraph(schema, model);
  const outputs = deviation ? { ...means, standardDeviation } : means;
  await forEachBatch(opened, set, outputs, options, (start, rows, output) => {
    mean.set(output("mean").subarray(0, rows * latent), start * latent);
    deviation?.set(output("standardDeviation").subarray(0, rows * latent), start * latent);
  });
  const rowNumbers = set.rowNumbers ?? null;
  return { rows: set.rows, latent, mean, standardDeviation: deviation, rowNumbers };
}

/** Writes an encoding with columns z0 … (and z0_std …), and `row` where rows were left out. */
export async function writeEncoding(
  path: string,
  { rows, latent, mean, standardDeviation, rowNumbers }: Encoding,
  force = false,
): Promise<void> {
  const column = (values: Float32Array, j: number) =>
    Float32Array.from({ length: rows }, (_, i) => values[i * latent + j]!);
  const columns = (values: Float32Array, suffix: string) =>
    Array.from({ length: latent }, (_, j) => ({
      name: `z${j}${suffix}`,
      values: column(values, j),
    }));
  await writeTable(
    path,
    [
      ...(rowNumbers ? [{ name: "row", values: rowNumbers }] : []),
      ...columns(mean, ""),
      ...(standardDeviation ? columns(standardDeviation, "_std") : []),
    ],
    { force },
  );
}
