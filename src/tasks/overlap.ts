// From windows of a series back to its rows: a row's value is the mean of what the windows that
// cover it say, and everything else stands at the row where its window ends.
import type { SeriesWindows } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { rounding } from "../fields/decimals.ts";
import { RowMeans } from "./row-means.ts";
import { joined, type RowStream } from "./rows.ts";

type VectorInfo = Extract<ColumnInfo, { type: "vector" }>;

/** Values of one column for the next rows, given those of the next windows. */
export interface Unfolded {
  info: ColumnInfo;
  /** @param windows `count` of them. @returns `count` rows. */
  take(windows: ColumnValues, count: number): ColumnValues;
  /** The rows that no further window begins at. */
  rest(): ColumnValues;
}

/** The means of a column of vectors over the windows that hold a row. */
function averaged({ name, size, decimals }: VectorInfo, windows: number): Unfolded {
  const means = new RowMeans(size, windows, true);
  const round = rounding(decimals ?? null);
  const column = (values: Float64Array): ColumnValues => {
    return { type: "number", values: values.map(round) };
  };
  return {
    info: { name, type: "number" },
    take: (windowed, count) => column(means.add(windowed.values as Float32Array, count)),
    rest: () => column(means.rest()),
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

/** Columns of the windows that are the series' own, at its rows. */
export async function carriedRows(
  windows: SeriesWindows,
  carried: readonly ColumnInfo[],
): Promise<Unfolded[]> {
  if (carried.length === 0) return [];
  const heads = await headOf(
    windows,
    carried.map(({ name }) => name),
  );
  return carried.map((info, i) => atEnds(info, heads[i]!));
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
    const told = infos.filter(({ name }) => carried.some((column) => column.name === name));
    const atRows = await carriedRows(windows, told);
    const unfold = places.map((place, i): Unfolded => {
      const [info, own] = [infos[i]!, columns[place]!];
      if (own.type === "vector") return averaged(own, of.rows - size + 1);
      return atRows[told.indexOf(info)] ?? atEnds(info, missing(info, size - 1));
    });
    for await (const { rows, values } of pieces) {
      yield { rows, values: unfold.map((one, i) => one.take(values[places[i]!]!, rows)) };
    }
    yield { rows: size - 1, values: unfold.map((one) => one.rest()) };
  }
  return { columns: infos, pieces: rows() };
}
