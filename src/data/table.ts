// Numbers in memory as a data set, for programs that have no file.
import { ElboError } from "../base/errors.ts";
import type { DataSet } from "./dataset.ts";
import { collectRows } from "./rows.ts";

function badTable(message: string): ElboError {
  return new ElboError({
    code: "table-shape",
    kind: "usage",
    message,
    hint: "Give an array of rows of equal length, or a Float32Array of rows × columns values.",
  });
}

/**
 * A table of numbers in memory, to train on or to use a run with.
 * @param rows an array of rows, or all values row by row in one Float32Array, which is copied. A
 * row with a NaN is left out, as a row of a file with a gap is.
 * @param columns names; default x0, x1, … A Float32Array needs them, or their number.
 * @throws ElboError `table-shape` where rows differ in length or names do not fit; `data-empty`,
 * `rows-all-incomplete` or `value-infinite` as for files.
 */
export function tableOf(
  rows: readonly ArrayLike<number>[] | Float32Array,
  columns?: readonly string[] | number,
): DataSet {
  const flat = rows instanceof Float32Array;
  const width = typeof columns === "number" ? columns : (columns?.length ?? widthOf(rows));
  const count = flat ? rows.length / width : rows.length;
  if (!Number.isInteger(count) || !Number.isInteger(width) || width < 1) {
    throw badTable(`${rows.length} values make no rows of ${width} columns`);
  }
  if (!flat) {
    const ragged = rows.findIndex((row) => row.length !== width);
    if (ragged >= 0) {
      throw badTable(`rows have ${width} columns; row ${ragged + 1} has ${rows[ragged]!.length}`);
    }
  }
  const names =
    typeof columns === "object" ? columns : Array.from({ length: width }, (_, j) => `x${j}`);
  const collector = collectRows("a table in memory", names, 0, count);
  for (let i = 0; i < count; i++) {
    collector.add(flat ? (j) => rows[i * width + j]! : (j) => rows[i]![j]!);
  }
  return collector.finish([]);
}

function widthOf(rows: readonly ArrayLike<number>[] | Float32Array): number {
  if (rows instanceof Float32Array) {
    throw badTable("a Float32Array needs its column names, or their number");
  }
  // Of no rows `finish` says that the data is empty.
  return rows[0]?.length ?? 1;
}
