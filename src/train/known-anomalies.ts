// Rows that a person knows to be anomalies: they neither train nor validate, and are kept to choose by
// what others are told.
import { ElboError } from "../base/errors.ts";
import { columnPlaces } from "../data/chunking.ts";
import type { DataSource } from "../data/source.ts";
import { rowUse } from "../data/split.ts";
import { storeRows } from "../data/store/store.ts";
import type { MemoryRows } from "../data/store/stored.ts";
import type { FieldSchema } from "../fields/field.ts";

function badLabel(source: string, column: string, received: string): ElboError {
  return new ElboError({
    code: "anomaly-label",
    kind: "usage",
    message: `--anomaly-label ${column} of ${source} holds 1 or true for anomalies and 0, false or nothing for all else; received ${received}`,
    hint: `Make such a column by SQL: "select *, ${column} = 'bad' as anomaly from 'FILE'".`,
  });
}

/** 1 for each window of a series that holds a labelled row. */
function windowsWith(labelled: Uint8Array, size: number): Uint8Array {
  const windows = new Uint8Array(labelled.length - size + 1);
  let last = -1;
  for (let row = 0; row < labelled.length; row++) {
    if (labelled[row] === 1) last = row;
    const window = row - size + 1;
    if (window >= 0 && last >= window) windows[window] = 1;
  }
  return windows;
}

/**
 * 1 for each row that is labelled an anomaly, and of a series for each window that holds one.
 * @throws ElboError `column-unknown`, `anomaly-label`.
 */
export async function labelledRows(source: DataSource, column: string): Promise<Uint8Array> {
  const { windows } = source;
  if (windows) return windowsWith(await labelledRows(windows.of, column), windows.size);
  const [place] = columnPlaces(source.columns, [column], source.source);
  const { type } = source.columns[place!]!;
  if (type !== "number") throw badLabel(source.source, column, `a column of ${type}s`);
  const labelled = new Uint8Array(source.rows);
  let row = 0;
  for await (const { columns } of source.chunks([column])) {
    for (const value of columns[0]!.values as Float64Array) {
      if (value !== 0 && value !== 1 && !Number.isNaN(value)) {
        throw badLabel(source.source, column, String(value));
      }
      labelled[row++] = value === 1 ? 1 : 0;
    }
  }
  return labelled;
}

/** Leaves labelled rows out of all parts. */
export function withoutLabelled(parts: Uint8Array, labelled: Uint8Array): void {
  for (const [row, label] of labelled.entries()) if (label === 1) parts[row] = rowUse.neither;
}

/** The labelled rows, packed. */
export async function labelledStored(
  source: DataSource,
  schema: FieldSchema,
  labelled: Uint8Array,
  memoryBytes: number,
): Promise<MemoryRows> {
  const parts = labelled.map((label) => (label === 1 ? rowUse.heldOut : rowUse.neither));
  return (await storeRows(source, schema, parts, { memoryBytes })).validation;
}
