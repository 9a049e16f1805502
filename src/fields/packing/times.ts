// Moments into two whole numbers, days and milliseconds of the day: float32 holds neither together.
import type { ColumnValues } from "../columns.ts";
import type { TimeField } from "../field.ts";
import { MISSING } from "../layout.ts";
import { cellMismatch, infiniteError, isoTime, type Place } from "./faults.ts";
import type { Cells } from "./packed.ts";

const dayMilliseconds = 86_400_000;

export class TimePacker {
  readonly #field: TimeField;
  readonly #place: Place;

  constructor(field: TimeField, place: Place) {
    this.#field = field;
    this.#place = place;
  }

  /** @param firstRow the number of the chunk's first row, from 1. */
  write(column: ColumnValues, firstRow: number, cells: Cells<Int32Array>): void {
    if (column.type === "time") this.#times(column.values, firstRow, cells);
    else if (column.type === "number" || column.type === "text") {
      this.#nothing(column.values, firstRow, cells);
    } else throw new Error(`a ${column.type} column came for times`);
  }

  notes(): [] {
    return [];
  }

  #times(values: Float64Array, firstRow: number, { block, at, stride }: Cells<Int32Array>) {
    const { date } = this.#field;
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (Number.isNaN(value)) {
        block[to] = MISSING;
        block[to + 1] = MISSING;
        continue;
      }
      const days = Math.floor(value / dayMilliseconds);
      const rest = Math.floor(value - days * dayMilliseconds);
      if (!(Math.abs(days) < -MISSING)) throw infiniteError(this.#place, firstRow + i, value);
      if (date && rest !== 0) {
        const rule = "the column holds days without a time of the day";
        throw cellMismatch(this.#place, firstRow + i, rule, isoTime(value));
      }
      block[to] = days;
      block[to + 1] = rest;
    }
  }

  /** Numbers and texts are no times; a column of gaps alone may have any type. */
  #nothing(
    values: Float64Array | readonly (string | null)[],
    firstRow: number,
    { block, at, stride }: Cells<Int32Array>,
  ): void {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (value !== null && !Number.isNaN(value)) {
        const rule = `the column holds ${this.#field.date ? "dates" : "times"}`;
        throw cellMismatch(this.#place, firstRow + i, rule, JSON.stringify(value));
      }
      block[to] = MISSING;
      block[to + 1] = MISSING;
    }
  }
}
