// Where a model puts rows in latent space: each row's mean, and the middle and spread of all.
import type { PackedRows } from "../../fields/pack.ts";
import { encodingGraph } from "../../models/graphs.ts";
import { PackedUse } from "../packed-use.ts";
import type { Run, TaskOptions } from "../run.ts";

export interface LatentMoments {
  latent: number;
  /** Posterior means, or codes: `(rows, latent)`. */
  means: Float32Array;
  /** The mean of each latent over rows. */
  center: Float64Array;
  /**
   * The deviation of each latent over rows and their posteriors (of the aggregate posterior): that of the
   * prior where a latent is unused or follows it.
   */
  deviation: Float64Array;
  /** The variance over rows of each latent's mean. */
  meanVariance: Float64Array;
  /** The mean over rows of each latent's posterior variance; null without deviations. */
  posteriorVariance: Float64Array | null;
}

export async function latentMoments(
  run: Run,
  packed: PackedRows,
  options: TaskOptions,
): Promise<LatentMoments> {
  const { schema, model } = run.config;
  const { mean, standardDeviation } = encodingGraph(schema, model);
  const graph = { mean, ...(standardDeviation ? { standardDeviation } : {}) };
  const use = await PackedUse.create(run, graph, options);
  const all = await use.run(packed, Object.keys(graph));
  await use.release();
  const [means, deviations] = [all.get("mean")!, all.get("standardDeviation")];
  const { latent } = model;
  const each = (of: (i: number, j: number) => number) =>
    Float64Array.from({ length: latent }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < packed.rows; i++) sum += of(i, j);
      return sum / packed.rows;
    });
  const center = each((i, j) => means[i * latent + j]!);
  const meanVariance = each((i, j) => (means[i * latent + j]! - center[j]!) ** 2);
  const posteriorVariance = deviations ? each((i, j) => deviations[i * latent + j]! ** 2) : null;
  const deviation = meanVariance.map((value, j) =>
    Math.sqrt(value + (posteriorVariance?.[j] ?? 0)),
  );
  return { latent, means, center, deviation, meanVariance, posteriorVariance };
}

/**
 * What latents are multiplied by to stand in posterior deviations, codes in their own: one that tells nothing
 * then parts no rows.
 */
export function latentScales({ posteriorVariance, deviation }: LatentMoments): Float64Array {
  return Float64Array.from(posteriorVariance?.map(Math.sqrt) ?? deviation, (value) =>
    value > 0 ? 1 / value : 0,
  );
}
