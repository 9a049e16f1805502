// Columns of numbers into their group's block: checked for what their likelihood can stand, and
// rounded to float32.
import type { ColumnValues } from "../columns.ts";
import type { BinaryField, CountField, PositiveField, RealField, WeightField } from "../field.ts";
import { hasHurdle } from "../hurdle.ts";
import {
  cellError,
  cellMismatch,
  countError,
  fileRow,
  infiniteError,
  isoTime,
  type Place,
} from "./faults.ts";
import type { Cells, PackingNote } from "./packed.ts";
import type { Support } from "./support.ts";

export type NumberField = RealField | PositiveField | CountField | BinaryField | WeightField;

/** From here on float32 is infinite: half a unit above its largest number. */
const infiniteFrom = 2 ** 128 - 2 ** 103;
/** Above it, float32 no longer holds every integer. */
const exactIntegers = 2 ** 24;

export const beyondSingles = (value: number) => value >= infiniteFrom || value <= -infiniteFrom;

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinities = new Map([
  ["inf", Infinity],
  ["infinity", Infinity],
]);

/** Whether a text is a finite number as people write numbers. */
export const isNumeral = (text: string) => numeral.test(text.trim());

/** The number that a text spells as people write numbers; NaN where it spells none. */
export function numberIn(text: string): number {
  const trimmed = text.trim();
  if (numeral.test(trimmed)) return Number(trimmed);
  const unsigned = infinities.get(trimmed.replace(/^[+-]/, "").toLowerCase()) ?? Number.NaN;
  return trimmed.startsWith("-") ? -unsigned : unsigned;
}

/** The texts' numbers; one that is none is a mismatch. */
function parsed(
  texts: readonly (string | null)[],
  place: Place,
  firstRow: number,
  binary: boolean,
): Float64Array {
  return Float64Array.from(texts, (text, i) => {
    if (text === null) return Number.NaN;
    const word = binary ? text.trim().toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true" ? 1 : 0;
    const value = numberIn(text);
    if (!Number.isNaN(value)) return value;
    throw cellMismatch(place, firstRow + i, "the column holds numbers", JSON.stringify(text));
  });
}

export class NumberPacker {
  readonly #field: NumberField;
  readonly #place: Place;
  readonly #support: Support | null;
  #inexact: { row: number; value: number } | undefined;

  /** @param support what becomes of values that the field cannot have; null: they are errors. */
  constructor(field: NumberField, place: Place, support: Support | null = null) {
    this.#field = field;
    this.#place = place;
    this.#support = support;
  }

  /** @param firstRow the number of the chunk's first row, from 1. */
  write(column: ColumnValues, firstRow: number, cells: Cells<Float32Array>): void {
    const values = this.#numbers(column, firstRow);
    const field = this.#field;
    if (field.role === "weight") this.#weights(values, firstRow, cells);
    else if (field.kind === "real") this.#reals(values, firstRow, cells);
    else if (field.kind === "positive") this.#positives(field, values, firstRow, cells);
    else if (field.kind === "count") this.#counts(field, values, firstRow, cells);
    else this.#bits(field, values, firstRow, cells);
  }

  notes(): PackingNote[] {
    const beyond = this.#support?.notes() ?? [];
    if (this.#inexact === undefined) return beyond;
    const { row, value } = this.#inexact;
    return [
      ...beyond,
      {
        code: "precision-lost",
        message: `column ${JSON.stringify(this.#place.column)} holds integers too large for float32 (row ${fileRow(this.#place, row).row}: ${value} became ${Math.fround(value)})`,
      },
    ];
  }

  #numbers(column: ColumnValues, firstRow: number): Float64Array {
    if (column.type === "number") return column.values;
    if (column.type === "text") {
      return parsed(column.values, this.#place, firstRow, this.#field.kind === "binary");
    }
    if (column.type !== "time") throw new Error(`a ${column.type} column came for numbers`);
    const present = column.values.findIndex((value) => !Number.isNaN(value));
    if (present < 0) return column.values;
    const received = isoTime(column.values[present]!);
    throw cellMismatch(this.#place, firstRow + present, "the column holds numbers", received);
  }

  /** What is past the whole numbers of float32: refused, noticed, or fine. */
  #large(value: number, row: number): void {
    if (beyondSingles(value)) throw infiniteError(this.#place, row, value);
    if (this.#inexact === undefined && Number.isInteger(value) && Math.fround(value) !== value) {
      this.#inexact = { row, value };
    }
  }

  #reals(values: Float64Array, firstRow: number, { block, at, stride }: Cells<Float32Array>) {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (value > exactIntegers || value < -exactIntegers) this.#large(value, firstRow + i);
      block[to] = value;
    }
  }

  #positives(
    field: PositiveField,
    values: Float64Array,
    firstRow: number,
    { block, at, stride }: Cells<Float32Array>,
  ): void {
    const { offset } = field;
    const hurdle = hasHurdle(field);
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      let value = values[i]!;
      if (value > exactIntegers || value < -exactIntegers) this.#large(value, firstRow + i);
      // As float32, in which the graph will see it: the smallest float64 numbers become 0.
      const single = Math.fround(value);
      if (hurdle ? single < 0 : single + offset <= 0) {
        if (!this.#support) throw this.#notPositive(field, value, firstRow + i);
        value = this.#support.within(field, value, i, firstRow + i);
      }
      block[to] = value;
    }
  }

  #notPositive(field: PositiveField, value: number, row: number) {
    const { offset } = field;
    const rule = hasHurdle(field)
      ? "0 or above"
      : offset === 0
        ? "above 0"
        : `above ${-offset} (zeros are taken as ${offset})`;
    return cellError(
      this.#place,
      row,
      "positive-invalid",
      `positive numbers are ${rule} in float32, received ${value}`,
      "correct the value, leave the cell empty, or train with the column declared real",
    );
  }

  #counts(
    field: CountField,
    values: Float64Array,
    firstRow: number,
    { block, at, stride }: Cells<Float32Array>,
  ): void {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      let value = values[i]!;
      if (value > exactIntegers || value < -exactIntegers) this.#large(value, firstRow + i);
      if (!(value >= 0 && value === Math.floor(value)) && !Number.isNaN(value)) {
        if (!this.#support) throw countError(this.#place, firstRow + i, value);
        value = this.#support.within(field, value, i, firstRow + i);
      }
      block[to] = value;
    }
  }

  #bits(
    field: BinaryField,
    values: Float64Array,
    firstRow: number,
    { block, at, stride }: Cells<Float32Array>,
  ): void {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      let value = values[i]!;
      if (value !== 0 && value !== 1 && !Number.isNaN(value)) {
        if (this.#support) value = this.#support.within(field, value, i, firstRow + i);
        else throw this.#notBinary(value, firstRow + i);
      }
      block[to] = value;
    }
  }

  #notBinary(value: number, row: number) {
    return cellError(
      this.#place,
      row,
      "binary-invalid",
      `the column holds 0 and 1, received ${value}`,
      "correct the value, or train with the column declared categorical or real",
    );
  }

  #weights(values: Float64Array, firstRow: number, { block, at, stride }: Cells<Float32Array>) {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (!(value >= 0) || beyondSingles(value)) {
        throw cellError(
          this.#place,
          firstRow + i,
          "weight-invalid",
          `weights are finite numbers of at least 0, received ${Number.isNaN(value) ? "none" : value}`,
          "give every row a weight: 0 leaves it out, 1 counts it once",
        );
      }
      block[to] = value;
    }
  }
}
