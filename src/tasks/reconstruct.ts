// The data as the model sees it: each row's posterior mean, decoded.
import type { DataSet } from "../data/dataset.ts";
import { rowLength } from "../fields/schema.ts";
import { reconstructionGraph } from "../models/graphs.ts";
import { collectRows, type ModelRows } from "./rows.ts";
import { type Run, rowsFor, runOf, type TaskOptions } from "./run.ts";
import { forEachBatch } from "./stream.ts";

export async function reconstruct(
  run: string | Run,
  data: string | DataSet,
  options: TaskOptions = {},
): Promise<ModelRows> {
  const opened = await runOf(run);
  const { schema, model } = opened.config;
  const set = await rowsFor(opened, data);
  const size = rowLength(schema);
  const { values, add } = collectRows(schema, set.rows, size);
  const graph = reconstructionGraph(schema, model);
  await forEachBatch(opened, set, graph, options, (start, rows, output) => {
    add(start, output("values").subarray(0, rows * size));
  });
  return { rows: set.rows, schema, values, rowNumbers: set.rowNumbers ?? null };
}
