// Where rows come from: a file, several, a query, or memory. One contract for all of them.
import type { Chunk, ColumnInfo, Origin } from "../fields/columns.ts";

/** Something that a person should know about how the data was read. */
export interface DataNote {
  /** Stable, kebab-case: `images-skipped`, `precision-lost`. */
  code: string;
  message: string;
}

/** Of rows that are windows of a series: what they were cut from. */
export interface SeriesWindows {
  /** Rows of the series in a window. */
  size: number;
  /** The column whose values order the windows: the time, or the number, of their last row. */
  by: string;
  /** The series, its rows in order. */
  of: DataSource;
  /** Whether that is another order than the data's own. */
  sorted: boolean;
  /** The windows of the same rows, read of another source. */
  over(series: DataSource): DataSource;
}

/** The rows of a source for who must give them back: infinite numbers are there, too. */
export interface ExactRows {
  /** Those of the source, with their elements. */
  columns: ColumnInfo[];
  /** All rows in order, the same at every call, with the numbers as they stand where values may round them. */
  chunks(): AsyncIterable<Chunk>;
  /** What of the data is not in these rows, each in words that go on "the data has". */
  lost(): Promise<string[]>;
  /** Parts of the file that are none of its rows, by name. Default: there are none. */
  beside?: readonly string[];
}

/** Rows of named columns, read in order and as often as asked for, never held as a whole. */
export interface DataSource extends Origin {
  /** Where it came from, for messages: a path, or the query. */
  source: string;
  rows: number;
  columns: ColumnInfo[];
  notes: DataNote[];
  windows?: SeriesWindows;
  /**
   * All rows in order, a few thousand at a time (fewer where rows are large); the same rows at
   * every call. One iteration at a time.
   * @param names the columns wanted, in the order wanted; default all.
   */
  chunks(names?: readonly string[]): AsyncIterable<Chunk>;
  /** The same rows with some columns as the texts that stand in the file; only where there are such. */
  asTexts?(names: readonly string[]): DataSource;
  /** Absent where the rows of `chunks` are all there is. */
  exact?(): ExactRows;
  /** Files that were made on the way are removed. */
  close?(): Promise<void>;
}
