// Some of the packed rows, in an order of their own.
import type { FieldSchema } from "../../fields/field.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { Gatherer } from "./gather.ts";

/** Some rows, in memory of their own. */
export function pickRows(
  schema: FieldSchema,
  packed: PackedRows,
  rows: readonly number[],
): PackedRows {
  const gathered = new Gatherer(layoutOf(schema), false, rows.length, false);
  for (const row of rows) gathered.add(packed, row, row + 1);
  const beyond = rows.flatMap((row, i) =>
    (packed.beyond ?? []).filter((cell) => cell.row === row).map((cell) => ({ ...cell, row: i })),
  );
  return { ...gathered.take(), beyond };
}
