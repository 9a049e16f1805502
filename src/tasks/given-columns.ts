// Values that --where gives, as columns of the rows that have them.
import type { ColumnValues } from "../fields/columns.ts";
import type { FieldSchema } from "../fields/field.ts";
import { conditionFields } from "./rows.ts";
import type { Given } from "./where.ts";

/** Columns of the conditions that rows are made at, all the same. */
export function conditionColumns(
  schema: FieldSchema,
  values: ReadonlyMap<string, Given["value"]>,
  rows: number,
): Map<string, ColumnValues> {
  return new Map(
    conditionFields(schema)
      .filter(({ name }) => values.has(name))
      .map((field) => [field.name, givenColumn({ field, value: values.get(field.name)! }, rows)]),
  );
}

/** A column of a given value, in so many rows. */
export function givenColumn({ field, value }: Given, rows: number): ColumnValues {
  if (typeof value === "string")
    return { type: "text", values: new Array<string>(rows).fill(value) };
  if (value instanceof Date) {
    return { type: "time", values: new Float64Array(rows).fill(value.getTime()) };
  }
  const isText = "of" in field && field.of === "text";
  if (isText) return { type: "text", values: new Array<string>(rows).fill(String(value)) };
  return { type: "number", values: new Float64Array(rows).fill(value) };
}
