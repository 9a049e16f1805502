// Rows as they are packed: one block for each group of fields that are computed together.

/** One group's packed rows, row-major: NaN and `MISSING` are gaps. */
export type PackedValues =
  | { type: "dense"; values: Float32Array | Int32Array | Uint8Array }
  /** Row i holds `values[offsets[i]]` to `values[offsets[i + 1] − 1]`, at `indices`; others are 0. */
  | { type: "sparse"; offsets: Int32Array; indices: Int32Array; values: Float32Array };

export interface PackedRows {
  rows: number;
  /** By the name of the group's layout. */
  groups: ReadonlyMap<string, PackedValues>;
  /** One a row; null where the schema or the source has none. */
  weights: Float32Array | null;
}

/** Something that a person should know about the values, with a stable kebab-case code. */
export interface PackingNote {
  code: string;
  message: string;
}

/** The cells of one field in its group's block: element `at` of every row of `stride` elements. */
export interface Cells<Block extends Float32Array | Int32Array = Float32Array | Int32Array> {
  block: Block;
  at: number;
  stride: number;
}
