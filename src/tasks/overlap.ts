// From windows of a series back to its rows: a row's value is the mean of what the windows that
// cover it say, and everything else stands at the row where its window ends.
import type { SeriesWindows } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { joined, type RowStream } from "./rows.ts";

/** Values of one column for the next rows, given those of the next windows. */
interface Unfolded {
  info: ColumnInfo;
  /** @param windows `count` of them. @returns `count` rows. */
  take(windows: ColumnValues, count: number): ColumnValues;
  /** The rows that no further window begins at. */
  rest(): ColumnValues;
}

/** The means of a column of vectors over the windows that cover a row. */
function averaged(name: string, size: number, windowsInAll: number): Unfolded {
  let sums: Float64Array = new Float64Array(size - 1);
  let first = 0;
  const means = (count: number): ColumnValues => {
    const values = sums.slice(0, count);
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const covering = Math.min(row, windowsInAll - 1) - Math.max(0, row - size + 1) + 1;
      values[i]! /= covering;
    }
    first += count;
    return { type: "number", values };
  };
  return {
    info: { name, type: "number" },
    take(windows, count) {
      const { values } = windows as Extract<ColumnValues, { type: "vector" }>;
      const longer = new Float64Array(count + size - 1);
      longer.set(sums);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < size; j++) longer[i + j]! += values[i * size + j]!;
      }
      sums = longer;
      const rows = means(count);
      sums = longer.slice(count);
      return rows;
    },
    rest: () => means(size - 1),
  };
}

function parted(column: ColumnValues, at: number): [ColumnValues, ColumnValues] {
  if (column.type === "text") {
    const { values } = column;
    return [
      { type: "text", values: values.slice(0, at) },
      { type: "text", values: values.slice(at) },
    ];
  }
  const { type, values } = column as Extract<ColumnValues, { values: Float64Array }>;
  return [
    { type, values: values.slice(0, at) },
    { type, values: values.slice(at) },
  ];
}

/** A column of values at the windows' ends; `head` are those of the rows before the first end. */
function atEnds(info: ColumnInfo, head: ColumnValues): Unfolded {
  let held = head;
  return {
    info,
    take(windows, count) {
      const [rows, later] = parted(joined([held, windows]), count);
      held = later;
      return rows;
    },
    rest: () => held,
  };
}

function missing({ type }: ColumnInfo, rows: number): ColumnValues {
  if (type === "text") return { type, values: new Array<null>(rows).fill(null) };
  if (type !== "time" && type !== "number") throw new Error(`${type} is no value of one row`);
  return { type, values: new Float64Array(rows).fill(Number.NaN) };
}

/** What the series has in the rows before the first window ends. */
async function headOf(
  { of, size }: SeriesWindows,
  names: readonly string[],
): Promise<ColumnValues[]> {
  const parts: ColumnValues[][] = names.map(() => []);
  let rows = 0;
  for await (const chunk of of.chunks(names)) {
    for (const [i, column] of chunk.columns.entries()) parts[i]!.push(column);
    rows += chunk.rows;
    if (rows >= size - 1) break;
  }
  return parts.map((own) => parted(joined(own), size - 1)[0]);
}

/**
 * Rows of the series from its windows, in their order, as many as the series has.
 * @param stream columns of the windows; what the series has not, such as row numbers, is left out.
 * @param carried those of them that are the data's own.
 */
export function unfolded(
  windows: SeriesWindows,
  { columns, pieces }: RowStream,
  carried: readonly ColumnInfo[],
): RowStream {
  const { of, size } = windows;
  // In the order of the series.
  const places = of.columns
    .map(({ name }) => columns.findIndex((column) => column.name === name))
    .filter((place) => place >= 0);
  const infos = places.map((place): ColumnInfo => {
    const info = columns[place]!;
    return info.type === "vector" ? { name: info.name, type: "number" } : info;
  });
  async function* rows() {
    const own = infos.map(({ name }) => name).filter((n) => carried.some(({ name }) => name === n));
    const heads = own.length === 0 ? [] : await headOf(windows, own);
    const unfold = places.map((place, i): Unfolded => {
      const info = infos[i]!;
      if (columns[place]!.type === "vector") return averaged(info.name, size, of.rows - size + 1);
      const head = heads[own.indexOf(info.name)] ?? missing(info, size - 1);
      return atEnds(info, head);
    });
    for await (const { rows, values } of pieces) {
      yield { rows, values: unfold.map((one, i) => one.take(values[places[i]!]!, rows)) };
    }
    yield { rows: size - 1, values: unfold.map((one) => one.rest()) };
  }
  return { columns: infos, pieces: rows() };
}
