// What tasks give: columns of rows that come in pieces, to be collected or written as they come.
import { openTableWriter, type TableColumn } from "../data/write/table.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";

/** A column's values in a piece. Missing is NaN or null. */
export type OutputValues = Float32Array | Float64Array | Int32Array | readonly (string | null)[];

export interface OutputTable {
  columns: TableColumn[];
  pieces: AsyncIterable<{ rows: number; values: OutputValues[] }>;
}

/** The columns of a table that one of a source, or of a model, is written as: vectors are several. */
export function outputColumns(info: ColumnInfo): TableColumn[] {
  const { name } = info;
  switch (info.type) {
    case "number":
      if (info.boolean) return [{ name, type: "boolean" }];
      return [{ name, type: info.float32 ? "float32" : "float64" }];
    case "text":
      return [{ name, type: "text" }];
    case "time":
      return [
        {
          ...{ name, type: info.date ? "date" : "time" },
          ...(info.format === undefined ? {} : { format: info.format }),
        },
      ];
    case "vector":
      return Array.from({ length: info.size }, (_, j) => ({
        name: info.names?.[j] ?? `${name}${j}`,
        type: "float32",
      }));
    case "image":
      return [];
    default:
      return info satisfies never;
  }
}

/** Columns of `(rows, size)`, row-major. */
export function columnsOfRows(values: Float32Array, rows: number): Float32Array[] {
  const size = values.length / rows;
  return Array.from({ length: size }, (_, j) => {
    const column = new Float32Array(rows);
    for (let i = 0, at = j; i < rows; i++, at += size) column[i] = values[at]!;
    return column;
  });
}

/** The values of those columns. */
export function outputValues(info: ColumnInfo, values: ColumnValues, rows: number): OutputValues[] {
  if (values.type === "image") return [];
  if (values.type === "text") return [values.values];
  if (values.type === "number" || values.type === "time") return [values.values];
  const size = info.type === "vector" ? info.size : 1;
  if (values.type === "vector") return columnsOfRows(values.values, rows);
  if (values.type !== "sparse") return [];
  const columns = Array.from({ length: size }, () => new Float32Array(rows));
  for (let row = 0; row < rows; row++) {
    for (let k = values.offsets[row]!; k < values.offsets[row + 1]!; k++) {
      columns[values.indices[k]!]![row] = values.values[k]!;
    }
  }
  return columns;
}

/** A name that none of the others has: `z0`, `z0_2`. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}_${number}`;
    if (!taken.includes(free)) return free;
  }
}

/** Writes a table whole or not at all; returns how many rows it has. */
export async function writeOutput(
  path: string,
  { columns, pieces }: OutputTable,
  options: { force?: boolean } = {},
): Promise<number> {
  const writer = await openTableWriter(path, columns, options);
  let count = 0;
  try {
    for await (const { rows, values } of pieces) {
      await writer.write(values, rows);
      count += rows;
    }
    await writer.close();
    return count;
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}
