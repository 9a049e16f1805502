// Where the cells of columns are missing.
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";

const isGap = (value: number) => Number.isNaN(value);

/** How many cells of a row are missing in a column: 0 or 1; of a vector, of its numbers. */
export function gapsIn(info: ColumnInfo, column: ColumnValues): (row: number) => number {
  switch (column.type) {
    case "number":
    case "time":
      return (row) => +isGap(column.values[row]!);
    case "text":
      return (row) => +(column.values[row] === null);
    case "sparse":
    case "vector": {
      const size = info.type === "vector" ? info.size : 1;
      const ends = (row: number): [number, number] =>
        column.type === "sparse"
          ? [column.offsets[row]!, column.offsets[row + 1]!]
          : [row * size, (row + 1) * size];
      return (row) => column.values.subarray(...ends(row)).filter(isGap).length;
    }
    case "image":
      return () => 0;
    default:
      return column satisfies never;
  }
}

/**
 * A column with values in the place of its gaps; what is there stays as it is.
 * @param rows that have gaps, in order.
 * @param values of those rows; of vectors whole ones.
 */
export function filled(
  column: ColumnValues,
  rows: ArrayLike<number>,
  values: ColumnValues,
): ColumnValues {
  if (column.type === "text") {
    const all = [...column.values];
    for (let i = 0; i < rows.length; i++) all[rows[i]!] = textAt(values, i);
    return { type: "text", values: all };
  }
  if (column.type === "number" || column.type === "time") {
    const all = column.values.slice();
    for (let i = 0; i < rows.length; i++) all[rows[i]!] = numberAt(values, i);
    return { ...column, values: all };
  }
  if (column.type === "vector" || column.type === "sparse")
    return filledVectors(column, rows, values);
  return column;
}

/** Numbers of vectors, dense or sparse, in the place of those that are missing. */
function filledVectors(
  column: Extract<ColumnValues, { type: "vector" | "sparse" }>,
  rows: ArrayLike<number>,
  values: ColumnValues,
): ColumnValues {
  const all = column.values.slice();
  const size = values.values.length / rows.length;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const sparse = column.type === "sparse";
    const start = sparse ? column.offsets[row]! : row * size;
    const end = sparse ? column.offsets[row + 1]! : start + size;
    for (let k = start; k < end; k++) {
      const place = sparse ? column.indices[k]! : k - start;
      if (isGap(all[k]!)) all[k] = numberAt(values, i * size + place);
    }
  }
  return { ...column, values: all };
}

function textAt({ values }: ColumnValues, i: number): string | null {
  const value = values[i];
  return typeof value === "number" ? String(value) : (value ?? null);
}

/** A column of numbers alone may be read for a field of texts: its levels are numerals then. */
const numberAt = ({ values }: ColumnValues, i: number) => Number(values[i]);
