// Writes a table chunk by chunk, in the format that the file's extension names, whole or not at all.
import { writeError } from "../../base/file-errors.ts";
import { checkColumns, checkValues, type TableColumn, type TableValues } from "./columns.ts";
import { npyTable } from "./npy.ts";
import { npzTable } from "./npz.ts";
import { extensionOf, refuseOutput, type WriteOptions } from "./output.ts";
import { parquetTable } from "./parquet/table.ts";
import { type TextStyle, textTable } from "./text.ts";
import { guarded, type Output } from "./writer.ts";

export type { TableColumn, TableColumnType, TableValues } from "./columns.ts";
export type { WriteOptions } from "./output.ts";

export interface TableWriter {
  /**
   * Appends `rows` rows; one array of values for each column. NaN and null are missing; integers
   * may be missing in text and Parquet alone. Nothing is kept of the arrays given.
   */
  write(values: readonly TableValues[], rows: number): Promise<void>;
  /** Flushes the table and gives it its name. */
  close(): Promise<void>;
  /** Removes what was written; nothing after `close` or a failure, which does so itself. */
  abort(): Promise<void>;
}

type TableOutput = Output<[readonly TableValues[], number]>;

function openOutput(path: string, columns: readonly TableColumn[]): Promise<TableOutput> {
  const extension = extensionOf(path);
  if (extension === ".npy") return npyTable(path, columns);
  if (extension === ".npz") return npzTable(path, columns);
  if (extension === ".parquet") return parquetTable(path, columns);
  const style = extension.slice(1).replace(/\.gz$/, "") as TextStyle;
  return textTable(path, columns, style, extension.endsWith(".gz"));
}

/**
 * Opens a table to be written in chunks of rows, with a bounded use of memory: .csv and .tsv (RFC
 * 4180, the shortest decimals that read back the same), .json (an array of objects), .ndjson, .txt (one
 * column of texts, a line each; these also .gz), .npy (one matrix; numbers only), .npz (one array for each column, under its name) or
 * .parquet. Times are ISO 8601 in texts and timestamps elsewhere. Calls are awaited one by one.
 * @throws ElboError `format-unknown`, `format-text`, `output-exists`, `file-missing`,
 * `table-empty`, `column-duplicate`, `npz-name`; writing `column-values`, `disk-full` and the like.
 */
export async function openTableWriter(
  path: string,
  columns: readonly TableColumn[],
  options: WriteOptions = {},
): Promise<TableWriter> {
  refuseOutput(path, "table", options);
  checkColumns(columns);
  const output = await openOutput(path, columns).catch((cause: unknown) => {
    throw writeError(cause, path);
  });
  return guarded<[readonly TableValues[], number]>(path, {
    ...output,
    async write(values, rows) {
      checkValues(columns, values, rows);
      if (rows > 0) await output.write(values, rows);
    },
  });
}
