// One row of latents for each row of data.

import { ElboError } from "../base/errors.ts";
import type { DataSource } from "../data/source.ts";
import { encodingGraph } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { useModel } from "./stream.ts";
import { freeName, type OutputTable, outputColumns, outputValues, writeOutput } from "./table.ts";

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
}

function graphFor({ config: { schema, model } }: Run, { std }: EncodeOptions) {
  const { standardDeviation, mean } = encodingGraph(schema, model);
  if (!std) return { mean };
  if (standardDeviation !== null) return { mean, standardDeviation };
  const { probabilistic } = methods[model.method];
  throw new ElboError({
    code: "no-posterior",
    kind: "usage",
    message: probabilistic
      ? `--std is a deviation of each latent, which the posterior of the run's method, ${model.method}, has not`
      : `--std needs a posterior; the run's method, ${model.method}, has codes alone`,
    hint: "Leave --std out, or train with --method vae.",
  });
}

/** All latents in memory. @throws ElboError where deviations are asked of a model without any. */
export async function encode(
  run: string | Run,
  data: string | DataSource,
  options: EncodeOptions = {},
): Promise<Encoding> {
  const opened = await runOf(run);
  const graph = graphFor(opened, options);
  const source = await sourceFor(opened, data);
  const { latent } = opened.config.model;
  const mean = new Float32Array(source.rows * latent);
  const deviation = options.std ? new Float32Array(source.rows * latent) : null;
  let rows = 0;
  for await (const chunk of useModel(opened, source, graph, options).chunks) {
    mean.set(chunk.output("mean"), rows * latent);
    deviation?.set(chunk.output("standardDeviation"), rows * latent);
    rows += chunk.rows;
  }
  if (typeof data === "string") await source.close?.();
  return { rows, latent, mean, standardDeviation: deviation };
}

/** The id columns, then z0 … (and z0_std …), row by row as they come. */
function encodingTable(run: Run, source: DataSource, options: EncodeOptions): OutputTable {
  const { latent } = run.config.model;
  const { carried, chunks } = useModel(run, source, graphFor(run, options), options);
  const ids = carried.flatMap(outputColumns);
  const taken = ids.map(({ name }) => name);
  const suffixes = options.std ? ["", "_std"] : [""];
  const latents = suffixes.flatMap((suffix) =>
    Array.from({ length: latent }, (_, j) => freeName(`z${j}${suffix}`, taken)),
  );
  async function* pieces() {
    for await (const { rows, output, carried: values } of chunks) {
      const part = (name: string, j: number) => {
        const all = output(name);
        return Float32Array.from({ length: rows }, (_, i) => all[i * latent + j]!);
      };
      yield {
        rows,
        values: [
          ...carried.flatMap((info, k) => outputValues(info, values[k]!, rows)),
          ...(options.std ? ["mean", "standardDeviation"] : ["mean"]).flatMap((name) =>
            Array.from({ length: latent }, (_, j) => part(name, j)),
          ),
        ],
      };
    }
  }
  return {
    columns: [...ids, ...latents.map((name) => ({ name, type: "float32" as const }))],
    pieces: pieces(),
  };
}

/**
 * Writes the latents of each row to a file, in the format of its extension, in bounded memory.
 * @returns how many rows were written.
 */
export async function encodeTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: EncodeOptions & { force?: boolean } = {},
): Promise<number> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    return await writeOutput(path, encodingTable(opened, source, options), options);
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
