// Real and synthetic rows as columns that can be compared, and as points between which there are
// distances.
import type { ColumnValues } from "../../fields/columns.ts";
import type { FieldSchema, ModelledField } from "../../fields/field.ts";
import type { Group } from "../../fields/groups/index.ts";
import type { PackedRows } from "../../fields/pack.ts";
import type { ComparedColumn } from "../../metrics/compared-columns.ts";
import { cellsOf } from "../detect/repair.ts";
import { isLevel, packedAt, rawOf } from "../explain/edits.ts";
import { decodedFields } from "../rows.ts";

export type Cell = string | number | null;

/** Rows of some fields, column by column. */
export interface RawTable {
  rows: number;
  columns: (readonly Cell[])[];
}

const single = new Set(["real", "positive", "count", "binary", "categorical", "ordinal", "time"]);

/** The fields that are compared: those that the model gives, of one value a row. */
export const comparedFields = (schema: FieldSchema): ModelledField[] =>
  decodedFields(schema).filter(({ kind }) => single.has(kind));

/** Cells of columns; null where one is missing. */
export function tableOfColumns(
  rows: number,
  fields: readonly ModelledField[],
  columns: readonly { name: string; values: ColumnValues }[],
): RawTable {
  return {
    rows,
    columns: fields.map(({ name }) => {
      const values = columns.find((column) => column.name === name)?.values.values ?? [];
      return Array.from({ length: rows }, (_, i) => {
        const cell = (values as readonly Cell[])[i] ?? null;
        return typeof cell === "number" && Number.isNaN(cell) ? null : cell;
      });
    }),
  };
}

export function tableOfPacked(
  packed: PackedRows,
  fields: readonly ModelledField[],
  groups: readonly Group[],
): RawTable {
  const cells = cellsOf(groups, ["data", "target"]);
  return {
    rows: packed.rows,
    columns: fields.map((field) => {
      const cell = cells.get(field.name)!;
      return Array.from({ length: packed.rows }, (_, row) => {
        const value = packedAt(packed, cell, row);
        return value === null ? null : rawOf(field, value);
      });
    }),
  };
}

export const rowsOf = (table: RawTable, rows: readonly number[]): RawTable => ({
  rows: rows.length,
  columns: table.columns.map((column) => rows.map((row) => column[row]!)),
});

/** Each level's place, of a field with levels. */
function placeIn(field: ModelledField, cell: Cell): number {
  if (cell === null) return -1;
  if (field.kind === "binary") return Number(cell);
  if (!("levels" in field)) return -1;
  const text = field.of === "boolean" ? String(cell === 1) : String(cell);
  return field.levels.indexOf(text);
}

export function comparedColumns(
  fields: readonly ModelledField[],
  { columns }: RawTable,
): ComparedColumn[] {
  return fields.map((field, j) =>
    isLevel(field)
      ? { sort: "levels", values: Int32Array.from(columns[j]!, (cell) => placeIn(field, cell)) }
      : {
          sort: "numbers",
          values: Float64Array.from(columns[j]!, (c) => (c === null ? NaN : Number(c))),
        },
  );
}

/** Where columns stand among a row's features: numbers of deviation 1, levels one-hot. */
export class FeatureSpace {
  readonly #fields: readonly ModelledField[];
  readonly #moments: { mean: number; deviation: number }[];
  readonly #starts: number[] = [];
  readonly size: number;

  /** @param known rows that tell means and deviations. */
  constructor(fields: readonly ModelledField[], known: RawTable) {
    this.#fields = fields;
    this.#moments = comparedColumns(fields, known).map(({ values }) => {
      const there = Array.from(values).filter((value) => !Number.isNaN(value));
      const mean = there.reduce((sum, value) => sum + value, 0) / Math.max(1, there.length);
      const squares = there.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return { mean, deviation: Math.sqrt(squares / Math.max(1, there.length)) || 1 };
    });
    let size = 0;
    for (const field of fields) {
      this.#starts.push(size);
      size += !isLevel(field) ? 1 : "levels" in field ? field.levels.length : 2;
    }
    this.size = size;
  }

  /** `(rows, size)`; what is missing is 0. Two levels that differ are 1 apart. */
  points(table: RawTable): Float64Array {
    const points = new Float64Array(table.rows * this.size);
    for (const [j, { sort, values }] of comparedColumns(this.#fields, table).entries()) {
      const { mean, deviation } = this.#moments[j]!;
      for (let row = 0; row < table.rows; row++) {
        const value = values[row]!;
        const start = row * this.size + this.#starts[j]!;
        if (sort === "levels") {
          if (value >= 0) points[start + value] = Math.SQRT1_2;
        } else if (!Number.isNaN(value)) points[start] = (value - mean) / deviation;
      }
    }
    return points;
  }
}
