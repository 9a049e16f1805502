// What data is, before anything is trained on it.
import type { DataNote, DataSet } from "../data/dataset.ts";
import { readData } from "../data/read.ts";

export interface ColumnSummary {
  name: string;
  kind: "real";
  min: number;
  max: number;
  mean: number;
  /** All rows hold the same value: there is nothing to learn. */
  constant: boolean;
}

export type DataSummary = {
  source: string;
  /** Rows that training would take. */
  rows: number;
  /** Rows and columns left out, and anything else to know about how the data was read. */
  notes: DataNote[];
} & (
  | { kind: "table"; columns: ColumnSummary[] }
  | {
      kind: "image";
      height: number;
      width: number;
      channels: number;
      min: number;
      max: number;
      /** Images of which every pixel has the same value. */
      blank: number;
    }
);

function columnSummary(set: DataSet, name: string, j: number): ColumnSummary {
  const columns = set.shape[0]!;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let row = 0; row < set.rows; row++) {
    const value = set.values[row * columns + j]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { name, kind: "real", min, max, mean: sum / set.rows, constant: min === max };
}

/** Summarises a file, or rows in memory, as training would read them. */
export async function inspect(data: string | DataSet): Promise<DataSummary> {
  const set = typeof data === "string" ? await readData(data) : data;
  const { source, rows, notes, shape, values } = set;
  if (set.kind === "table") {
    const names = set.columns ?? Array.from({ length: shape[0]! }, (_, j) => `x${j}`);
    const columns = names.map((name, j) => columnSummary(set, name, j));
    return { kind: "table", source, rows, columns, notes };
  }
  const [height, width, channels] = shape as [number, number, number];
  const size = height * width * channels;
  let [min, max, blank] = [Infinity, -Infinity, 0];
  for (let row = 0; row < rows; row++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = row * size; i < (row + 1) * size; i++) {
      low = Math.min(low, values[i]!);
      high = Math.max(high, values[i]!);
    }
    if (low === high) blank++;
    min = Math.min(min, low);
    max = Math.max(max, high);
  }
  return { kind: "image", source, rows, height, width, channels, min, max, blank, notes };
}
