// Some rows of a source, evenly among all: packed for the model, and as they stand.
import type { DataSource } from "../../data/source.ts";
import { Gatherer } from "../../data/store/gather.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { cellsAt } from "../cells-at.ts";
import { joined } from "../rows.ts";
import type { Run } from "../run.ts";
import { type OnNotes, packedChunks } from "../stream.ts";
import { evenlyIn } from "./work.ts";

export interface SomeRows {
  packed: PackedRows;
  /** Which rows of the source they are, from 0. */
  places: number[];
  /** Columns of the source, vectors of few numbers among them dense. */
  columns: { info: ColumnInfo; values: ColumnValues }[];
}

/** @param count at most. */
export async function someRows(
  run: Run,
  source: DataSource,
  count: number,
  onNotes?: OnNotes,
): Promise<SomeRows> {
  const wanted = Math.min(count, source.rows);
  const gathered = new Gatherer(layoutOf(run.config.schema), false, wanted, false);
  const places: number[] = [];
  const parts: ColumnValues[][] = source.columns.map(() => []);
  let first = 0;
  for await (const chunk of packedChunks(run, source, [...source.columns], onNotes)) {
    const kept = evenlyIn(first, chunk.rows, wanted, source.rows);
    for (const row of kept) gathered.add(chunk, row, row + 1);
    places.push(...kept.map((row) => first + row));
    for (const [j, info] of source.columns.entries()) {
      parts[j]!.push(cellsAt(info, chunk.carried[j]!, kept));
    }
    first += chunk.rows;
  }
  const columns = source.columns.map((info, j) => ({ info, values: joined(parts[j]!) }));
  return { packed: gathered.take(), places, columns };
}
