// Raw values as a source gives them: named columns, in chunks of rows. What the values mean is
// said elsewhere (./infer.ts); nothing here interprets them.

/** What a column holds. A missing cell is NaN in numbers and times, null in texts. */
export type ColumnType =
  /**
   * Float64 numbers. `boolean` columns hold 0 and 1 and are written back as false and true, `float32` ones
   * as that.
   */
  | { type: "number"; boolean?: true; float32?: true }
  /** Strings as they stand in the source. */
  | { type: "text" }
  /**
   * Milliseconds since 1970-01-01T00:00Z; `date` columns hold whole days. With `format` (in strftime's
   * codes) the source has texts that are all written so, and so are values written back.
   */
  | { type: "time"; date?: true; format?: string }
  /**
   * `size` numbers a row: dense, or sparse where most are zero. Those of a `series` are one quantity
   * at moments that follow each other.
   */
  | { type: "vector"; size: number; sparse: boolean; names?: readonly string[]; series?: true }
  /** Pixels, rows of the image from the top, channels last. */
  | { type: "image"; height: number; width: number; channels: number };

export type ColumnInfo = ColumnType & {
  name: string;
  /** Words and numbers that a person says are missing: the source gives none of them. */
  missing?: readonly string[];
  /**
   * The role that the source knows better than the values: labels of images and annotations of
   * cells are carried along (`id`) unless a person says otherwise.
   */
  role?: "id";
};

/** The values of a column in the rows of a chunk. */
export type ColumnValues =
  | { type: "number" | "time"; values: Float64Array }
  | { type: "text"; values: readonly (string | null)[] }
  /** Row-major, `rows × size`; NaN is missing. */
  | { type: "vector"; values: Float32Array }
  /** Row i holds `values[offsets[i]]` to `values[offsets[i + 1] − 1]`, at `indices`, ascending. */
  | { type: "sparse"; offsets: Int32Array; indices: Int32Array; values: Float32Array }
  /** Row-major, `rows × height × width × channels`: bytes, or any floats. */
  | { type: "image"; values: Uint8Array | Float32Array };

/** Some rows, in order. Its arrays are the reader's to keep: the source does not reuse them. */
export interface Chunk {
  rows: number;
  /** In the order of the columns asked for. */
  columns: ColumnValues[];
}

/** Where rows came from, for messages. */
export interface Origin {
  source: string;
  /**
   * The file that holds a row, and which of its rows it is as the file counts: from 1, a header
   * included. Without it, a source's rows are counted from 1.
   * @param row from 1, over all rows of the source.
   */
  locate?(row: number): { file: string; row: number };
}

/** What columns are read from; `DataSource` of `src/data` is one. */
export interface Readable extends Origin {
  rows: number;
  columns: readonly ColumnInfo[];
  chunks(names?: readonly string[]): AsyncIterable<Chunk>;
}
