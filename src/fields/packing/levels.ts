// Columns of levels into codes: places in the field's list of levels, or one past its end for
// values that training has not seen.
import { grouped } from "../../base/words.ts";
import type { CodedTexts, ColumnInfo, ColumnValues } from "../columns.ts";
import type { CategoricalField, OrdinalField } from "../field.ts";
import { MISSING } from "../layout.ts";
import { cellMismatch, fileRow, isoTime, type Place } from "./faults.ts";
import { numberIn } from "./numbers.ts";
import type { Cells, PackingNote } from "./packed.ts";

export class LevelPacker {
  readonly #field: CategoricalField | OrdinalField;
  readonly #place: Place;
  /** Whether 0 and 1 stand for false and true. */
  readonly #truths: boolean;
  readonly #levels: ReadonlyMap<string, number>;
  /** Whether a number can be one of the levels. */
  readonly #holdsNumbers: boolean;
  /** Codes of the numbers met so far: texts of numbers are slow to make. */
  readonly #numbers = new Map<number, number>();
  /** Codes of the texts that a source has by its own. */
  #known: { texts: CodedTexts["texts"]; levels: number[] } = { texts: [], levels: [] };
  #unseen = 0;
  #example: { row: number; value: string } | undefined;

  constructor(field: CategoricalField | OrdinalField, place: Place, info: ColumnInfo) {
    this.#field = field;
    this.#place = place;
    this.#truths = field.of === "boolean" || (info.type === "number" && info.boolean === true);
    this.#levels = new Map(field.levels.map((level, code) => [level, code]));
    this.#holdsNumbers =
      this.#truths ||
      field.of !== "text" ||
      field.levels.some((level) => !Number.isNaN(numberIn(level)));
  }

  /** @param firstRow the number of the chunk's first row, from 1. */
  write(column: ColumnValues, firstRow: number, cells: Cells<Int32Array>): void {
    if (column.type === "text" && column.coded) this.#coded(column.coded, firstRow, cells);
    else if (column.type === "text") this.#texts(column.values, firstRow, cells);
    else if (column.type === "number") this.#numerals(column.values, firstRow, cells);
    else if (column.type === "time") this.#nothing(column.values, firstRow, cells);
    else throw new Error(`a ${column.type} column came for levels`);
  }

  notes(): PackingNote[] {
    if (this.#example === undefined) return [];
    const { row, value } = this.#example;
    const cells = `${grouped(this.#unseen)} cell${this.#unseen === 1 ? "" : "s"}`;
    return [
      {
        code: "level-unseen",
        message: `column ${JSON.stringify(this.#place.column)}: ${cells} with values that are none of its ${grouped(this.#field.levels.length)} levels, such as ${JSON.stringify(value)} in row ${fileRow(this.#place, row).row}`,
      },
    ];
  }

  #coded({ codes, texts }: CodedTexts, firstRow: number, { block, at, stride }: Cells<Int32Array>) {
    if (this.#known.texts !== texts) this.#known = { texts, levels: [] };
    const { levels } = this.#known;
    const unseen = this.#field.levels.length;
    for (let i = 0, to = at; i < codes.length; i++, to += stride) {
      const code = codes[i]!;
      levels[code] ??= this.#ofText(texts[code]!);
      const level = levels[code];
      if (level === unseen) this.#notice(texts[code]!, firstRow + i);
      block[to] = level;
    }
  }

  #texts(
    values: readonly (string | null)[],
    firstRow: number,
    { block, at, stride }: Cells<Int32Array>,
  ): void {
    const unseen = this.#field.levels.length;
    let last: string | null = null;
    let code = MISSING;
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (value !== last) {
        last = value;
        code = this.#ofText(value);
      }
      if (code === unseen) this.#notice(value!, firstRow + i);
      block[to] = code;
    }
  }

  #ofText(value: string | null): number {
    return value === null ? MISSING : (this.#levels.get(value) ?? this.#likeText(value));
  }

  /** The code of a text that is no level as it stands: `1.0` of numbers, `TRUE` of booleans. */
  #likeText(value: string): number {
    const { levels, of } = this.#field;
    if (of === "boolean") {
      const word = value.trim().toLowerCase();
      if (word === "true" || word === "false") return this.#codeOf(word === "true" ? 1 : 0);
    }
    const number = of === "text" ? Number.NaN : numberIn(value);
    return Number.isNaN(number) ? levels.length : this.#codeOf(number);
  }

  #numerals(
    values: Float64Array,
    firstRow: number,
    { block, at, stride }: Cells<Int32Array>,
  ): void {
    const unseen = this.#field.levels.length;
    let last = Number.NaN;
    let code = MISSING;
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (value !== last) {
        last = value;
        code = Number.isNaN(value) ? MISSING : (this.#numbers.get(value) ?? this.#remember(value));
      }
      if (code === unseen) {
        if (!this.#holdsNumbers) {
          const rule = `the column holds texts such as ${JSON.stringify(this.#field.levels[0])}`;
          throw cellMismatch(this.#place, firstRow + i, rule, String(value));
        }
        this.#notice(String(value), firstRow + i);
      }
      block[to] = code;
    }
  }

  /** Numbers that are no levels are not kept, so that memory is bounded by the levels. */
  #remember(value: number): number {
    const code = this.#codeOf(value);
    if (code < this.#field.levels.length) this.#numbers.set(value, code);
    return code;
  }

  #codeOf(value: number): number {
    const truth = value === 0 ? "false" : value === 1 ? "true" : undefined;
    const asTruth = this.#truths && truth !== undefined ? this.#levels.get(truth) : undefined;
    return asTruth ?? this.#levels.get(String(value)) ?? this.#field.levels.length;
  }

  /** Times are no levels; a column of gaps alone may have any type. */
  #nothing(values: Float64Array, firstRow: number, { block, at, stride }: Cells<Int32Array>) {
    for (let i = 0, to = at; i < values.length; i++, to += stride) {
      const value = values[i]!;
      if (!Number.isNaN(value)) {
        const { of } = this.#field;
        const rule = `the column holds levels that are ${of}s`;
        throw cellMismatch(this.#place, firstRow + i, rule, isoTime(value));
      }
      block[to] = MISSING;
    }
  }

  #notice(value: string, row: number): void {
    this.#unseen++;
    this.#example ??= { row, value };
  }
}
