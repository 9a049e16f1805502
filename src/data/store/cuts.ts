// Which of their cuts the texts of rows fit in: what training computes of them.
import type { FieldSchema, TextField } from "../../fields/field.ts";
import { type GroupLayout, layoutOf, rowsInput } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { placesOf } from "../../fields/tokens.ts";
import type { Memory } from "../../runtime/memory.ts";
import type { Slot } from "../../runtime/slots.ts";

interface Texts {
  layout: GroupLayout;
  field: TextField;
}

/** Batches of so many rows, whose texts fit in one cut as far as may be. */
export interface Alike {
  cuts: Cuts;
  batch: number;
}

export class Cuts {
  readonly #texts: readonly Texts[];
  /** How many there are; 1 where all rows are computed alike. */
  readonly count: number;

  constructor(schema: FieldSchema) {
    this.#texts = layoutOf(schema).flatMap((layout) => {
      const [field] = layout.fields as [GroupLayout["fields"][number]];
      return field.kind === "text" ? { layout, field } : [];
    });
    this.count = Math.max(1, ...this.#texts.map(({ field }) => field.cuts.length));
  }

  /** The least cut that each packed row fits in. */
  ofRows({ rows, groups }: PackedRows): Uint8Array {
    const result = new Uint8Array(rows);
    for (const { layout, field } of this.#texts) {
      const { values } = groups.get(layout.name) as { values: Int32Array };
      for (let row = 0; row < rows; row++) {
        result[row] = Math.max(result[row]!, cutOf(values, row, field));
      }
    }
    return result;
  }

  /** The least cut that the first rows in place in the inputs all fit in. */
  ofInputs(memory: Memory, inputs: ReadonlyMap<string, Slot>, rows: number): number {
    let cut = 0;
    for (const { layout, field } of this.#texts) {
      const values = memory.view(inputs.get(rowsInput(layout)) as Slot<"int32">);
      for (let row = 0; row < rows; row++) cut = Math.max(cut, cutOf(values, row, field));
    }
    return cut;
  }
}

function cutOf(values: Int32Array, row: number, { length, cuts }: TextField): number {
  const places = placesOf(values.subarray(row * length, (row + 1) * length));
  const cut = cuts.findIndex((size) => size >= places);
  return Math.max(0, cut);
}
