// Groups of rows in latent space: the components of a mixture prior, or of a mixture of Gaussians that is
// fitted to the latents.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import { activeUnits } from "../metrics/active-units.ts";
import { encodingGraph } from "../models/graphs.ts";
import { componentsGraph } from "../models/latent-graphs.ts";
import { methods } from "../models/methods/index.ts";
import { type ChosenMixture, chooseMixture } from "../prob/mixture-choice.ts";
import { fitMixture, responsibilities } from "../prob/mixture-fit.ts";
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import { latentMoments } from "./explain/latent-moments.ts";
import { someRows } from "./explain/some-rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { useModel } from "./stream.ts";
import { freeName, type OutputTable, outputColumns, outputValues, writeOutput } from "./table.ts";

export interface ClusterOptions extends TaskOptions {
  /**
   * How many. Default: the components of the run's own prior, where that is a mixture; otherwise as many
   * Gaussians as the Bayesian information criterion chooses, 15 at most.
   */
  clusters?: number;
  /** Of the starts of a mixture that is fitted. Default 0. */
  seed?: number;
}

export interface Clusters {
  rows: number;
  clusters: number;
  /** Whether they are components of the model's prior, or of a mixture fitted to latents. */
  by: "prior" | "mixture";
  /** Rows of each. */
  sizes: number[];
  /** The criterion of 1, 2, … Gaussians; null where their number was given, or is the prior's. */
  criterion: number[] | null;
}

/** Latents that a mixture is fitted to: more tell it little more. */
const FIT_ROWS = 2000;
/** Rows for each Gaussian at least. */
const ROWS_EACH = 20;
const MOST = 15;

interface Judge {
  clusters: number;
  by: Clusters["by"];
  criterion: number[] | null;
  graph: Parameters<typeof useModel>[2];
  /** Of the graph's output of a row, `(n)`: the probability of each cluster. */
  shares(output: Float32Array): ArrayLike<number>;
}

/** A mixture of the latents that are used, the largest cluster first. */
async function fitted(run: Run, source: DataSource, options: ClusterOptions): Promise<Judge> {
  const { schema, model } = run.config;
  const { packed } = await someRows(run, source, FIT_ROWS);
  const { means, latent, meanVariance } = await latentMoments(run, packed, options);
  const all = Array.from({ length: latent }, (_, j) => j);
  const { probabilistic } = methods[model.method];
  const varied = all.filter((j) =>
    probabilistic ? activeUnits([meanVariance[j]!]) === 1 : meanVariance[j]! > 0,
  );
  const used = varied.length > 0 ? varied : all;
  const at = (values: Float32Array, row: number) =>
    Float64Array.from(used, (j) => values[row * latent + j]!);
  const points = Array.from({ length: packed.rows }, (_, row) => at(means, row));
  const draws = new Sequence(options.seed ?? 0, streams.mixture, 0);
  const { clusters } = options;
  if (clusters !== undefined && clusters > points.length) {
    throw new ElboError({
      code: "option-value",
      kind: "usage",
      message: `--clusters ${clusters} needs as many rows, received ${points.length}`,
      hint: "Give fewer clusters, or more rows.",
    });
  }
  const most = Math.max(1, Math.min(MOST, Math.floor(points.length / ROWS_EACH)));
  const { mixture, tried }: ChosenMixture =
    clusters === undefined
      ? chooseMixture(points, most, draws)
      : { mixture: fitMixture(points, { components: clusters }, draws), tried: [] };
  const order = [...mixture.weights.keys()].sort(
    (a, b) => mixture.weights[b]! - mixture.weights[a]!,
  );
  return {
    clusters: order.length,
    by: "mixture",
    criterion: clusters === undefined ? tried : null,
    graph: { output: encodingGraph(schema, model).mean },
    shares(output) {
      const { shares } = responsibilities(at(output, 0), mixture);
      return order.map((k) => shares[k]!);
    },
  };
}

async function judgeOf(run: Run, source: DataSource, options: ClusterOptions): Promise<Judge> {
  if (options.clusters !== undefined) {
    checkNumber("--clusters", options.clusters, { min: 1, integer: true });
    return fitted(run, source, options);
  }
  const components = componentsGraph(run.config.schema, run.config.model);
  if (components === null) return fitted(run, source, options);
  return {
    clusters: components.shape[1] as number,
    by: "prior",
    criterion: null,
    graph: { output: components },
    shares: (output) => output,
  };
}

function clusterTable(run: Run, source: DataSource, judge: Judge, options: TaskOptions) {
  const { carried, chunks } = useModel(run, source, judge.graph, options);
  const ids = carried.flatMap(outputColumns);
  const taken = ids.map(({ name }) => name);
  const sizes = new Array<number>(judge.clusters).fill(0);
  async function* pieces() {
    for await (const { rows, output, carried: values } of chunks) {
      const all = output("output");
      const width = all.length / rows;
      const cluster = new Int32Array(rows);
      const probability = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const shares = Array.from(judge.shares(all.subarray(row * width, (row + 1) * width)));
        const best = shares.indexOf(Math.max(...shares));
        cluster[row] = best;
        probability[row] = shares[best]!;
        sizes[best]!++;
      }
      const own = carried.flatMap((info, k) => outputValues(info, values[k]!, rows));
      yield { rows, values: [...own, cluster, probability] };
    }
  }
  const table: OutputTable = {
    columns: [
      ...ids,
      { name: freeName("cluster", taken), type: "int32" },
      { name: freeName("probability", taken), type: "float64" },
    ],
    pieces: pieces(),
  };
  return { table, sizes };
}

/**
 * Writes the id columns, each row's most probable cluster, from 0, and its probability, in bounded memory.
 * @throws ElboError `option-value`, and as opening and packing do.
 */
export async function clusterTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: ClusterOptions & { force?: boolean } = {},
): Promise<Clusters> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const judge = await judgeOf(opened, source, options);
    const { table, sizes } = clusterTable(opened, source, judge, options);
    const rows = await writeOutput(path, table, options);
    const { clusters, by, criterion } = judge;
    return { rows, clusters, by, sizes, criterion };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
