// The library's face in a web page: what reads a person's files and says what they hold. It holds no
// module of Node; training and the use of models are src/index.ts's.
import type { DataSource } from "./data/source.ts";
import { parseSchema } from "./fields/schema-file.ts";
import type { FieldOptions } from "./tasks/inspect.ts";
import { declarationsIn, declaredFields } from "./train/declared-fields.ts";
import { checkOptions } from "./train/options.ts";
import { type DataSummary, summaryOf } from "./train/summary.ts";

export { ElboError, type ErrorKind, type ErrorParts } from "./base/errors.ts";
export { droppedFiles, type FileData, type NamedFile } from "./data/browser/dropped.ts";
export { type BrowserOpenOptions, openData } from "./data/browser/open.ts";
export { columnsOf, imagesOf, type MemoryValues, tableOf } from "./data/in-memory.ts";
export type { DataNote, DataSource } from "./data/source.ts";
export type { Chunk, ColumnInfo, ColumnValues } from "./fields/columns.ts";
export type { Field, FieldSchema, Kind, LikelihoodName, Role } from "./fields/field.ts";
export type { Finding } from "./fields/findings.ts";
export { Random, streams } from "./runtime/random.ts";
export type { DataSummary, FieldSummary } from "./train/summary.ts";

export interface InspectOptions
  extends Omit<FieldOptions, "schema" | "labels" | "size" | "window"> {
  /** The text of a file of fields, as `inspect` writes it. */
  schema?: string;
}

/**
 * Summarises a source as training would take it.
 * @returns with `schema`, the text of a file of fields that can be edited and given again.
 */
export async function inspect(
  source: DataSource,
  { schema, ...options }: InspectOptions = {},
): Promise<DataSummary & { schema: string }> {
  checkOptions(options);
  const given = schema === undefined ? [] : parseSchema(schema, "the schema");
  return summaryOf(source, await declaredFields(source, options, declarationsIn(options, given)));
}
