// How strange the rows of a series are, by the windows that hold them: the mean of what those are told
// (Schmidl, Wenig and Papenbrock 2022, Anomaly Detection in Time Series: A Comprehensive Evaluation).
import type { SeriesWindows } from "../../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import type { FieldSchema } from "../../fields/field.ts";
import { elementsOf, layoutOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { carriedRows } from "../overlap.ts";
import { RowMeans } from "../row-means.ts";
import type { Run } from "../run.ts";
import type { Scores } from "./scores.ts";

/** What rows are told, in order. */
export interface Told {
  rows: number;
  score: Float64Array;
  /** Nats; null without a density. */
  negElbo: Float64Array | null;
  /** Of each data field, `(rows, fields)`. */
  nats: Float64Array;
  carried: ColumnValues[];
}

/** Columns of a matrix, `(rows, width)`, and back. */
const columnOf = (values: Float64Array, width: number, j: number) =>
  Float64Array.from({ length: values.length / width }, (_, i) => values[i * width + j]!);

function besideEachOther(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  const all = new Float64Array(width * (columns[0]?.length ?? 0));
  for (const [j, column] of columns.entries()) {
    for (let i = 0; i < column.length; i++) all[i * width + j] = column[i]!;
  }
  return all;
}

/**
 * The rows of a series, given what its windows are told; ids are the rows' own.
 * @param carried the columns of `told`, all of which the series has.
 */
export async function* rowsOfWindows(
  windows: SeriesWindows,
  carried: readonly ColumnInfo[],
  told: AsyncIterable<Told>,
): AsyncGenerator<Told> {
  const { size, of } = windows;
  const ids = await carriedRows(windows, carried);
  const meansOf = () => new RowMeans(size, of.rows - size + 1, false);
  const [score, negElbo] = [meansOf(), meansOf()];
  let nats: RowMeans[] = [];
  let dense = true;
  for await (const chunk of told) {
    const { rows } = chunk;
    const width = chunk.nats.length / rows;
    if (nats.length === 0) nats = Array.from({ length: width }, meansOf);
    dense = chunk.negElbo !== null;
    yield {
      rows,
      score: score.add(chunk.score, rows),
      negElbo: chunk.negElbo && negElbo.add(chunk.negElbo, rows),
      nats: besideEachOther(
        nats.map((means, j) => means.add(columnOf(chunk.nats, width, j), rows)),
      ),
      carried: ids.map((one, k) => one.take(chunk.carried[k]!, rows)),
    };
  }
  yield {
    rows: size - 1,
    score: score.rest(),
    negElbo: dense ? negElbo.rest() : null,
    nats: besideEachOther(nats.map((means) => means.rest())),
    carried: ids.map((one) => one.rest()),
  };
}

/** How many packed windows follow each other by one row, stretch by stretch. */
function stretchesOf(schema: FieldSchema, packed: PackedRows): number[] {
  const follows = layoutOf(schema).flatMap(({ name, fields, elements }) => {
    const group = packed.groups.get(name)!;
    if (fields[0]!.kind !== "vector" || group.type !== "dense") return [];
    const { values } = group;
    let start = 0;
    return fields.map((field) => {
      const [first, size] = [start, elementsOf(field)];
      start += size;
      return (window: number) => {
        const [before, own] = [(window - 1) * elements + first, window * elements + first];
        for (let j = 1; j < size; j++) {
          if (!Object.is(values[before + j], values[own + j - 1])) return false;
        }
        return true;
      };
    });
  });
  const lengths: number[] = [];
  for (let window = 0; window < packed.rows; window++) {
    if (window > 0 && follows.every((follow) => follow(window))) lengths[lengths.length - 1]!++;
    else lengths.push(1);
  }
  return lengths;
}

/** Those of the rows that a run's scores are calibrated on. */
export async function heldStretches(run: Run, { heldOut }: Pick<Scores, "heldOut">) {
  if (run.config.data.window?.of !== "series") return [];
  const kept = await run.reference();
  return stretchesOf(run.config.schema, heldOut ? kept.heldOut : kept.training);
}

/** Scores of all rows of a series, by those of its windows. */
export function rowScores(scores: ArrayLike<number>, size: number): number[] {
  const means = new RowMeans(size, scores.length, false);
  return [...means.add(scores, scores.length), ...means.rest()];
}

/**
 * Scores of rows, by those of windows: of the row in the middle of each window, so that there are as many.
 * @param stretches how many windows follow each other, one stretch after the other.
 */
export function middleScores(
  scores: Float64Array,
  size: number,
  stretches: readonly number[],
): Float64Array {
  const all = new Float64Array(scores.length);
  const before = Math.floor((size - 1) / 2);
  let start = 0;
  for (const length of stretches) {
    const rows = rowScores(scores.subarray(start, start + length), size);
    all.set(rows.slice(before, before + length), start);
    start += length;
  }
  return all;
}
