// The rows that are most like some rows, by where they lie in latent space.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { encodingGraph } from "../models/graphs.ts";
import { cellsAt } from "./cells-at.ts";
import { encode } from "./encode.ts";
import { latentMoments, latentScales } from "./explain/latent-moments.ts";
import { someRows } from "./explain/some-rows.ts";
import { placeRule } from "./row-at.ts";
import { joined } from "./rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { useModel } from "./stream.ts";
import { freeName, type OutputTable, outputColumns, outputValues, writeOutput } from "./table.ts";

export interface NearestOptions extends TaskOptions {
  /** Rows of the data, from 0, whose nearest are wanted; they are none of their own. */
  rows?: readonly number[];
  /** Or rows of other data. */
  to?: string | DataSource;
  /** How many of each. Default 5. */
  count?: number;
}

export interface Neighbour {
  /** The row of the data, from 0. */
  place: number;
  /** In posterior deviations, of codes in their own. */
  distance: number;
  /** Its id cells. */
  ids: ColumnValues[];
}

export interface Nearest {
  /** The rows asked for, from 0, of the data or of `to`. */
  queries: number[];
  /** Of each, the nearest first. */
  neighbours: Neighbour[][];
  carried: ColumnInfo[];
}

/** Rows that tell how far apart latents are. */
const SCALE_ROWS = 2000;

async function scalesOf(run: Run, source: DataSource, options: TaskOptions) {
  const { packed } = await someRows(run, source, SCALE_ROWS);
  return latentScales(await latentMoments(run, packed, options));
}

async function queriesOf(run: Run, source: DataSource, options: NearestOptions) {
  const { rows, to } = options;
  if ((rows === undefined) === (to === undefined)) {
    throw new ElboError({
      code: "options-contradict",
      kind: "usage",
      message:
        "nearest needs the rows whose nearest are wanted: --rows of the data, or --to other data",
      hint: "Give one of them, for example --rows 0,7.",
    });
  }
  if (to !== undefined) {
    const { mean, latent, rows: count } = await encode(run, to, options);
    const queries = Array.from({ length: count }, (_, i) => i);
    return { queries, points: queries.map((i) => mean.slice(i * latent, (i + 1) * latent)) };
  }
  for (const row of rows!) {
    checkNumber("--rows", row, placeRule(source));
  }
  const { latent } = run.config.model;
  const points = new Map<number, Float32Array>();
  const graph = { mean: encodingGraph(run.config.schema, run.config.model).mean };
  let first = 0;
  for await (const chunk of useModel(run, source, graph, options, []).chunks) {
    const all = chunk.output("mean");
    for (const row of rows!) {
      const i = row - first;
      if (i >= 0 && i < chunk.rows) points.set(row, all.slice(i * latent, (i + 1) * latent));
    }
    first += chunk.rows;
  }
  return { queries: [...rows!], points: rows!.map((row) => points.get(row)!) };
}

/**
 * In memory: so many neighbours of each row asked for, found in one pass of the data. Of windows of a series
 * none that shares rows with the one asked for, or with a nearer neighbour.
 */
export async function nearest(
  run: string | Run,
  data: string | DataSource,
  options: NearestOptions,
): Promise<Nearest> {
  const opened = await runOf(run);
  const wanted = checkNumber("-n", options.count ?? 5, { min: 1, integer: true });
  const source = await sourceFor(opened, data);
  try {
    const { schema, model } = opened.config;
    const { latent } = model;
    const { queries, points } = await queriesOf(opened, source, options);
    const scales = await scalesOf(opened, source, options);
    const found = queries.map((): Neighbour[] => []);
    // Windows of a series that share rows are near since they do: one stands for all (Yeh et al. 2016,
    // Matrix Profile I: trivial matches).
    const alike = (a: number, b: number) => Math.abs(a - b) < (source.windows?.size ?? 1);
    const graph = { mean: encodingGraph(schema, model).mean };
    const { carried, chunks } = useModel(opened, source, graph, options);
    let first = 0;
    for await (const { rows, output, carried: ids } of chunks) {
      const means = output("mean");
      for (const [q, point] of points.entries()) {
        const own = found[q]!;
        for (let i = 0; i < rows; i++) {
          const place = first + i;
          if (options.to === undefined && alike(place, queries[q]!)) continue;
          let sum = 0;
          for (let j = 0; j < latent; j++) {
            sum += ((means[i * latent + j]! - point[j]!) * scales[j]!) ** 2;
          }
          const distance = Math.sqrt(sum);
          if (own.length === wanted && distance >= own[wanted - 1]!.distance) continue;
          const rival = own.findIndex((other) => alike(other.place, place));
          if (rival >= 0 && own[rival]!.distance <= distance) continue;
          if (rival >= 0) own.splice(rival, 1);
          // Behind those that are as near: of equals the first stays first.
          const at = own.findIndex((other) => other.distance > distance);
          const cells = carried.map((info, k) => cellsAt(info, ids[k]!, [i]));
          own.splice(at < 0 ? own.length : at, 0, { place, distance, ids: cells });
          if (own.length > wanted) own.pop();
        }
      }
      first += rows;
    }
    return { queries, neighbours: found, carried };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** A line of each neighbour. */
function nearestTable({ queries, neighbours, carried }: Nearest): OutputTable {
  const lines = neighbours.flatMap((all, q) =>
    all.map((neighbour, k) => ({ ...neighbour, query: queries[q]!, rank: k + 1 })),
  );
  const ids = carried.flatMap(outputColumns);
  const names = ["row", "rank", "nearest", "distance"];
  const own = ids.map(({ name, type }) => ({ name: freeName(name, names), type }));
  async function* pieces() {
    if (lines.length === 0) return;
    const whole = (of: (line: (typeof lines)[number]) => number) => Int32Array.from(lines, of);
    yield {
      rows: lines.length,
      values: [
        whole(({ query }) => query),
        whole(({ rank }) => rank),
        whole(({ place }) => place),
        Float64Array.from(lines, ({ distance }) => distance),
        ...carried.flatMap((info, k) =>
          outputValues(info, joined(lines.map((line) => line.ids[k]!)), lines.length),
        ),
      ],
    };
  }
  const types = ["int32", "int32", "int32", "float64"] as const;
  return {
    columns: [...names.map((name, k) => ({ name, type: types[k]! })), ...own],
    pieces: pieces(),
  };
}

/** Writes `row`, `rank`, `nearest` (a row of the data, from 0), `distance`, and that row's id columns. */
export async function nearestTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: NearestOptions & { force?: boolean },
): Promise<{ queries: number; rows: number }> {
  const found = await nearest(run, data, options);
  const rows = await writeOutput(path, nearestTable(found), options);
  return { queries: found.queries.length, rows };
}
