// The columns of an archive, and which of them the model codes. All others stand beside, packed on their own.
import type { ColumnInfo } from "../fields/columns.ts";
import { type FieldSchema, isModelled, type ModelledField, valuesOf } from "../fields/field.ts";
import type { Cells } from "./cells/cells.ts";

/** What cells of a column are in an archive. */
export interface CodedColumn {
  name: string;
  type: Cells["type"];
  /** Values in a row of images or vectors; none: as many as the model's field of that name has. */
  size?: number;
}

/** Values in a row of images or vectors. */
export function sizeOf(info: ColumnInfo): { size?: number } {
  if (info.type === "image") return { size: info.height * info.width * info.channels };
  return info.type === "vector" ? { size: info.size } : {};
}

/** The model's field of a column: of its name, and of as many values. */
export function fieldOf(
  schema: FieldSchema,
  { name, size }: CodedColumn,
): ModelledField | undefined {
  return schema.fields
    .filter(isModelled)
    .find((field) => field.name === name && (size === undefined || size === valuesOf(field)));
}

/** Columns as an archive names them: with a size where it is no field's. */
export function archiveColumns(
  schema: FieldSchema,
  columns: readonly CodedColumn[],
): CodedColumn[] {
  return columns.map((column) =>
    fieldOf(schema, column) ? { name: column.name, type: column.type } : column,
  );
}

const sumOf = (fields: Iterable<ModelledField>) =>
  [...fields].reduce((sum, field) => sum + valuesOf(field), 0);

/** Values of a row that the model speaks of. */
export const rowValues = (schema: FieldSchema) => sumOf(schema.fields.filter(isModelled));

/** Those of them that stand in columns: what the model codes of a row. */
export function codedValues(schema: FieldSchema, columns: readonly CodedColumn[]): number {
  return sumOf(new Set(columns.flatMap((column) => fieldOf(schema, column) ?? [])));
}
