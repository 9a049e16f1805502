// Columns of images and vectors: groups of their own, taken over as they stand where they may.
import type { ColumnValues } from "../columns.ts";
import type { ImageField, VectorField } from "../field.ts";
import { cellError, cellMismatch, countError, infiniteError, type Place } from "./faults.ts";
import { beyondSingles } from "./numbers.ts";
import type { PackedValues, PackingNote } from "./packed.ts";
import type { Support } from "./support.ts";

export class ImagePacker {
  readonly #field: ImageField;
  readonly #place: Place;

  constructor(field: ImageField, place: Place) {
    this.#field = field;
    this.#place = place;
  }

  /** @param firstRow the number of the chunk's first row, from 1. */
  pack(column: ColumnValues, firstRow: number): PackedValues {
    if (column.type !== "image") throw new Error(`a ${column.type} column came for images`);
    const { values } = column;
    if (this.#field.bytes) {
      if (values instanceof Float32Array) this.#requireBytes(values, firstRow);
      return {
        type: "dense",
        values: values instanceof Uint8Array ? values : new Uint8Array(values),
      };
    }
    if (values instanceof Float32Array) this.#requireFinite(values, firstRow);
    return {
      type: "dense",
      values: values instanceof Uint8Array ? new Float32Array(values) : values,
    };
  }

  #row(firstRow: number, i: number): number {
    const { height, width, channels } = this.#field;
    return firstRow + Math.floor(i / (height * width * channels));
  }

  #requireBytes(values: Float32Array, firstRow: number): void {
    const bad = values.findIndex((value) => !(value >= 0 && value <= 255 && value % 1 === 0));
    if (bad < 0) return;
    const rule = "the images' pixels are whole numbers from 0 to 255";
    throw cellMismatch(this.#place, this.#row(firstRow, bad), rule, `${values[bad]}`);
  }

  #requireFinite(values: Float32Array, firstRow: number): void {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return;
    throw cellError(
      this.#place,
      this.#row(firstRow, bad),
      "value-infinite",
      `pixels are finite numbers, received ${values[bad]}`,
      "correct or remove that image",
    );
  }
}

export class VectorPacker {
  readonly #field: VectorField;
  readonly #place: Place;
  readonly #counts: boolean;
  readonly #support: Support | null;

  /** @param support what becomes of values that the field cannot have; null: they are errors. */
  constructor(field: VectorField, place: Place, support: Support | null = null) {
    this.#field = field;
    this.#place = place;
    this.#support = support;
    this.#counts = field.likelihood === "negative-binomial";
  }

  /** @param firstRow the number of the chunk's first row, from 1. */
  pack(column: ColumnValues, rows: number, firstRow: number): PackedValues {
    const { size, sparse } = this.#field;
    if (column.type === "vector") {
      const row = (i: number) => Math.floor(i / size);
      const values = this.#checked(column.values, firstRow, row, (i) => i % size);
      return sparse ? gathered(values, rows, size) : { type: "dense", values };
    }
    if (column.type !== "sparse") throw new Error(`a ${column.type} column came for vectors`);
    const { offsets, indices } = column;
    const row = (i: number) => offsets.findIndex((offset) => offset > i) - 1;
    const values = this.#checked(column.values, firstRow, row, (i) => indices[i]!);
    return sparse
      ? { type: "sparse", offsets, indices, values }
      : spread({ ...column, values }, rows, size);
  }

  notes(): PackingNote[] {
    return this.#support?.notes() ?? [];
  }

  /** @param row of the packed rows, and `at` the place in it, of a value. */
  #checked(
    values: Float32Array,
    firstRow: number,
    row: (i: number) => number,
    at: (i: number) => number,
  ): Float32Array {
    const counts = this.#counts;
    let checked = values;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (beyondSingles(value)) throw infiniteError(this.#place, firstRow + row(i), value);
      if (counts && !(value >= 0 && value === Math.floor(value)) && !Number.isNaN(value)) {
        if (!this.#support) throw countError(this.#place, firstRow + row(i), value);
        // The source's own array is left as it is.
        if (checked === values) checked = values.slice();
        checked[i] = this.#support.within(this.#field, value, row(i), firstRow + row(i), at(i));
      }
    }
    return checked;
  }
}

/** The elements of dense rows that are not 0. */
function gathered(dense: Float32Array, rows: number, size: number): PackedValues {
  let count = 0;
  for (const value of dense) if (value !== 0) count++;
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(count);
  const values = new Float32Array(count);
  let to = 0;
  for (let row = 0, from = 0; row < rows; row++) {
    for (let index = 0; index < size; index++, from++) {
      const value = dense[from]!;
      if (value === 0) continue;
      indices[to] = index;
      values[to] = value;
      to++;
    }
    offsets[row + 1] = to;
  }
  return { type: "sparse", offsets, indices, values };
}

function spread(
  { offsets, indices, values }: Extract<ColumnValues, { type: "sparse" }>,
  rows: number,
  size: number,
): PackedValues {
  const dense = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      dense[row * size + indices[i]!] = values[i]!;
    }
  }
  return { type: "dense", values: dense };
}
