// The data as the model sees it: each row's posterior mean, decoded.
import type { DataSource } from "../data/source.ts";
import type { Group } from "../fields/groups/index.ts";
import { decodedGroups, reconstructionGraph } from "../models/graphs.ts";
import { unfolded } from "./overlap.ts";
import {
  collect,
  conditionFields,
  decodedColumns,
  inOrder,
  type ModelRows,
  type RowStream,
  withConditions,
  writeRows,
} from "./rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { carriedColumns, useModel } from "./stream.ts";
import { mostProbable, writersFor } from "./writing.ts";

function reconstructions(run: Run, source: DataSource, options: TaskOptions): RowStream {
  const { schema, model } = run.config;
  const groups = decodedGroups(schema, model);
  const graph = reconstructionGraph(schema, model);
  const ids = carriedColumns(run, source);
  const given = conditionFields(schema).map(({ name }) => name);
  const conditions = source.columns.filter(({ name }) => given.includes(name));
  const beside = [...ids, ...conditions];
  const { chunks } = useModel(run, source, graph, options, beside);
  const ordered = <T>(decoded: readonly T[], own: readonly T[]) => [
    ...own.slice(0, ids.length),
    ...withConditions(
      schema,
      decoded,
      new Map(conditions.map(({ name }, i) => [name, own[ids.length + i]!])),
    ),
  ];
  async function* pieces() {
    const writers = await writersFor(run, groups, source.rows, options);
    try {
      for await (const { rows, output, carried } of chunks) {
        const emitted = ({ layout }: Group) => output(layout.name);
        const codes = await writers.write(rows, emitted, mostProbable);
        const columns = groups.map((group) => ({
          fields: group.layout.fields,
          columns: group.columns(codes.get(group) ?? emitted(group), rows),
        }));
        yield { rows, values: ordered(inOrder(schema, columns), carried) };
      }
    } finally {
      await writers.release();
    }
  }
  const stream = { columns: ordered(decodedColumns(schema), beside), pieces: pieces() };
  return source.windows === undefined ? stream : unfolded(source.windows, stream, beside);
}

/**
 * All rows in memory: id columns and conditions untouched, expected numbers, the most probable levels. Of windows
 * of a series the rows of the series: means over the windows that cover a row.
 */
export async function reconstruct(
  run: string | Run,
  data: string | DataSource,
  options: TaskOptions = {},
): Promise<ModelRows> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    return await collect(reconstructions(opened, source, options));
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** The same written to a file, in bounded memory. @returns how many rows were written. */
export async function reconstructTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: TaskOptions & { force?: boolean } = {},
): Promise<number> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    return await writeRows(path, reconstructions(opened, source, options), options);
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
