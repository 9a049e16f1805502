// One row of latents for each row of data.

import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import type { Tensor } from "../graph/index.ts";
import { encodingGraph } from "../models/graphs.ts";
import { drawGraph, layersGraph } from "../models/latent-graphs.ts";
import { methods } from "../models/methods/index.ts";
import { useDraws } from "./draws.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { useModel } from "./stream.ts";
import {
  columnsOfRows,
  freeName,
  type OutputTable,
  outputColumns,
  outputValues,
  writeOutput,
} from "./table.ts";

export interface EncodeOptions extends TaskOptions {
  /** Posterior standard deviations too. Default false. */
  std?: boolean;
  /** Draws of each row's posterior in the place of its mean. */
  samples?: number;
  /** Of those draws. Default 0; a row's are the same whatever rows are beside it. */
  seed?: number;
  /** A layer of the encoder, whose features come in the place of latents: `encoder.dense0`. */
  layer?: string;
}

export interface Encoding {
  rows: number;
  latent: number;
  /** Posterior means, or an autoencoder's codes: `(rows, latent)`, row-major. */
  mean: Float32Array;
  /** Posterior standard deviations, where asked for. */
  standardDeviation: Float32Array | null;
}

function without(option: string, { config: { model } }: Run): ElboError {
  const { probabilistic } = methods[model.method];
  return new ElboError({
    code: "no-posterior",
    kind: "usage",
    message: probabilistic
      ? `${option} needs one number of each latent, which the posterior of the run's method, ${model.method}, has not`
      : `${option} needs a posterior; the run's method, ${model.method}, has codes alone`,
    hint: `Leave ${option} out, or train with --method vae.`,
  });
}

function layerOf({ config: { schema, model } }: Run, name: string): Tensor {
  const layers = layersGraph(schema, model);
  const found = layers.get(name);
  if (found) return found;
  const names = [...layers.keys()];
  const guess = nearest(name, names);
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message:
      names.length > 0
        ? `--layer is one of ${names.map((own) => `${own} (${layers.get(own)!.shape[1]})`).join(", ")}; received "${name}"`
        : `--layer ${name}: the run's encoder has no hidden layer`,
    hint: names.length > 0 ? `Give --layer ${guess ?? names.at(-1)}.` : "Leave --layer out.",
  });
}

/** What is computed of rows, and the names of its columns: `z` and a number, and what follows it. */
interface Encoder {
  outputs: Record<string, Tensor>;
  columns: { output: string; prefix: string; suffix: string; size: number }[];
  /** Draws of each row; null: rows come once, without noise. */
  draws: number | null;
}

function encoderOf(run: Run, { std, samples, layer }: EncodeOptions): Encoder {
  const { schema, model } = run.config;
  const given = [
    ["--std", std],
    ["--samples", samples],
    ["--layer", layer],
  ].filter(([, value]) => value !== undefined && value !== false);
  if (given.length > 1) {
    throw new ElboError({
      code: "options-contradict",
      kind: "usage",
      message: `${given.map(([name]) => name).join(" and ")} ask for different columns`,
      hint: "Give one of them.",
    });
  }
  const z = { prefix: "z", suffix: "", size: model.latent };
  if (layer !== undefined) {
    const hidden = layerOf(run, layer);
    const size = hidden.shape[1] as number;
    const columns = [{ output: "hidden", prefix: "h", suffix: "", size }];
    return { outputs: { hidden }, columns, draws: null };
  }
  if (samples !== undefined) {
    const draws = checkNumber("--samples", samples, { min: 1, integer: true });
    const drawn = drawGraph(schema, model);
    if (drawn === null) throw without("--samples", run);
    return { outputs: { drawn }, columns: [{ ...z, output: "drawn" }], draws };
  }
  const { standardDeviation, mean } = encodingGraph(schema, model);
  if (!std) return { outputs: { mean }, columns: [{ ...z, output: "mean" }], draws: null };
  if (standardDeviation === null) throw without("--std", run);
  return {
    outputs: { mean, standardDeviation },
    columns: [
      { ...z, output: "mean" },
      { ...z, output: "standardDeviation", suffix: "_std" },
    ],
    draws: null,
  };
}

/** All latents in memory. @throws ElboError where deviations are asked of a model without any. */
export async function encode(
  run: string | Run,
  data: string | DataSource,
  options: Omit<EncodeOptions, "samples" | "layer"> = {},
): Promise<Encoding> {
  const opened = await runOf(run);
  const { outputs } = encoderOf(opened, options);
  const source = await sourceFor(opened, data);
  const { latent } = opened.config.model;
  const mean = new Float32Array(source.rows * latent);
  const deviation = options.std ? new Float32Array(source.rows * latent) : null;
  let rows = 0;
  for await (const chunk of useModel(opened, source, outputs, options).chunks) {
    mean.set(chunk.output("mean"), rows * latent);
    deviation?.set(chunk.output("standardDeviation"), rows * latent);
    rows += chunk.rows;
  }
  if (typeof data === "string") await source.close?.();
  return { rows, latent, mean, standardDeviation: deviation };
}

/** The id columns, the number of the draw where there are some, then z0 … row by row as they come. */
function encodingTable(run: Run, source: DataSource, options: EncodeOptions): OutputTable {
  const seed = checkNumber("--seed", options.seed ?? 0, {
    ...{ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
  });
  const { outputs, columns, draws } = encoderOf(run, options);
  const { carried, chunks } =
    draws === null
      ? useModel(run, source, outputs, options)
      : useDraws(run, source, outputs, draws, { ...options, seed });
  const ids = carried.flatMap(outputColumns);
  const taken = ids.map(({ name }) => name);
  const drawn = draws === null ? [] : [{ name: freeName("draw", taken), type: "int32" as const }];
  const names = columns.flatMap(({ prefix, suffix, size }) =>
    Array.from({ length: size }, (_, j) => freeName(`${prefix}${j}${suffix}`, taken)),
  );
  async function* pieces() {
    for await (const { rows, output, carried: values } of chunks) {
      yield {
        rows,
        values: [
          ...carried.flatMap((info, k) => outputValues(info, values[k]!, rows)),
          ...(draws === null ? [] : [Int32Array.from({ length: rows }, (_, i) => i % draws)]),
          ...columns.flatMap(({ output: name }) => columnsOfRows(output(name), rows)),
        ],
      };
    }
  }
  return {
    columns: [...ids, ...drawn, ...names.map((name) => ({ name, type: "float32" as const }))],
    pieces: pieces(),
  };
}

/**
 * Writes the latents of each row to a file, in the format of its extension, in bounded memory; with
 * `samples` draws of them, each a row, and with `layer` the features h0 … of a layer.
 * @returns how many rows were written.
 * @throws ElboError `no-posterior`, `option-value`, `options-contradict`, and as opening and packing do.
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
