// Which column of a source feeds which field, and whether it can.
import { ElboError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import type { ColumnInfo, Origin } from "../columns.ts";
import {
  type Field,
  type FieldSchema,
  isModelled,
  type ModelledField,
  type WeightField,
} from "../field.ts";
import { weightOf } from "../layout.ts";
import { columnMismatch } from "./faults.ts";

export interface Columns extends Origin {
  columns: readonly ColumnInfo[];
}

/**
 * The columns of the modelled fields and of the weights, by name. A target or weight that is absent
 * when scoring is left out; any other absent column is an error that names them all.
 */
export function matchColumns(
  schema: FieldSchema,
  { source, columns }: Columns,
  use: "training" | "scoring" | "judging",
): Map<string, ColumnInfo> {
  const weight = weightOf(schema);
  const wanted: (ModelledField | WeightField)[] = schema.fields.filter(isModelled);
  if (weight) wanted.push(weight);
  const known = new Map(columns.map((column) => [column.name, column]));
  const matched = new Map<string, ColumnInfo>();
  const missing: string[] = [];
  for (const field of wanted) {
    const column = known.get(field.name);
    if (column) {
      requireFit(field, column, source);
      matched.set(field.name, column);
    } else if (use === "training" || field.role === "data" || field.role === "condition") {
      missing.push(field.name);
    }
  }
  if (missing.length > 0) throw missingError(missing, schema, source, columns);
  return matched;
}

function missingError(
  missing: readonly string[],
  schema: FieldSchema,
  source: string,
  columns: readonly ColumnInfo[],
): ElboError {
  const used = new Set(schema.fields.map(({ name }) => name));
  const unused = columns.filter(({ name }) => !used.has(name));
  const absent = schema.fields.filter(({ name }) => missing.includes(name));
  const [first, guess] = firstGuess(absent, unused);
  const many = missing.length > 1;
  return new ElboError({
    code: "data-mismatch",
    kind: "usage",
    message: `the run's column${many ? "s" : ""} ${missing.join(", ")} ${many ? "are" : "is"} not in ${source}`,
    hint: guess
      ? `Is ${guess} the column ${first}? Rename it.`
      : `Give data with the run's columns: ${source} holds ${named(columns)}.`,
    where: { file: source, column: missing[0]! },
  });
}

/** Columns that an error names of data without those that are wanted. */
const NAMED = 5;

/** The one column by what it holds, more by their names. */
function named(columns: readonly ColumnInfo[]): string {
  if (columns.length === 1) return described(columns[0]!);
  const names = columns.slice(0, NAMED).map(({ name }) => name);
  return `the columns ${names.join(", ")}${columns.length > NAMED ? ", ..." : ""}`;
}

/** Whether a column could be the field but for its name: pixels and vectors are nothing else. */
function alike({ kind }: Field, { type }: ColumnInfo): boolean {
  const whole = kind === "image" || kind === "vector";
  return whole ? type === kind : type !== "image" && type !== "vector";
}

function firstGuess(missing: readonly Field[], unused: readonly ColumnInfo[]): [string?, string?] {
  for (const field of missing) {
    const names = unused.filter((column) => alike(field, column)).map(({ name }) => name);
    const guess = nearest(field.name, names);
    if (guess !== undefined) return [field.name, guess];
  }
  return [];
}

function described(column: ColumnInfo): string {
  switch (column.type) {
    case "number":
      return "a column of numbers";
    case "text":
      return "a column of texts";
    case "time":
      return "a column of times";
    case "vector":
      return `vectors of ${column.size} numbers`;
    case "image":
      return `images of ${column.height}×${column.width}×${column.channels}`;
    default:
      return column satisfies never;
  }
}

/** Sizes and what cannot be converted at all; single cells are judged when they are packed. */
function requireFit(field: ModelledField | WeightField, column: ColumnInfo, source: string): void {
  const wrong = (expected: string) =>
    columnMismatch(
      { source, column: field.name },
      `the run has ${expected} there, received ${described(column)}`,
    );
  if (field.kind === "image") {
    const { height, width, channels } = field;
    const fits =
      column.type === "image" &&
      column.height === height &&
      column.width === width &&
      column.channels === channels;
    if (!fits) throw wrong(`images of ${height}×${width}×${channels}`);
  } else if (field.kind === "vector") {
    if (column.type !== "vector" || column.size !== field.size) {
      throw wrong(`vectors of ${field.size} numbers`);
    }
  } else if (column.type === "vector" || column.type === "image") {
    throw wrong(`one ${field.kind} value a row`);
  }
}
