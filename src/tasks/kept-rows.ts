// The packed rows that a run keeps as raw values again: what packing (src/fields/packing) made of them,
// read backwards.
import type { ColumnValues } from "../fields/columns.ts";
import { rounding } from "../fields/decimals.ts";
import { isModelled, type ModelledField } from "../fields/field.ts";
import { elementsOf, layoutOf, MISSING } from "../fields/layout.ts";
import type { PackedRows, PackedValues } from "../fields/pack.ts";
import { textOf } from "../fields/tokens.ts";
import type { RunConfig } from "../train/config.ts";
import type { RawRows } from "./raw-rows.ts";
import { infoOf } from "./rows.ts";

const DAY_MS = 86_400_000;

/** What a level is shown as that training has not seen. */
export const UNSEEN = "(unseen)";

/** Reads a field's elements of one row. */
type Cell = (at: number) => number;

function columnOf(field: ModelledField, rows: number, cell: (row: number) => Cell): ColumnValues {
  const numbers = (value: (cell: Cell) => number): ColumnValues => ({
    type: "number",
    values: Float64Array.from({ length: rows }, (_, row) => value(cell(row))),
  });
  switch (field.kind) {
    case "real":
    case "positive": {
      // Packed as float32: with the decimals of the data they are its numbers again.
      const round = field.float32 ? (value: number) => value : rounding(field.decimals);
      return numbers((at) => round(at(0)));
    }
    case "count":
    case "binary":
      return numbers((at) => at(0));
    case "categorical":
    case "ordinal": {
      const { levels, of } = field;
      if (of === "text") {
        const level = (code: number) => (code === MISSING ? null : (levels[code] ?? UNSEEN));
        return {
          type: "text",
          values: Array.from({ length: rows }, (_, row) => level(cell(row)(0))),
        };
      }
      return numbers((at) => {
        const level = levels[at(0)];
        if (of === "boolean") return level === undefined ? Number.NaN : Number(level === "true");
        return Number(level ?? Number.NaN);
      });
    }
    case "time":
      return {
        type: "time",
        values: Float64Array.from({ length: rows }, (_, row) => {
          const at = cell(row);
          return at(0) === MISSING ? Number.NaN : at(0) * DAY_MS + at(1);
        }),
      };
    case "text":
      return {
        type: "text",
        values: Array.from({ length: rows }, (_, row) => {
          const at = cell(row);
          if (at(0) === MISSING) return null;
          return textOf(
            Array.from({ length: field.length }, (_, i) => at(i)),
            field,
          );
        }),
      };
    case "image":
    case "vector":
      throw new Error(`${field.kind} columns are groups of their own`);
    default:
      return field satisfies never;
  }
}

/** Of an image or a vector, whose block is the column's own. */
function arrayOf(field: ModelledField, packed: PackedValues): ColumnValues | null {
  if (field.kind === "image" && packed.type === "dense") {
    const { values } = packed;
    return values instanceof Int32Array ? null : { type: "image", values };
  }
  if (field.kind !== "vector") return null;
  if (packed.type === "sparse") return packed;
  return packed.values instanceof Float32Array ? { type: "vector", values: packed.values } : null;
}

/** The columns of a run's modelled fields, in the order of its data. */
export function unpacked({ schema }: RunConfig, { rows, groups }: PackedRows): RawRows {
  const byName = new Map<string, ColumnValues>();
  for (const { name, fields, elements } of layoutOf(schema)) {
    const packed = groups.get(name)!;
    let first = 0;
    for (const field of fields) {
      const array = arrayOf(field, packed);
      const start = first;
      const { values } = packed;
      byName.set(
        field.name,
        array ?? columnOf(field, rows, (row) => (at) => values[row * elements + start + at]!),
      );
      first += elementsOf(field);
    }
  }
  const modelled = schema.fields.filter(isModelled);
  return {
    rows,
    columns: modelled.map(infoOf),
    values: modelled.map(({ name }) => byName.get(name)!),
  };
}
