// The library's face in a web page: what reads a person's files and says what they hold, and archives
// without a server. It holds no module of Node; training and the use of models are src/index.ts's.

import type { CodedModel } from "./codec/model-part.ts";
import { openArchive as opened } from "./codec/open.ts";
import { readBy } from "./data/reading/choice.ts";
import type { DataSource } from "./data/source.ts";
import { declaredReading } from "./fields/declarations.ts";
import { parseSchema } from "./fields/schema-file.ts";
import type { FieldOptions } from "./tasks/inspect.ts";
import { declarationsIn, declaredFields } from "./train/declared-fields.ts";
import { checkOptions } from "./train/options.ts";
import { type DataSummary, summaryOf } from "./train/summary.ts";

export { ElboError, type ErrorKind, type ErrorParts } from "./base/errors.ts";
export type { FileContent } from "./codec/contents/file.ts";
export type { CodedModel, WeightBits } from "./codec/model-part.ts";
export { decompressBytes as decompress } from "./codec/open.ts";
export { compressBytes as compress } from "./codec/write.ts";
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
  const declarations = declarationsIn(options, given);
  const read = await readBy(source, { declared: declaredReading(declarations) });
  return summaryOf(read, await declaredFields(read, options, declarations));
}

export interface ArchiveFacts {
  /** The file that was compressed, without its folder; may be empty. */
  name: string;
  /** The version of elbo that wrote it. */
  elbo: string;
  content: "delimited" | "array" | "lines" | "bytes" | "rival" | "rows";
  /** Of texts and other bytes, bytes; null where the archive's end is lost. */
  rows: number | null;
  /** Whether nothing is damaged or missing. */
  whole: boolean;
  /** Whether it is decoded by a model that it does not hold. */
  needsModel: boolean;
  /** The one that it holds, which can compress further files. */
  model: CodedModel | null;
}

/**
 * What an archive says of itself, without decoding it; `decompress` does that.
 * @throws ElboError `archive-unknown`, `archive-newer`, `archive-arithmetic`, `archive-damaged`.
 */
export function openArchive(bytes: Uint8Array): ArchiveFacts {
  const { header, model, whole, written } = opened(bytes);
  return {
    name: header.name,
    elbo: header.elbo,
    content: header.content.kind,
    rows: written?.rows ?? null,
    whole,
    needsModel: header.model !== null && model === null,
    model,
  };
}
