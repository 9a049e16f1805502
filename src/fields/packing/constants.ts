// Columns that never varied in training and are left aside for it: a row in which one does is stranger.
import { grouped } from "../../base/words.ts";
import type { ColumnInfo, ColumnValues, Origin } from "../columns.ts";
import type { CarriedField, FieldSchema } from "../field.ts";
import { fileRow } from "./faults.ts";
import type { Beyond, PackingNote } from "./packed.ts";

/** Deviations that such a value counts as: there are none to tell it by, and no row had another. */
const CHANGED = 4;

type Constant = CarriedField & { constant: number | string };

/** The fields of the schema that never varied, where the source has them as they were. */
export function constantsIn(schema: FieldSchema, columns: readonly ColumnInfo[]): Constant[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return schema.fields.filter((field): field is Constant => {
    if (field.role !== "ignore" || field.constant === undefined) return false;
    return types.get(field.name) === (typeof field.constant === "number" ? "number" : "text");
  });
}

export class ConstantCheck {
  readonly #field: Constant;
  readonly #origin: Origin;
  #count = 0;
  #example: { row: number; value: number | string } | undefined;

  constructor(field: Constant, origin: Origin) {
    this.#field = field;
    this.#origin = origin;
  }

  /**
   * @param firstRow the number of the first row, from 1.
   * @param found where cells with other values go.
   */
  check(column: ColumnValues, firstRow: number, found: Beyond[]): void {
    if (column.type !== "number" && column.type !== "text") return;
    const { name, constant } = this.#field;
    for (const [row, value] of column.values.entries()) {
      if (value === null || value === constant || Number.isNaN(value)) continue;
      found.push({ row, field: name, at: 0, deviations: CHANGED });
      this.#count++;
      this.#example ??= { row: firstRow + row, value };
    }
  }

  notes(): PackingNote[] {
    if (this.#example === undefined) return [];
    const { name, constant } = this.#field;
    const { row, value } = this.#example;
    const place = { ...this.#origin, column: name };
    const cells = `${grouped(this.#count)} cell${this.#count === 1 ? "" : "s"}`;
    return [
      {
        code: "constant-changed",
        message: `column ${JSON.stringify(name)}: ${cells} with other values than ${JSON.stringify(constant)}, which every row of training had, such as ${JSON.stringify(value)} in row ${fileRow(place, row).row}; their rows count as stranger`,
      },
    ];
  }
}
