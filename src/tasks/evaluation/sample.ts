// Some rows of a source, packed and in memory, each as likely as any other: what measures look at that
// would take too long of all rows.
import type { DataSource } from "../../data/source.ts";
import { Gatherer } from "../../data/store/gather.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { streams } from "../../runtime/random.ts";
import { Sequence } from "../../runtime/sequence.ts";
import { mostRows } from "../../train/reference.ts";
import { joined } from "../rows.ts";
import type { Run } from "../run.ts";
import { packedChunks } from "../stream.ts";

export interface Sample {
  packed: PackedRows;
  /** Of the carried columns, in their order. */
  carried: ColumnValues[];
}

/** Values of some rows; of numbers, times and texts. */
export function pickValues(column: ColumnValues, rows: readonly number[]): ColumnValues {
  if (column.type === "text") {
    return { type: "text", values: rows.map((row) => column.values[row]!) };
  }
  if (column.type !== "number" && column.type !== "time") {
    throw new Error(`rows of ${column.type} columns are not picked`);
  }
  return { type: column.type, values: Float64Array.from(rows, (row) => column.values[row]!) };
}

/**
 * At most so many rows, in their order (Knuth, algorithm 3.4.2S), and never more numbers than a run
 * keeps of its training rows.
 * @param carried columns of one value a row that go along.
 */
export async function sampleRows(
  run: Run,
  source: DataSource,
  most: number,
  seed: number,
  carried: readonly ColumnInfo[] = [],
): Promise<Sample> {
  const { schema } = run.config;
  const wanted = Math.min(source.rows, most, mostRows(schema));
  const gathered = new Gatherer(layoutOf(schema), false, wanted, false);
  const draws = new Sequence(seed, streams.measures, 0);
  const parts: ColumnValues[][] = carried.map(() => []);
  let seen = 0;
  for await (const piece of packedChunks(run, source, carried)) {
    const picked: number[] = [];
    for (let row = 0; row < piece.rows && gathered.rows < wanted; row++, seen++) {
      if ((source.rows - seen) * draws.uniform() >= wanted - gathered.rows) continue;
      gathered.add(piece, row, row + 1);
      picked.push(row);
    }
    for (const [i, column] of piece.carried.entries()) parts[i]!.push(pickValues(column, picked));
    if (gathered.rows === wanted) break;
  }
  return { packed: gathered.take(), carried: parts.map(joined) };
}
