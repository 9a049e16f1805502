// The rows of a table in the order of time: as they come where they are in order, else sorted in
// memory. What the time steps are is noted on the way.

import { ElboError } from "../../base/errors.ts";
import { counted, grouped } from "../../base/words.ts";
import type { Chunk, ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource } from "../source.ts";
import { durationText } from "./duration.ts";

/** Rows that are sorted here: their times and places take 12 bytes each, their cells 8 more. */
const mostSorted = 1 << 25;
/** Of more steps than this, which is the most common says nothing. */
const mostSteps = 10_000;

/** How far apart the rows are, as they go by. */
class Steps {
  readonly #counts = new Map<number, number>();
  #last = Number.NaN;
  #total = 0;
  shared = 0;
  backward = false;

  add(time: number): void {
    const step = time - this.#last;
    this.#last = time;
    if (Number.isNaN(step)) return;
    this.#total++;
    if (step < 0) this.backward = true;
    if (step === 0) this.shared++;
    const known = this.#counts.get(step);
    if (known !== undefined || this.#counts.size < mostSteps) {
      this.#counts.set(step, (known ?? 0) + 1);
    }
  }

  notes(column: string): DataNote[] {
    const name = JSON.stringify(column);
    const [common] = [...this.#counts].sort((a, b) => b[1] - a[1]);
    if (common === undefined || common[1] === this.#total) return [];
    const [step, count] = common;
    const share = Math.floor((1000 * count) / this.#total) / 10;
    const notes: DataNote[] = [
      {
        code: "series-irregular",
        message: `the steps of ${name} differ: ${durationText(step)} in ${share} % of the rows; windows are cut by rows, whatever time lies between them`,
      },
    ];
    if (this.shared > 0) {
      notes.push({
        code: "series-times-shared",
        message: `${counted(this.shared, "row")} ${this.shared === 1 ? "has" : "have"} the ${name} of the row before; if the table holds several series, choose one by SQL: select * from 'file' where ...`,
      });
    }
    return notes;
  }
}

function noTime({ source, locate }: DataSource, row: number, column: string): ElboError {
  const at = locate?.(row) ?? { file: source, row };
  return new ElboError({
    code: "series-time",
    message: `${at.file}, row ${at.row}: windows of a series need the time of every row, and ${JSON.stringify(column)} has none here`,
    hint: "fill in the time, or remove the row",
    where: { ...at, column },
  });
}

async function* timesOf(source: DataSource, column: string): AsyncGenerator<number> {
  let row = 0;
  for await (const { columns } of source.chunks([column])) {
    for (const time of columns[0]!.values as Float64Array) {
      row++;
      if (Number.isNaN(time)) throw noTime(source, row, column);
      yield time;
    }
  }
}

/** The places of the rows from the earliest to the latest; rows of one time stay as they come. */
async function sortedPlaces(
  source: DataSource,
  column: string,
): Promise<{ places: Uint32Array; steps: Steps }> {
  if (source.rows > mostSorted) {
    throw new ElboError({
      code: "series-order",
      message: `${source.source} has ${grouped(source.rows)} rows, which are not in the order of ${JSON.stringify(column)}; up to ${grouped(mostSorted)} are sorted here`,
      hint: `sort them before, by SQL: select * from 'file' order by ${JSON.stringify(column)}`,
      where: { file: source.source, column },
    });
  }
  const times = new Float64Array(source.rows);
  let row = 0;
  for await (const time of timesOf(source, column)) times[row++] = time;
  const places = Uint32Array.from(times, (_, place) => place);
  places.sort((a, b) => times[a]! - times[b]! || a - b);
  const steps = new Steps();
  for (const place of places) steps.add(times[place]!);
  return { places, steps };
}

/** The cells of a column that is held whole. */
type Held = Float64Array | (string | null)[];

async function holdColumns(source: DataSource, names: readonly string[]): Promise<Held[]> {
  const held: Held[] = names.map((name) => {
    const text = source.columns.find((column) => column.name === name)?.type === "text";
    return text ? new Array<string | null>(source.rows) : new Float64Array(source.rows);
  });
  let first = 0;
  for await (const { rows, columns } of source.chunks(names)) {
    for (const [i, { values }] of columns.entries()) {
      for (let row = 0; row < rows; row++) held[i]![first + row] = values[row]!;
    }
    first += rows;
  }
  return held;
}

function taken({ type }: ColumnInfo, held: Held, places: Uint32Array): ColumnValues {
  if (type === "time" || type === "number") {
    return { type, values: Float64Array.from(places, (place) => held[place] as number) };
  }
  return { type: "text", values: Array.from(places, (place) => held[place] as string | null) };
}

async function* inOrderOf(
  source: DataSource,
  places: Uint32Array,
  wanted: readonly ColumnInfo[],
): AsyncGenerator<Chunk> {
  const held = await holdColumns(
    source,
    wanted.map(({ name }) => name),
  );
  const step = chunkRows(8 * wanted.length);
  for (let start = 0; start < places.length; start += step) {
    const part = places.subarray(start, start + step);
    yield {
      rows: part.length,
      columns: wanted.map((info, i) => taken(info, held[i]!, part)),
    };
  }
}

/**
 * The same rows by ascending time; where they come so, they are read as they come. Reads the times
 * once.
 * @param column of times; all columns are numbers, times or texts.
 * @throws ElboError `series-time` for a row without a time, `series-order` for more rows out of
 * order than can be sorted.
 */
export async function inTimeOrder(source: DataSource, column: string): Promise<DataSource> {
  const steps = new Steps();
  for await (const time of timesOf(source, column)) {
    steps.add(time);
    if (steps.backward) break;
  }
  if (!steps.backward) {
    return { ...source, notes: [...source.notes, ...steps.notes(column)] };
  }
  const sorted = await sortedPlaces(source, column);
  const { places } = sorted;
  const note = {
    code: "series-sorted",
    message: `the rows of ${source.source} are not in the order of ${JSON.stringify(column)}, and were put in it`,
  };
  return {
    ...source,
    notes: [...source.notes, note, ...sorted.steps.notes(column)],
    locate: (row) => {
      const own = places[row - 1]! + 1;
      return source.locate?.(own) ?? { file: source.source, row: own };
    },
    chunks: (names) =>
      inOrderOf(
        source,
        places,
        columnPlaces(source.columns, names, source.source).map((place) => source.columns[place]!),
      ),
  };
}
