// A table whose rows are moments, as overlapping windows: each number column becomes a vector of
// its last N values, other columns the value at the window's end.

import { ElboError } from "../../base/errors.ts";
import { counted, grouped } from "../../base/words.ts";
import type { Chunk, ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataSource, SeriesWindows } from "../source.ts";
import { inTimeOrder } from "./time-order.ts";

const largestWindow = 1 << 16;

export interface WindowChoice {
  /** Rows in a window. */
  size: number;
  /** Number columns of which a window keeps the value at its end alone. Default: none. */
  last?: readonly string[] | undefined;
}

function checkSize(size: number): void {
  if (Number.isInteger(size) && size >= 2 && size <= largestWindow) return;
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `a window of a series has 2 to ${grouped(largestWindow)} rows, received ${size}`,
    hint: "for example --window 24 for a day of hours",
  });
}

function checkTable(source: DataSource, cut: readonly ColumnInfo[], size: number): void {
  const { source: file, rows } = source;
  const array = source.columns.find(({ type }) => type === "vector" || type === "image");
  if (array !== undefined) {
    throw new ElboError({
      code: "series-column",
      kind: "usage",
      message: `windows of a series are cut from columns of numbers; ${JSON.stringify(array.name)} of ${file} holds ${array.type}s`,
      hint: "choose the other columns by SQL: select * exclude (name) from 'file'",
      where: { file, column: array.name },
    });
  }
  if (cut.length === 0) {
    throw new ElboError({
      code: "series-column",
      kind: "usage",
      message: `windows of a series are cut from columns of numbers, and ${file} has none${source.columns.some(({ type }) => type === "number") ? " that is data" : ""}`,
      hint: "leave --window out",
      where: { file },
    });
  }
  if (rows >= size) return;
  throw new ElboError({
    code: "series-short",
    kind: "usage",
    message: `a window of ${size} needs as many rows, and ${file} has ${counted(rows, "row")}`,
    hint: "choose a shorter window, or give more rows",
    where: { file },
  });
}

/** What windows have of a column of the series. */
interface WindowColumn {
  info: ColumnInfo;
  /** Numbered where the series has no such column. */
  from: "cut" | "last" | "number";
}

function windowColumns(
  columns: readonly ColumnInfo[],
  cut: readonly ColumnInfo[],
  last: readonly string[],
  size: number,
): WindowColumn[] {
  return columns.map((info): WindowColumn => {
    const { name } = info;
    if (!cut.includes(info)) {
      // What a person has said of a column settles its role.
      const carried = last.includes(name) ? info : { ...info, role: "id" as const };
      return { info: carried, from: "last" };
    }
    const names = Array.from({ length: size }, (_, i) => `${name}_${i}`);
    return {
      info: {
        ...{ name, type: "vector", size, sparse: false, names, series: true },
        ...(info.missing === undefined ? {} : { missing: info.missing }),
      },
      from: "cut",
    };
  });
}

function rowNumberName(columns: readonly ColumnInfo[]): string {
  for (let name = "row"; ; name += "_") {
    if (!columns.some((column) => column.name === name)) return name;
  }
}

/** The windows that end in a chunk, of one column. */
function vectorsOf(values: Float32Array, from: number, count: number, size: number): Float32Array {
  const vectors = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    vectors.set(values.subarray(from + i, from + i + size), i * size);
  }
  return vectors;
}

function sliceOf(column: ColumnValues, from: number, to: number): ColumnValues {
  if (column.type === "text") return { type: "text", values: column.values.slice(from, to) };
  const { type, values } = column as Extract<ColumnValues, { values: Float64Array }>;
  return { type, values: values.slice(from, to) };
}

/** @param series rows in order. */
async function* cutWindows(
  series: DataSource,
  wanted: readonly WindowColumn[],
  size: number,
): AsyncGenerator<Chunk> {
  const read = wanted.filter(({ from }) => from !== "number");
  /** The values of cut columns before the chunk, up to `size − 1` of them. */
  let before = read.map(() => new Float32Array(0));
  let held = 0;
  let seen = 0;
  const step = chunkRows(4 * size * wanted.filter(({ from }) => from === "cut").length);
  for await (const { rows, columns } of series.chunks(read.map(({ info }) => info.name))) {
    const values = columns.map((column, i) => {
      if (read[i]!.from !== "cut") return before[i]!;
      const all = new Float32Array(held + rows);
      all.set(before[i]!);
      all.set(column.values as Float64Array, held);
      return all;
    });
    const windows = Math.max(0, held + rows - size + 1);
    for (let from = 0; from < windows; from += step) {
      const count = Math.min(step, windows - from);
      // Among the chunk's rows, the last of the first window.
      const end = from + size - 1 - held;
      let place = 0;
      yield {
        rows: count,
        columns: wanted.map((column): ColumnValues => {
          if (column.from === "number") {
            const numbers = Float64Array.from({ length: count }, (_, i) => seen + end + i + 1);
            return { type: "number", values: numbers };
          }
          const own = place++;
          if (column.from === "last") return sliceOf(columns[own]!, end, end + count);
          return { type: "vector", values: vectorsOf(values[own]!, from, count, size) };
        }),
      };
    }
    seen += rows;
    const left = Math.min(held + rows, size - 1);
    before = values.map((all) => all.slice(all.length - Math.min(left, all.length)));
    held = left;
  }
}

/**
 * Windows of a series, one for each row from the `size`-th on, overlapping. Their order is that of
 * the first column of times, which is carried as their id: the time of their last row. Without one
 * the rows come in time order, and a column `row` numbers the last of each window. Missing cells
 * stay missing. Rows in order are read in bounded memory; others are sorted in memory.
 * @throws ElboError `series-column` where there is nothing to cut, `series-short`, `series-time`,
 * `series-order`, `option-value`.
 */
export async function windowsOf(
  table: DataSource,
  { size, last = [] }: WindowChoice,
): Promise<DataSource> {
  checkSize(size);
  const cut = table.columns.filter(
    (column) => column.type === "number" && !column.boolean && !last.includes(column.name),
  );
  checkTable(table, cut, size);
  const time = table.columns.find(({ type }) => type === "time")?.name;
  const series = time === undefined ? table : await inTimeOrder(table, time);
  const by = time ?? rowNumberName(table.columns);
  const columns = windowColumns(table.columns, cut, last, size);
  if (time === undefined) {
    columns.push({ info: { name: by, type: "number", role: "id" }, from: "number" });
  }
  return windowed(series, columns, { size, by, sorted: series.chunks !== table.chunks });
}

/** @param series rows in order. */
function windowed(
  series: DataSource,
  columns: readonly WindowColumn[],
  about: Pick<SeriesWindows, "size" | "by" | "sorted">,
): DataSource {
  const { size } = about;
  const infos = columns.map(({ info }) => info);
  return {
    source: series.source,
    rows: series.rows - size + 1,
    columns: infos,
    notes: series.notes,
    windows: { ...about, of: series, over: (other) => windowed(other, columns, about) },
    locate: (row) => {
      const end = row + size - 1;
      return series.locate?.(end) ?? { file: series.source, row: end };
    },
    chunks: (names) =>
      cutWindows(
        series,
        columnPlaces(infos, names, series.source).map((place) => columns[place]!),
        size,
      ),
    ...(series.close === undefined ? {} : { close: () => series.close!() }),
  };
}
