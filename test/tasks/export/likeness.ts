// Holds a run's exported files against what elbo itself makes of the same rows and noise.
import { expect } from "vitest";
import type { DataSource } from "#elbo/data/source.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import { scoreGraph } from "#elbo/models/exported.js";
import { methods } from "#elbo/models/methods/index.js";
import type { FittedMixture } from "#elbo/prob/mixture-fit.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { encode } from "#elbo/tasks/encode.js";
import { partOf } from "#elbo/tasks/export/part.js";
import { partGraphs } from "#elbo/tasks/export/parts.js";
import type { PartName } from "#elbo/tasks/export/refusals.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import type { Run } from "#elbo/tasks/run.js";
import { useModel } from "#elbo/tasks/stream.js";
import { hostRows } from "./host-rows.ts";
import { expectAlike, feedsFor, runNode } from "./ports.ts";

const options = { threads: 1 };

export const fileOf = (
  run: Run,
  name: PartName,
  mixture: FittedMixture | null = null,
  temperatures: ReadonlyMap<string, number> = new Map(),
  radii: ReadonlyMap<string, number> = new Map(),
) =>
  partOf(
    run.config.schema,
    run.weights,
    partGraphs[name](run.config, { mixture, temperatures, radii }),
  );

/** Texts of the symbols that a file gives. */
function joined(symbols: ArrayLike<number | string>, rows: number): string[] {
  const length = symbols.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_symbol, i) => symbols[row * length + i]).join(""),
  );
}

function columnIsLike(
  schema: FieldSchema,
  name: string,
  received: ArrayLike<number | string>,
  expected: ArrayLike<number | string | null>,
): void {
  const isText = schema.fields.some((field) => field.name === name && field.kind === "text");
  const own = isText ? joined(received, expected.length) : received;
  expectAlike(own, expected, name);
}

export async function encoderIsLike(run: Run, source: DataSource): Promise<Float32Array> {
  const file = fileOf(run, "encoder");
  const std = file.outputs.some(({ name }) => name === "z_std");
  const expected = await encode(run, source, { ...options, std });
  const results = await runNode(file, await feedsFor(file, run.config.schema, source));
  expectAlike(results["z"]!, expected.mean, "z");
  if (std) expectAlike(results["z_std"]!, expected.standardDeviation!, "z_std");
  return expected.mean;
}

/** At the latents of rows, which elbo reconstructs; what columns know of their rows is left out. */
export async function decoderIsLike(
  run: Run,
  source: DataSource,
  z: Float32Array,
  leftOut: readonly string[] = [],
): Promise<void> {
  const file = fileOf(run, "decoder");
  const results = await runNode(file, await feedsFor(file, run.config.schema, source, { z }));
  const { columns, values } = await reconstruct(run, source, options);
  // Conditions are what a decoder is given, and stand in a table of rows as they came.
  const given = run.config.schema.fields.flatMap(({ name, role }) =>
    role === "condition" ? [name] : [],
  );
  expect(file.outputs.map(({ name }) => name)).toEqual(
    columns.map(({ name }) => name).filter((name) => !given.includes(name)),
  );
  for (const [i, { name }] of columns.entries()) {
    if (given.includes(name) || leftOut.includes(name)) continue;
    columnIsLike(
      run.config.schema,
      name,
      results[name]!,
      values[i]!.values as ArrayLike<number | string | null>,
    );
  }
}

export async function scoreIsLike(run: Run, source: DataSource): Promise<void> {
  const { schema, model } = run.config;
  const file = fileOf(run, "score");
  const results = await runNode(file, await feedsFor(file, schema, source));
  const { score, kl, shares } = scoreGraph(schema, model);
  const graph = { score, shares, ...(kl ? { kl } : {}) };
  const { probabilistic } = methods[model.method];
  for await (const { output } of useModel(run, source, graph, options).chunks) {
    expectAlike(results[probabilistic ? "neg_elbo" : "error"]!, output("score"), "score");
    expectAlike(results["shares"]!, output("shares"), "shares");
    if (kl) expectAlike(results["kl"]!, output("kl"), "kl");
  }
}

/** Rows drawn of the same noise. @param mixture of latents, for a method without a prior. */
export async function sampleIsLike(
  run: Run,
  source: DataSource,
  mixture: FittedMixture | null,
): Promise<void> {
  const { rows } = source;
  const file = fileOf(run, "sample", mixture);
  const width = (name: string) => file.inputs.find((port) => port.name === name)?.shape[1] ?? 0;
  const random = new Random(8);
  const noise = {
    normals: random.normal(streams.synthetic, 1, rows * width("normals")),
    uniforms: random.uniform(streams.synthetic, 2, rows * width("uniforms")),
  };
  const feeds = await feedsFor(file, run.config.schema, source, { ...noise });
  const made = await runNode(file, feeds);
  const host = await hostRows(run, rows, noise, mixture);
  expect(Object.keys(made)).toHaveLength(host.columns.size + host.parameters.size);
  for (const [name, { values }] of host.columns) {
    const expected = values as ArrayLike<number | string | null>;
    columnIsLike(run.config.schema, name, made[name]!, expected);
  }
  for (const [name, values] of host.parameters) expectAlike(made[name]!, values, name);
}
