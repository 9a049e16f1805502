// A completed CSV or TSV file: the data's own file with texts in its gaps, and all else as it stands.
import { fileError } from "../base/file-errors.ts";
import { openUnpacked } from "../data/file-bytes.ts";
import { isMissingWord } from "../data/reading/missing.ts";
import { splitMember } from "../data/recognize.ts";
import { copiedCsv, type RowChange } from "../data/tables/csv-copy.ts";
import { type CsvHead, readCsvHead } from "../data/tables/csv-head.ts";
import { isGlob } from "../data/tables/glob.ts";
import { isQuery } from "../data/tables/query.ts";
import type { UnpackedFile } from "../data/unpacked.ts";
import { cellsOf, type TableColumn } from "../data/write/columns.ts";
import { extensionOf } from "../data/write/output.ts";
import { openSink } from "../data/write/sink.ts";
import { csvCell, csvText } from "../data/write/text.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import type { Completed } from "./completion.ts";

export interface CsvCopy {
  file: UnpackedFile;
  head: CsvHead;
}

const plain = (path: string) => extensionOf(path).replace(/\.gz$/, "");

/** The file that a path of data names, where its bytes can be the output's: of one sort of text. */
export async function copyTarget(data: string, output: string): Promise<CsvCopy | null> {
  if (isQuery(data) || isGlob(data)) return null;
  const { path } = splitMember(data);
  const sort = plain(path);
  if (![".csv", ".tsv", ".tab"].includes(sort)) return null;
  if (plain(output) !== (sort === ".tab" ? ".tsv" : sort)) return null;
  const file = await openUnpacked(path);
  return { file, head: await readCsvHead(file) };
}

/** How the copies' cells are written. */
interface Cells {
  /** Of the data, and behind them those that are added. */
  columns: readonly TableColumn[];
  added: number;
  /** The columns that have two added ones each. */
  ranged: readonly number[];
}

/** The changes of rows, in their order. */
async function* changesIn(
  chunks: AsyncIterable<Completed>,
  tables: number,
  { columns, added, ranged }: Cells,
  { delimiter }: CsvHead,
): AsyncGenerator<readonly RowChange[] | null> {
  const own = columns.slice(0, columns.length - added);
  const texts = columns.map((column) => csvCell(column, delimiter));
  for await (const { rows, fills } of chunks) {
    const cells = Array.from({ length: tables }, () => new Map<number, Map<number, string>>());
    const ends = new Map<number, string[]>();
    for (const { column, rows: places, tables: values, interval } of fills) {
      for (const [t, given] of values.entries()) {
        const cell = cellsOf(own[column]!, asCells(given, own[column]!));
        for (const [i, row] of places.entries()) {
          if (!cells[t]!.has(row)) cells[t]!.set(row, new Map());
          cells[t]!.get(row)!.set(column, texts[column]!(cell(i)));
        }
      }
      const at = 2 * ranged.indexOf(column);
      if (!interval || at < 0) continue;
      for (const [i, row] of places.entries()) {
        if (!ends.has(row)) ends.set(row, new Array<string>(added).fill(""));
        ends.get(row)![at] = texts[column]!(interval.low[i]!);
        ends.get(row)![at + 1] = texts[column]!(interval.high[i]!);
      }
    }
    const none = new Array<string>(added).fill("");
    for (let row = 0; row < rows; row++) {
      const changed = cells.some((of) => of.has(row));
      yield changed || added > 0
        ? cells.map((of) => ({ cells: of.get(row) ?? new Map(), added: ends.get(row) ?? none }))
        : null;
    }
  }
}

/** Levels that are numerals are texts in a column of texts, and numbers in one of numbers. */
function asCells({ values }: ColumnValues, { type }: TableColumn) {
  if (type === "text")
    return Array.from(values as ArrayLike<string | number | null>, (value) =>
      value === null ? null : String(value),
    );
  return Float64Array.from(values as ArrayLike<string | number | null>, Number);
}

/**
 * Writes the data's file, once for each path, with its gaps filled.
 * @param infos the data's columns.
 */
export async function imputeCopy(
  paths: readonly string[],
  { file, head }: CsvCopy,
  cells: Cells,
  infos: readonly ColumnInfo[],
  chunks: AsyncIterable<Completed>,
): Promise<void> {
  const names = cells.columns
    .slice(cells.columns.length - cells.added)
    .map(({ name }) => csvText(name, head.delimiter));
  const words = infos.map(({ missing = [] }) => isMissingWord(missing));
  const changes = changesIn(chunks, paths.length, cells, head);
  const next = async () => (await changes.next()).value ?? null;
  const sinks: Awaited<ReturnType<typeof openSink>>[] = [];
  let path = paths[0]!;
  try {
    for (path of paths) sinks.push(await openSink(path, extensionOf(path).endsWith(".gz")));
    for await (const pieces of copiedCsv(file, head, paths.length, names, next, (column, text) =>
      words[column]!(text),
    )) {
      for (const [t, piece] of pieces.entries()) await sinks[t]!.write(piece);
    }
    // Notes of the rows come with the end.
    await changes.next();
    for (const sink of sinks) await sink.close();
  } catch (cause) {
    await changes.return(null);
    for (const sink of sinks) await sink.abort();
    throw fileError(cause, path);
  }
}
