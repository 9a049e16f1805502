// What training takes: rows of one shape, in one array.

/** Something that a person should know about how the data was read. */
export interface DataNote {
  /** Stable, kebab-case: `rows-left-out`, `columns-left-out`, `precision-lost`. */
  code: string;
  message: string;
}

export interface DataSet {
  /** Where it came from, for messages: a path. */
  source: string;
  kind: "table" | "image";
  /** Row-major. Images of bytes stay bytes (0 to 255); everything else is float32. */
  values: Float32Array | Uint8Array;
  rows: number;
  /** One row's: (columns) of a table, (height, width, channels) of an image. */
  shape: number[];
  /** A table's column names, in order. */
  columns?: string[];
  /** One class a row. */
  labels?: Int32Array;
  /** 1-based numbers of the data rows that were kept, where some were left out. */
  rowNumbers?: Int32Array;
  notes: DataNote[];
}
