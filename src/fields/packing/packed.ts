// Rows as they are packed: one block for each group of fields that are computed together.

/** One group's packed rows, row-major: NaN and `MISSING` are gaps. */
export type PackedValues =
  | { type: "dense"; values: Float32Array | Int32Array | Uint8Array }
  /** Row i holds `values[offsets[i]]` to `values[offsets[i + 1] − 1]`, at `indices`; others are 0. */
  | { type: "sparse"; offsets: Int32Array; indices: Int32Array; values: Float32Array };

/**
 * A cell whose value its field cannot have, packed as the nearest that it can, or one of a column that never
 * varied.
 */
export interface Beyond {
  /** From 0, of the packed rows. */
  row: number;
  field: string;
  /** Place in a vector; 0 of others. */
  at: number;
  /** How far the value is from that, in deviations of the column. */
  deviations: number;
}

export interface PackedRows {
  rows: number;
  /** By the name of the group's layout. */
  groups: ReadonlyMap<string, PackedValues>;
  /** One a row; null where the schema or the source has none. */
  weights: Float32Array | null;
  /** Where rows are packed to be judged; left out otherwise: such cells are errors. */
  beyond?: readonly Beyond[];
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
