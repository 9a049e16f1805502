// The rows that a report shows: those of the run's data where it is still there, else those that the
// run kept; a bounded number of either.

import { ElboError } from "../base/errors.ts";
import { grouped } from "../base/words.ts";
import type { ColumnValues } from "../fields/columns.ts";
import { type Field, isModelled, valuesOf } from "../fields/field.ts";
import { evenly, pickRows, pickValues, type RawRows } from "../tasks/raw-rows.ts";
import { joined } from "../tasks/rows.ts";
import type { RunConfig } from "../train/config.ts";
import { reopen } from "../train/source.ts";
import type { NamedRows } from "./facts.ts";

/** Rows of a source that are read at most: the first, of which some are picked evenly. */
const MOST_READ = 100_000;

/** Values of a row's modelled fields. */
export function rowSize({ schema }: RunConfig): number {
  return schema.fields.filter(isModelled).reduce((sum, field) => sum + valuesOf(field), 0);
}

/** How many rows there may be of `numbers` values in all: from 64 to `most`. */
export function within(config: RunConfig, numbers: number, most: number): number {
  return Math.min(most, Math.max(64, Math.floor(numbers / Math.max(1, rowSize(config)))));
}

/** At most so many, evenly among them. */
export function some(rows: RawRows, most: number): RawRows {
  return rows.rows <= most ? rows : pickRows(rows, evenly(rows.rows, most));
}

/** Both, one after the other. */
export function together(a: RawRows, b: RawRows): RawRows {
  if (a.rows === 0) return b;
  if (b.rows === 0) return a;
  const values = a.values.map((column, i) => concatenated(column, b.values[i]!));
  return { rows: a.rows + b.rows, columns: a.columns, values };
}

function concatenated(a: ColumnValues, b: ColumnValues): ColumnValues {
  if (a.type !== "sparse" || b.type !== "sparse") return joined([a, b]);
  const entries = a.values.length;
  return {
    type: "sparse",
    offsets: Int32Array.from([...a.offsets, ...b.offsets.slice(1).map((at) => at + entries)]),
    indices: Int32Array.from([...a.indices, ...b.indices]),
    values: Float32Array.from([...a.values, ...b.values]),
  };
}

/**
 * Rows of the data that the run was trained on, with its id columns.
 * @returns a sentence that says why there are none, where that is so.
 */
export async function rowsOfData(config: RunConfig, most: number): Promise<NamedRows | string> {
  const { source: path, rows: expected } = config.data;
  let source: Awaited<ReturnType<typeof reopen>>;
  try {
    source = await reopen(config, path);
  } catch (cause) {
    if (!(cause instanceof ElboError)) throw cause;
    return `The run's data, ${path}, cannot be read any more.`;
  }
  try {
    if (source.rows !== expected) {
      return `The run's data, ${path}, has changed: it has ${source.rows} rows and had ${expected}.`;
    }
    const has = ({ name }: Field) => source.columns.some((column) => column.name === name);
    const gone = config.schema.fields.filter(isModelled).find((field) => !has(field));
    if (gone) return `The run's data, ${path}, has changed: it has no column ${gone.name}.`;
    const names = config.schema.fields
      .filter((field) => isModelled(field) || (field.role === "id" && has(field)))
      .map(({ name }) => name);
    const read = Math.min(source.rows, MOST_READ);
    const wanted = evenly(read, most);
    let [first, next] = [0, 0];
    let all: RawRows = { rows: 0, columns: [], values: [] };
    const columns = names.map((name) => source.columns.find((column) => column.name === name)!);
    for await (const chunk of source.chunks(names)) {
      const places: number[] = [];
      for (; next < wanted.length && wanted[next]! < first + chunk.rows; next++) {
        places.push(wanted[next]! - first);
      }
      const values = pickValues(chunk.columns, chunk.rows, places);
      all = together(all, { rows: places.length, columns, values });
      first += chunk.rows;
      if (next === wanted.length) break;
    }
    const part = read < source.rows ? `the first ${grouped(read)}` : "those";
    const called = all.rows === source.rows ? `rows of ${path}` : `rows among ${part} of ${path}`;
    return { ...all, called };
  } finally {
    await source.close?.();
  }
}
