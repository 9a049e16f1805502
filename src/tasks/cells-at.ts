// The cells of some rows of a column, in any order and as often as they are asked for.
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";

/** Those of sparse vectors are spread out. */
export function cellsAt(
  info: ColumnInfo,
  column: ColumnValues,
  rows: readonly number[],
): ColumnValues {
  if (column.type === "text") return { type: "text", values: rows.map((i) => column.values[i]!) };
  if (column.type === "number" || column.type === "time") {
    return { type: column.type, values: Float64Array.from(rows, (i) => column.values[i]!) };
  }
  if (column.type === "sparse") {
    const size = info.type === "vector" ? info.size : 0;
    const values = new Float32Array(rows.length * size);
    for (const [at, row] of rows.entries()) {
      for (let k = column.offsets[row]!; k < column.offsets[row + 1]!; k++) {
        values[at * size + column.indices[k]!] = column.values[k]!;
      }
    }
    return { type: "vector", values };
  }
  const size =
    info.type === "image"
      ? info.height * info.width * info.channels
      : info.type === "vector"
        ? info.size
        : 1;
  const values = new (column.values.constructor as Float32ArrayConstructor)(rows.length * size);
  for (const [at, row] of rows.entries()) {
    values.set(column.values.subarray(row * size, (row + 1) * size), at * size);
  }
  return { ...column, values } as ColumnValues;
}
