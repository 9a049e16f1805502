// What points of latent space decode to: expected numbers and the most probable levels of some rows.
import type { ColumnValues } from "../fields/columns.ts";
import type { PackedRows } from "../fields/pack.ts";
import { decodingGraph } from "../models/exported.ts";
import { decodedGroups, LATENT, priorGraph } from "../models/graphs.ts";
import { PackedUse } from "./packed-use.ts";
import { inOrder } from "./rows.ts";
import type { Run, TaskOptions } from "./run.ts";
import { mostProbable, writersFor } from "./writing.ts";

/** Onto the sphere, where a model's latents lie on one. */
function inSpace(run: Run, latents: Float32Array): Float32Array {
  const { schema, model } = run.config;
  if (priorGraph(schema, model)?.prior.space !== "sphere") return latents;
  const { latent } = model;
  return latents.map((value, k) => {
    const start = k - (k % latent);
    return value / (Math.hypot(...latents.subarray(start, start + latent)) || 1);
  });
}

/**
 * Columns of the decoded fields, in the order of the data.
 * @param latents `(rows, latent)`
 * @param conditions the condition fields of each row; null of a model without.
 */
export async function decode(
  run: Run,
  latents: Float32Array,
  conditions: PackedRows | null,
  options: TaskOptions,
): Promise<ColumnValues[]> {
  const { schema, model } = run.config;
  const { latent } = model;
  const rows = latents.length / latent;
  const points = inSpace(run, latents);
  const parts = decodingGraph(schema, model);
  const graph = Object.fromEntries(parts.map(({ group, values }) => [group.layout.name, values]));
  const groups = decodedGroups(schema, model);
  const use = await PackedUse.create(run, graph, options);
  const packed = conditions ?? { rows, groups: new Map(), weights: null };
  const all = await use.run(packed, Object.keys(graph), (input, start, count) => {
    input(LATENT).set(points.subarray(start * latent, (start + count) * latent));
  });
  await use.release();
  const writers = await writersFor(run, groups, rows, options);
  const codes = await writers.write(rows, ({ layout }) => all.get(layout.name)!, mostProbable);
  await writers.release();
  const columns = groups.map((group) => ({
    fields: group.layout.fields,
    columns: group.columns(codes.get(group) ?? all.get(group.layout.name)!, rows),
  }));
  return inOrder(schema, columns);
}
