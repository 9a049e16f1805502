// Raw values as a source gives them: named columns, in chunks of rows. What the values mean is
// said elsewhere (./profile.ts); nothing here interprets them.

/** NumPy's names of the types that numbers are stored as: booleans, integers, floats, and their bytes. */
export const elements = [
  ...(["b1", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"] as const),
] as const;
export type Element = (typeof elements)[number];

/** Numbers that the values of a column may round, as they stand. */
export type WideNumbers = Float64Array | BigInt64Array | BigUint64Array;

/**
 * What a column holds. A missing cell is NaN in numbers and times, null in texts. Columns of exact rows
 * (`DataSource.exact`) name the `element` that their numbers are stored as, and whether integers have gaps.
 */
export type ColumnType =
  /**
   * Float64 numbers. `boolean` columns hold 0 and 1 and are written back as false and true, `float32` ones
   * as that.
   */
  | { type: "number"; boolean?: true; float32?: true; element?: Element; gaps?: true }
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
  | {
      type: "vector";
      size: number;
      sparse: boolean;
      names?: readonly string[];
      series?: true;
      /** Places after the point that numbers are written with; left out where that is as many as they have. */
      decimals?: number;
      element?: Element;
    }
  /** Pixels, rows of the image from the top, channels last. */
  | ImageColumn;

/** An image's sizes; exact rows say of one that has no axis of channels that it is `flat`. */
interface ImageColumn {
  type: "image";
  height: number;
  width: number;
  channels: number;
  element?: Element;
  flat?: true;
}

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

/** Texts of which it is known which are the same: that of row i is `texts[codes[i]]`. */
export interface CodedTexts {
  codes: Int16Array;
  /** The same array for all chunks of a column, or a longer one. */
  texts: readonly (string | null)[];
}

/** A column of such texts, which are put one behind the other when they are asked for so. */
export function codedColumn(coded: CodedTexts): ColumnValues {
  let values: (string | null)[] | undefined;
  return {
    type: "text",
    coded,
    get values() {
      values ??= Array.from(coded.codes, (code) => coded.texts[code]!);
      return values;
    },
  };
}

/**
 * The values of a column in the rows of a chunk. Exact rows have, of elements that the values may round, the
 * numbers as they stand beside them (`wide`).
 */
export type ColumnValues =
  | { type: "number" | "time"; values: Float64Array; wide?: WideNumbers }
  | { type: "text"; values: readonly (string | null)[]; coded?: CodedTexts }
  /** Row-major, `rows × size`; NaN is missing. */
  | { type: "vector"; values: Float32Array; wide?: WideNumbers }
  /** Row i holds `values[offsets[i]]` to `values[offsets[i + 1] − 1]`, at `indices`, ascending. */
  | {
      type: "sparse";
      offsets: Int32Array;
      indices: Int32Array;
      values: Float32Array;
      wide?: WideNumbers;
    }
  /** Row-major, `rows × height × width × channels`: bytes, or any floats. */
  | { type: "image"; values: Uint8Array | Float32Array; wide?: WideNumbers };

/** Whether numbers stored so are integers of eight bytes. */
export const isLong = (element: Element | undefined) => element === "i8" || element === "u8";

/** The arrays that hold numbers stored so, as they stand beside the values that round them. */
export function wideArrays(
  element: Element | undefined,
): new (
  of: number | ArrayBuffer,
) => WideNumbers {
  if (element === "i8") return BigInt64Array;
  return element === "u8" ? BigUint64Array : Float64Array;
}

/** Whether a column's values may round what is stored so: float32 in vectors and images, float64 in numbers. */
export function isRounded({ type }: { type: ColumnType["type"] }, element: Element): boolean {
  if (isLong(element)) return true;
  return type !== "number" && (element === "f8" || element === "i4" || element === "u4");
}

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
