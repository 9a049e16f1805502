// `--where COLUMN=VALUE`: the values of condition fields, the same for all rows drawn.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { columnsOf, type MemoryValues } from "../data/in-memory.ts";
import type { DataSource } from "../data/source.ts";
import { type FieldSchema, isModelled, type ModelledField } from "../fields/field.ts";

function badWhere(message: string, hint: string): ElboError {
  return new ElboError({ code: "where-invalid", kind: "usage", message, hint });
}

function parsed(field: ModelledField, text: string): string | number | Date {
  switch (field.kind) {
    case "categorical":
    case "ordinal":
      if (!field.levels.includes(text)) {
        const guess = nearest(text, field.levels);
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
      const moment = new Date(text);
      if (Number.isNaN(moment.getTime())) {
        throw badWhere(
          `--where ${field.name}=${text}: a date is wanted`,
          "Write it as 2026-11-23.",
        );
      }
      return moment;
    }
    case "real":
    case "positive":
    case "count":
    case "binary": {
      const boolean = text === "true" ? 1 : text === "false" ? 0 : undefined;
      const number = boolean ?? (text.trim() === "" ? Number.NaN : Number(text));
      if (Number.isFinite(number)) return number;
      throw badWhere(`--where ${field.name}=${text}: a number is wanted`, "Write it as 3.1.");
    }
    case "image":
    case "vector":
    case "text":
      throw badWhere(
        `--where ${field.name}: ${field.kind} fields cannot be given as one value`,
        "Train without this condition to sample from the command line.",
      );
    default:
      return field satisfies never;
  }
}

/**
 * Rows of the condition fields, all the same; null where the schema has none.
 * @throws ElboError `where-invalid` where one is missing, unknown, or no value of its field.
 */
export function conditionRows(
  schema: FieldSchema,
  where: Readonly<Record<string, string>>,
  rows: number,
): { schema: FieldSchema; source: DataSource } | null {
  const fields = schema.fields.filter(isModelled).filter(({ role }) => role === "condition");
  const names = fields.map(({ name }) => name);
  const stranger = Object.keys(where).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw badWhere(
      `--where ${stranger}: the run has ${names.length === 0 ? "no condition fields" : `the condition fields ${names.join(", ")}`}`,
      "Only columns given as --condition when the run was trained can be set.",
    );
  }
  const missing = names.filter((name) => where[name] === undefined);
  if (missing.length > 0) {
    throw badWhere(
      `the run is conditional: it needs a value of ${missing.join(", ")}`,
      `Add ${missing.map((name) => `--where ${name}=VALUE`).join(" ")}.`,
    );
  }
  if (fields.length === 0) return null;
  const columns = fields.map((field): [string, MemoryValues] => {
    const value = parsed(field, where[field.name]!);
    return [field.name, new Array(rows).fill(value)];
  });
  return { schema: { fields }, source: columnsOf(Object.fromEntries(columns)) };
}
