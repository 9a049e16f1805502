// Values that a field cannot have, brought to the nearest that it can: rows that are judged may hold
// anything, and are stranger for it.
import { grouped } from "../../base/words.ts";
import type { BinaryField, CountField, PositiveField, VectorField } from "../field.ts";
import { takesZero } from "../hurdle.ts";
import { fileRow, type Place } from "./faults.ts";
import type { Beyond, PackingNote } from "./packed.ts";

type Bounded = PositiveField | CountField | BinaryField | VectorField;

/** Deviations of the logarithm below the mean at which a value is put that has none. */
const BELOW = 4;
const LEAST_DEVIATION = 0.1;

/** The nearest value of the field's support, and a deviation of the column in its units. */
function nearest(field: Bounded, value: number, at: number): { value: number; unit: number } {
  switch (field.kind) {
    case "positive": {
      const { mean, deviation } = field;
      const typical = Math.exp(mean);
      const least = takesZero(field) ? 0 : Math.fround(typical * Math.exp(-BELOW * deviation));
      return { value: least, unit: typical * Math.max(deviation, LEAST_DEVIATION) };
    }
    case "count":
      return { value: Math.max(0, Math.round(value)), unit: field.spread || 1 };
    case "vector":
      return { value: Math.max(0, Math.round(value)), unit: field.spread[at] || 1 };
    case "binary": {
      const deviation = Math.sqrt(field.mean * (1 - field.mean));
      return { value: value < 0.5 ? 0 : 1, unit: Math.max(deviation, LEAST_DEVIATION) };
    }
    default:
      return field satisfies never;
  }
}

/** Gathers such cells of one column as chunks are packed. */
export class Support {
  readonly #place: Place;
  readonly #found: Beyond[];
  #count = 0;
  #example: { row: number; value: number } | undefined;

  /** @param found where they go. */
  constructor(place: Place, found: Beyond[]) {
    this.#place = place;
    this.#found = found;
  }

  /**
   * The value in the place of one that the field cannot have.
   * @param row of the packed rows, from 0.
   * @param dataRow of the source, from 1.
   */
  within(field: Bounded, value: number, row: number, dataRow: number, at = 0): number {
    const { value: near, unit } = nearest(field, value, at);
    this.#found.push({ row, field: field.name, at, deviations: (value - near) / unit });
    this.#count++;
    this.#example ??= { row: dataRow, value };
    return near;
  }

  notes(): PackingNote[] {
    if (this.#example === undefined) return [];
    const { row, value } = this.#example;
    const cells = `${grouped(this.#count)} cell${this.#count === 1 ? "" : "s"}`;
    return [
      {
        code: "value-beyond",
        message: `column ${JSON.stringify(this.#place.column)}: ${cells} with values that its kind cannot have, such as ${value} in row ${fileRow(this.#place, row).row}; their rows count as stranger by the distance from those that it can`,
      },
    ];
  }
}
