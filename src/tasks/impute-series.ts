// The gaps of a series, filled by its windows: with the mean over all that hold a cell; with draws of the
// one window that has the cell's gap in its middle.
import { grouped } from "../base/words.ts";
import { columnPlaces } from "../data/chunking.ts";
import type { DataSource, SeriesWindows } from "../data/source.ts";
import type { Chunk, ColumnValues } from "../fields/columns.ts";
import { rounding } from "../fields/decimals.ts";
import { cellsAt } from "./cells-at.ts";
import {
  type Completed,
  type CompletionOptions,
  completions,
  type Fill,
  targetsOf,
} from "./completion.ts";
import { GapWindows } from "./gap-windows.ts";
import { gapsIn } from "./gaps.ts";
import { RowMeans } from "./row-means.ts";
import { joined } from "./rows.ts";
import type { Run } from "./run.ts";
import type { OnNotes } from "./stream.ts";

const span = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i);

/** Rows of the series that windows have been cut from, until they are given back. */
class HeldRows {
  readonly #source: DataSource;
  #held: Chunk | null = null;

  constructor(source: DataSource) {
    this.#source = source;
  }

  add({ rows, columns }: Chunk): void {
    const held = this.#held;
    this.#held = {
      rows: (held?.rows ?? 0) + rows,
      columns: columns.map((column, i) => (held ? joined([held.columns[i]!, column]) : column)),
    };
  }

  /** The first rows that are held, which are held no longer. */
  take(rows: number): ColumnValues[] {
    const held = this.#held!;
    const part = (places: number[]) =>
      held.columns.map((column, i) => cellsAt(this.#source.columns[i]!, column, places));
    const taken = part(span(rows));
    this.#held = { rows: held.rows - rows, columns: part(span(held.rows - rows, rows)) };
    return taken;
  }
}

/** Values of one column for the next rows, given those of the next windows. */
interface Fold {
  take(values: Float32Array, count: number, picks: ReturnType<GapWindows["picks"]>): Float64Array;
  rest(): Float64Array;
}

function meansOver(size: number, windows: number): Fold {
  const means = new RowMeans(size, windows, true);
  return { take: (values, count) => means.add(values, count), rest: () => means.rest() };
}

/** Of each row the value of the window that was picked. */
function picked(size: number): Fold {
  let later = new Float64Array(size - 1);
  return {
    take(values, count, { rows, places }) {
      const all = new Float64Array(count + size - 1);
      all.set(later);
      for (const [i, row] of rows.entries()) all[row] = values[places[i]!]!;
      later = all.slice(count);
      return all.slice(0, count);
    },
    rest: () => later,
  };
}

/** What is filled in of a column that was cut, at the rows of the series that miss it. */
class CutColumn {
  readonly #column: number;
  readonly #size: number;
  readonly #folds: Fold[];
  readonly #round: (value: number) => number;

  /** @param column its place in the series. */
  constructor(column: number, decimals: number | null, { size, of }: SeriesWindows, draws: number) {
    this.#column = column;
    this.#round = rounding(decimals);
    this.#size = size;
    this.#folds =
      draws === 0 ? [meansOver(size, of.rows - size + 1)] : span(draws).map(() => picked(size));
  }

  /** @param fills of the column, in windows. */
  take(fills: readonly Fill[], count: number, picks: ReturnType<GapWindows["picks"]>) {
    const size = this.#size;
    return this.#folds.map((fold, t) => {
      const values = new Float32Array(count * size);
      for (const { rows, tables } of fills) {
        const own = tables[t]!.values as Float32Array;
        for (const [i, window] of rows.entries()) {
          values.set(own.subarray(i * size, (i + 1) * size), window * size);
        }
      }
      return fold.take(values, count, picks);
    });
  }

  rest(): Float64Array[] {
    return this.#folds.map((fold) => fold.rest());
  }

  /** @param column the cells of these rows as they are. */
  fill({ values }: ColumnValues, tables: readonly Float64Array[]): Fill[] {
    const rows = span(values.length).filter((row) => Number.isNaN(values[row]));
    if (rows.length === 0) return [];
    const filled = tables.map((all): ColumnValues => {
      return { type: "number", values: Float64Array.from(rows, (row) => this.#round(all[row]!)) };
    });
    return [{ column: this.#column, rows, cells: rows.length, tables: filled, interval: null }];
  }
}

/** Fills of columns with one value a window, which stands at the row that the window ends with. */
class EndFills {
  #later: Fill[] = [];

  add(fills: readonly Fill[], size: number): void {
    const atEnds = fills.map((fill) => ({ ...fill, rows: fill.rows.map((i) => i + size - 1) }));
    this.#later.push(...atEnds);
  }

  /** Those of the next rows; what comes later is kept. */
  take(source: DataSource, count: number): Fill[] {
    const part = (fill: Fill, here: boolean): Fill[] => {
      const places = span(fill.rows.length).filter((i) => fill.rows[i]! < count === here);
      if (places.length === 0) return [];
      const own = (values: Float64Array) => Float64Array.from(places, (i) => values[i]!);
      const { interval, tables, column } = fill;
      return [
        {
          column,
          rows: places.map((i) => fill.rows[i]! - (here ? 0 : count)),
          cells: places.length,
          tables: tables.map((all) => cellsAt(source.columns[column]!, all, places)),
          interval: interval && { low: own(interval.low), high: own(interval.high) },
        },
      ];
    };
    const taken = this.#later.flatMap((fill) => part(fill, true));
    this.#later = this.#later.flatMap((fill) => part(fill, false));
    return taken;
  }
}

/** The rows of the series that a source's windows were cut from, and what fills their gaps. */
export async function* seriesCompletions(
  run: Run,
  source: DataSource,
  windows: SeriesWindows,
  options: CompletionOptions & { onNotes?: OnNotes },
): AsyncGenerator<Completed> {
  const { of, size } = windows;
  const targets = targetsOf(run, source).map(({ column: from, info, field }) => {
    const column = of.columns.findIndex(({ name }) => name === info.name);
    const decimals = "decimals" in field ? (field.decimals ?? null) : null;
    return { from, column, decimals, cut: info.type === "vector" };
  });
  const cut = targets
    .filter((target) => target.cut)
    .map((target) => {
      const { column, decimals } = target;
      return { ...target, filler: new CutColumn(column, decimals, windows, options.draws) };
    });
  const single = targets.filter((target) => !target.cut);
  const held = new HeldRows(of);
  const gaps = new GapWindows(size, of.rows);
  // Rows are read once: what windows are cut from is held until it is given back.
  async function* reading(names?: readonly string[]): AsyncGenerator<Chunk> {
    const places = columnPlaces(of.columns, names, of.source);
    for await (const chunk of of.chunks()) {
      held.add(chunk);
      for (let row = 0; row < chunk.rows; row++) {
        gaps.add(cut.some(({ column }) => Number.isNaN(chunk.columns[column]!.values[row])));
      }
      yield { rows: chunk.rows, columns: places.map((place) => chunk.columns[place]!) };
    }
  }
  const ends = new EndFills();
  let seen = 0;
  let unheld = 0;
  const completed = (rows: number, filled: (of: (typeof cut)[number]) => Float64Array[]) => {
    const columns = held.take(rows);
    const fills = cut.flatMap((one) => one.filler.fill(columns[one.column]!, filled(one)));
    for (const { column } of single) {
      const isGap = gapsIn(of.columns[column]!, columns[column]!);
      for (let row = 0; row < rows && seen + row < size - 1; row++) unheld += isGap(row);
    }
    seen += rows;
    return { rows, columns, fills: [...fills, ...ends.take(of, rows)] };
  };
  const chunks = completions(run, windows.over({ ...of, chunks: reading }), options);
  for await (const { rows, fills } of chunks) {
    const picks = gaps.picks(seen, rows);
    for (const { from, column } of single) {
      const own = fills.filter((fill) => fill.column === from);
      ends.add(
        own.map((fill) => ({ ...fill, column })),
        size,
      );
    }
    yield completed(rows, ({ from, filler }) =>
      filler.take(
        fills.filter(({ column }) => column === from),
        rows,
        picks,
      ),
    );
  }
  yield completed(size - 1, ({ filler }) => filler.rest());
  if (unheld === 0) return;
  const message = `${grouped(unheld)} missing cell${unheld === 1 ? " stays" : "s stay"} so: no window ends in the first ${size - 1} rows`;
  options.onNotes?.([{ code: "gaps-left", message }]);
}
