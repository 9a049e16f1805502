// The conditions that new rows are drawn at: what --where gives is the same in all of them, and the rest stands
// as it does in training rows that the run kept, drawn by chance. Whole rows are drawn, since levels drawn
// column by column would make pairs that no row has.

import { ElboError } from "../base/errors.ts";
import { grouped } from "../base/words.ts";
import type { ColumnValues } from "../fields/columns.ts";
import { type FieldSchema, isModelled, type ModelledField } from "../fields/field.ts";
import { type PackedRows, Packer } from "../fields/pack.ts";
import { Random, streams } from "../runtime/random.ts";
import { givenColumn } from "./given-columns.ts";
import { unpacked } from "./kept-rows.ts";
import { pickRows, type RawRows } from "./raw-rows.ts";
import { infoOf } from "./rows.ts";
import type { Run } from "./run.ts";
import { placed } from "./stream.ts";
import { conditionValues, type Given } from "./where.ts";

type Values = ReadonlyMap<string, Given["value"]>;

/** Kinds of which rows with the very value are looked for; of numbers and times, the nearest. */
const exactKinds: readonly string[] = ["binary", "categorical", "ordinal"];

const cellOf = (column: ColumnValues, row: number) =>
  (column.values as ArrayLike<number | string | null>)[row]!;

/** Rows of `kept` that have the levels given, as far as they can be told. */
function withLevels(fields: readonly ModelledField[], kept: RawRows, given: Values): number[] {
  const exact = fields
    .map((field, j) => ({ field, column: kept.values[j]! }))
    .filter(({ field }) => given.has(field.name) && exactKinds.includes(field.kind));
  const rows = Array.from({ length: kept.rows }, (_, row) => row).filter((row) =>
    exact.every(({ field, column }) => cellOf(column, row) === given.get(field.name)),
  );
  if (rows.length > 0) return rows;
  const others = fields.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  throw new ElboError({
    code: "where-invalid",
    kind: "usage",
    message: `none of the ${grouped(kept.rows)} training rows that the run kept has ${exact
      .map(({ field }) => `${field.name}=${given.get(field.name)}`)
      .join(" and ")}: what ${others.join(", ")} would be there is not known`,
    hint: `Give ${others.length === 1 ? "it" : "them"} by --where, too.`,
  });
}

/**
 * Of these rows those nearest to the numbers and times given, each measured in its own deviations: a square
 * root of them, as is usual where a distribution at a point is told by its neighbours, and ties.
 */
function nearestTo(
  fields: readonly ModelledField[],
  kept: RawRows,
  given: Values,
  rows: readonly number[],
): number[] {
  const distances = new Float64Array(rows.length);
  const near = fields.filter(({ name, kind }) => given.has(name) && !exactKinds.includes(kind));
  if (near.length === 0) return [...rows];
  for (const field of near) {
    const column = kept.values[fields.indexOf(field)]!;
    const cells = rows.map((row) => cellOf(column, row) as number);
    const known = cells.filter((cell) => !Number.isNaN(cell));
    const mean = known.reduce((sum, cell) => sum + cell, 0) / known.length;
    const variance = known.reduce((sum, cell) => sum + (cell - mean) ** 2, 0) / known.length;
    const value = Number(given.get(field.name));
    for (const [i, cell] of cells.entries()) {
      const squared = (cell - value) ** 2 / (variance || 1);
      distances[i]! += Number.isNaN(squared) ? Number.POSITIVE_INFINITY : squared;
    }
  }
  const count = Math.ceil(Math.sqrt(rows.length));
  const farthest = distances.toSorted()[count - 1]!;
  return rows.filter((_, i) => distances[i]! <= farthest);
}

export class Conditions {
  /** Of the condition fields alone. */
  readonly schema: FieldSchema;
  readonly #fields: ModelledField[];
  readonly #given: Values;
  /** Rows whose conditions those that are not given are drawn of. */
  readonly #kept: RawRows;
  readonly #packer: Packer;

  private constructor(fields: ModelledField[], given: Values, kept: RawRows) {
    this.schema = { fields };
    this.#fields = fields;
    this.#given = given;
    this.#kept = kept;
    const columns = fields.map(infoOf);
    this.#packer = new Packer(this.schema, { source: "the run's conditions", columns }, "scoring");
  }

  /**
   * Null of a run without conditions.
   * @throws ElboError `where-invalid` where what is given is no value of its field, or no kept row has it and
   * others are to be drawn.
   */
  static async of(run: Run, where: Readonly<Record<string, string>>): Promise<Conditions | null> {
    const { schema } = run.config;
    const fields = schema.fields.filter(isModelled).filter(({ role }) => role === "condition");
    if (fields.length === 0) return null;
    const given = conditionValues(schema, where);
    if (fields.every(({ name }) => given.has(name))) {
      return new Conditions(fields, given, { rows: 1, columns: [], values: [] });
    }
    const all = unpacked(run.config, (await run.reference()).training);
    const places = fields.map((field) => all.columns.findIndex(({ name }) => name === field.name));
    const kept: RawRows = {
      rows: all.rows,
      columns: places.map((place) => all.columns[place]!),
      values: places.map((place) => all.values[place]!),
    };
    const rows = nearestTo(fields, kept, given, withLevels(fields, kept, given));
    return new Conditions(fields, given, pickRows(kept, rows));
  }

  /** Whether rows differ in them. */
  get isDrawn(): boolean {
    return this.#kept.rows > 1;
  }

  /**
   * Which kept rows' conditions new rows have: of each row by its place alone.
   * @param first a multiple of `BATCH_ROWS`.
   */
  draw(seed: number, first: number, rows: number): number[] {
    const { step } = placed(seed, streams.conditions, first);
    const places = new Random(seed).uniform(streams.conditions, step, rows);
    return Array.from(places, (place) => Math.floor(place * this.#kept.rows));
  }

  /** The conditions of rows that take those of these kept ones. */
  rows(chosen: readonly number[]): RawRows {
    const drawn = this.#kept.values.length > 0 ? pickRows(this.#kept, chosen).values : [];
    const values = this.#fields.map((field, j) => {
      const value = this.#given.get(field.name);
      return value === undefined ? drawn[j]! : givenColumn({ field, value }, chosen.length);
    });
    return { rows: chosen.length, columns: this.#fields.map(infoOf), values };
  }

  pack({ rows, columns, values }: RawRows): PackedRows {
    const ordered = this.#packer.names.map(
      (name) => values[columns.findIndex((column) => column.name === name)]!,
    );
    return this.#packer.pack({ rows, columns: ordered });
  }
}
