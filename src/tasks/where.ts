// `--where COLUMN=VALUE`: the values of fields, the same for all rows drawn. Those of conditions are
// given to the model; what the others make likely is inferred (./given.ts).
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { columnsOf, type MemoryValues } from "../data/in-memory.ts";
import type { DataSource } from "../data/source.ts";
import { exampleOf } from "../fields/example.ts";
import {
  type BinaryField,
  type FieldSchema,
  isModelled,
  type ModelledField,
} from "../fields/field.ts";
import { logOf } from "../fields/hurdle.ts";
import { numberIn } from "../fields/packing/numbers.ts";
import { knownFormat } from "../fields/times/format.ts";
import { readTimeText } from "../fields/times/iso-time.ts";

function badWhere(message: string, hint: string): ElboError {
  return new ElboError({ code: "where-invalid", kind: "usage", message, hint });
}

/** What is wanted of each kind of number, and an example. */
const numbersOf = {
  real: ["a number", "3.1"],
  positive: ["a number of at least 0", "3.1"],
  count: ["a whole number of at least 0", "3"],
} as const;

function truth({ name, boolean }: BinaryField, text: string): number {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1") return 1;
  if (word === "false" || word === "0") return 0;
  const [no, yes] = boolean ? ["false", "true"] : ["0", "1"];
  throw badWhere(
    `--where ${name}=${text}: ${yes} or ${no} is wanted`,
    `Write it as ${name}=${yes}.`,
  );
}

function parsed(field: ModelledField, text: string): string | number | Date {
  switch (field.kind) {
    case "categorical":
    case "ordinal":
      if (!field.levels.includes(text)) {
        const guess = field.of === "text" ? nearest(text, field.levels) : undefined;
        throw badWhere(
          `--where ${field.name}=${text}: no training row has this value`,
          guess
            ? `Did you mean ${guess}?`
            : `Its values are ${field.levels.slice(0, 10).join(", ")}.`,
        );
      }
      return field.of === "text"
        ? text
        : field.of === "boolean"
          ? +(text === "true")
          : Number(text);
    case "time": {
      const own = field.format === undefined ? Number.NaN : knownFormat(field.format).read(text);
      const moment = new Date(Number.isNaN(own) ? readTimeText(text.trim()) : own);
      if (!Number.isNaN(moment.getTime())) return moment;
      const example = field.date ? "2026-11-23" : "2026-11-23T10:00";
      throw badWhere(
        `--where ${field.name}=${text}: a ${field.date ? "date" : "time"} is wanted`,
        `Write it as ${example}.`,
      );
    }
    case "binary":
      return truth(field, text);
    case "real":
    case "positive":
    case "count": {
      const number = numberIn(text);
      const fits =
        field.kind === "real" ||
        (number >= 0 && (field.kind === "positive" || Number.isInteger(number)));
      if (Number.isFinite(number) && fits) return number;
      const [wanted, example] = numbersOf[field.kind];
      throw badWhere(
        `--where ${field.name}=${text}: ${wanted} is wanted`,
        `Write it as ${example}.`,
      );
    }
    case "image":
    case "vector":
    case "text":
      throw badWhere(
        `--where ${field.name}: ${field.kind} fields cannot be given as one value`,
        field.role === "condition"
          ? "Leave it out of elbo sample, which then draws it as it is in training rows."
          : "Give columns of one value a row.",
      );
    default:
      return field satisfies never;
  }
}

/** A field that is no condition, and the value that rows are to have there. */
export interface Given {
  field: ModelledField;
  value: string | number | Date;
}

/** Deviations from a column's mean beyond which hardly any column has a value. */
const FAR = 10;

/** Where a number stands in its column, in deviations of what the encoder sees; 0 of what is none. */
function deviationsOf({ field, value }: Given): number {
  if (field.kind === "real" && field.scale === "none") return 0;
  if (field.kind === "real") return (Number(value) - field.mean) / field.deviation;
  if (field.kind === "count") return (Math.log1p(Number(value)) - field.mean) / field.deviation;
  if (field.kind !== "positive") return 0;
  return (logOf(field, Number(value)) - field.mean) / field.deviation;
}

/** Of numbers that training has seen nothing near. */
export function farNotes(given: readonly Given[]): { code: string; message: string }[] {
  return given
    .map((one) => ({ ...one, away: Math.abs(deviationsOf(one)) }))
    .filter(({ away }) => away > FAR)
    .map(({ field, value, away }) => ({
      code: "where-far",
      message: `--where ${field.name}=${value} lies ${away.toPrecision(2)} deviations from the mean of the training rows: of such rows the model has learned nothing`,
    }));
}

/**
 * The fields that are no conditions.
 * @throws ElboError `where-invalid` of one that the model has not, or no value of its field.
 */
export function givenFields(schema: FieldSchema, where: Readonly<Record<string, string>>): Given[] {
  const fields = schema.fields.filter(isModelled);
  const names = fields.map(({ name }) => name);
  for (const name of Object.keys(where)) {
    if (names.includes(name)) continue;
    const guess = nearest(name, names);
    const left = schema.fields.find((field) => field.name === name);
    throw badWhere(
      left
        ? `--where ${name}: the run's model has no values of this column, whose role is ${left.role}`
        : `--where ${name}: the run has no such column; it has ${names.join(", ")}`,
      guess ? `Did you mean ${guess}?` : "Name a column of the model; elbo inspect RUN lists them.",
    );
  }
  return fields
    .filter(({ name, role }) => role !== "condition" && where[name] !== undefined)
    .map((field) => ({ field, value: parsed(field, where[field.name]!) }));
}

/**
 * The values given of condition fields.
 * @throws ElboError `where-invalid` of one that is no value of its field.
 */
export function conditionValues(
  schema: FieldSchema,
  where: Readonly<Record<string, string>>,
): Map<string, Given["value"]> {
  const fields = schema.fields.filter(isModelled).filter(({ role }) => role === "condition");
  return new Map(
    fields
      .filter(({ name }) => where[name] !== undefined)
      .map((field) => [field.name, parsed(field, where[field.name]!)]),
  );
}

/**
 * Rows of the condition fields, all the same; null where the schema has none.
 * @throws ElboError `where-invalid` where one is missing, or no value of its field.
 */
export function conditionRows(
  schema: FieldSchema,
  where: Readonly<Record<string, string>>,
  rows: number,
): { schema: FieldSchema; source: DataSource; values: Map<string, Given["value"]> } | null {
  const fields = schema.fields.filter(isModelled).filter(({ role }) => role === "condition");
  const missing = fields.filter(({ name }) => where[name] === undefined);
  if (missing.length > 0) {
    const words = missing.map((field) => `--where ${field.name}=${exampleOf(field)}`);
    throw badWhere(
      `the run is conditional: it needs a value of ${missing.map(({ name }) => name).join(", ")}`,
      `For example ${words.join(" ")}.`,
    );
  }
  if (fields.length === 0) return null;
  const values = conditionValues(schema, where);
  const columns = [...values].map(([name, value]): [string, MemoryValues] => [
    name,
    new Array(rows).fill(value),
  ]);
  return { schema: { fields }, source: columnsOf(Object.fromEntries(columns)), values };
}
