// A table with its gaps filled: the columns that it has, and their values of a chunk.
import type { DataSource } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { type Completed, hasInterval, targetsOf } from "./completion.ts";
import { filled } from "./gaps.ts";
import { infoOf } from "./rows.ts";
import type { Run } from "./run.ts";
import { freeName } from "./table.ts";

/** A source's column as it is written once its gaps are filled by a field. */
function completedInfo(source: ColumnInfo, field: ColumnInfo | undefined): ColumnInfo {
  // Of a series a window's values are those of its rows.
  if (!field || field.type === source.type || field.type === "vector") return source;
  return field.type === "text" || source.type === "text"
    ? { name: source.name, type: "text" }
    : field;
}

/** A completed table in columns, with what stands beside. */
export interface CompletedLayout {
  infos: ColumnInfo[];
  /** How many of them are the source's. */
  own: number;
  /** Places of the source's columns that have intervals. */
  ranged: number[];
}

/** @param interval whether there are columns of intervals. */
export function completedLayout(run: Run, source: DataSource, interval: boolean): CompletedLayout {
  const targets = targetsOf(run, source);
  const infos = source.columns.map((info, i) => {
    const target = targets.find(({ column }) => column === i);
    return completedInfo(info, target && infoOf(target.field));
  });
  if (!interval) return { infos, own: infos.length, ranged: [] };
  const ranged = targets.filter(({ field }) => hasInterval(field)).map(({ column }) => column);
  ranged.sort((a, b) => a - b);
  const taken = infos.map(({ name }) => name);
  const ends = ranged.flatMap((column) => {
    const info = infos[column]!;
    return ["low", "high"].map((end): ColumnInfo => {
      return { ...info, name: freeName(`${info.name}_${end}`, taken) };
    });
  });
  return { infos: [...infos, ...ends], own: infos.length, ranged };
}

/** Each table's columns of a chunk. */
export function completedTables(
  { rows, columns, fills }: Completed,
  { infos, ranged }: CompletedLayout,
  count: number,
) {
  return Array.from({ length: count }, (_, t) => {
    const own = columns.map((column, i) => {
      const parts = fills.filter(({ column: place }) => place === i);
      return parts.reduce(
        (all, fill) => filled(all, fill.rows, fill.tables[t]!),
        asType(column, infos[i]!),
      );
    });
    const ends = ranged.flatMap((place) => {
      const parts = fills.filter(({ column }) => column === place);
      return (["low", "high"] as const).map((end): ColumnValues => {
        const values = new Float64Array(rows).fill(Number.NaN);
        for (const fill of parts) {
          for (const [i, row] of fill.rows.entries()) values[row] = fill.interval![end][i]!;
        }
        return { type: infos[place]!.type === "time" ? "time" : "number", values };
      });
    });
    return [...own, ...ends];
  });
}

/** Numbers of a column that is written as texts; gaps alone, of one that is written as moments. */
function asType(column: ColumnValues, info: ColumnInfo): ColumnValues {
  if (column.type === info.type || column.type === "sparse") return column;
  if (info.type === "text" && column.type === "number") {
    return {
      type: "text",
      values: Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value))),
    };
  }
  if (column.type === "number" || column.type === "time") {
    return { type: info.type === "time" ? "time" : "number", values: column.values };
  }
  if (column.type === "text")
    return { type: "number", values: Float64Array.from(column.values, () => Number.NaN) };
  return column;
}
