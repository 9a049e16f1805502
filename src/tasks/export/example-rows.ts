// Two rows to try exported files with: ordinary values, and the same with a gap, or where a gap says
// nothing another value.
import { type FieldSchema, isModelled, type ModelledField } from "../../fields/field.ts";
import { gapMark } from "../../fields/onnx/names.ts";
import type { Part } from "./part.ts";

/** Numbers, null where one is missing; texts; and lists of those. */
type Cell = number | string | null | readonly Cell[];

/** Columns by the names that files take them under. */
export type ExampleRows = Record<string, readonly Cell[]>;

const DAY_MS = 86_400_000;
const short = (value: number) => Number(value.toPrecision(6));

function mostFrequent(levels: readonly string[], shares: readonly number[]): string {
  return levels[shares.indexOf(Math.max(...shares))] ?? levels[0] ?? "";
}

/** A square that is bright in the dark, or dark in the bright. */
function squareImage(
  { height, width, channels, bytes, low, high }: Extract<ModelledField, { kind: "image" }>,
  bright: boolean,
): Cell {
  const inside = (at: number, size: number) => at >= size / 4 && at < (3 * size) / 4;
  const [dark, light] = bytes ? [0, 255] : [low, high];
  return Array.from({ length: height }, (_row, y) =>
    Array.from({ length: width }, (_column, x) => {
      const lit = (inside(y, height) && inside(x, width)) === bright;
      return new Array<number>(channels).fill(lit ? light : dark);
    }),
  );
}

function ordinary(field: ModelledField): Cell {
  switch (field.kind) {
    case "real":
      return short(field.mean);
    case "positive":
      return short(Math.max(Math.exp(field.mean) - field.offset, Number.MIN_VALUE));
    case "count":
      return Math.max(0, Math.round(Math.exp(field.logMean)));
    case "binary":
      return Number(field.mean > 0.5);
    case "categorical":
    case "ordinal": {
      const level = mostFrequent(field.levels, field.shares);
      if (field.of === "boolean") return Number(level === "true");
      return field.of === "number" ? Number(level) : level;
    }
    case "time":
      return field.date ? Math.round(field.mean) * DAY_MS : Math.round(field.mean * DAY_MS);
    case "vector":
      return field.counts ? field.mean.map(() => 1) : field.mean.map(short);
    case "image":
      return squareImage(field, true);
    case "text": {
      const symbols = field.vocabulary.slice(0, field.length - 1);
      return Array.from({ length: field.length }, (_, i) => symbols[i] ?? "");
    }
    default:
      return field satisfies never;
  }
}

/** Another value of a field that stands alone, of which a gap says nothing. */
function another(field: ModelledField): Cell {
  switch (field.kind) {
    case "image":
      return squareImage(field, false);
    case "text": {
      const symbols = field.vocabulary.slice(0, field.length - 1).reverse();
      return Array.from({ length: field.length }, (_, i) => symbols[i] ?? "");
    }
    case "vector":
      if (field.counts) return field.mean.map((_, i) => 1 + (i % 2));
      return field.mean.map((mean, i) => short(mean + field.deviation[i]!));
    case "real":
      return short(field.mean + field.deviation);
    case "categorical":
    case "ordinal":
    case "positive":
    case "count":
    case "binary":
    case "time":
      return ordinary(field);
    default:
      return field satisfies never;
  }
}

/** The field's gap; of images, which have none, another one. */
function gapOf(field: ModelledField): Cell {
  switch (field.kind) {
    case "categorical":
    case "ordinal":
      return field.of === "text" ? gapMark(field) : null;
    case "text":
      return [gapMark(field), ...new Array<string>(field.length - 1).fill("")];
    case "vector":
      return new Array<null>(field.size).fill(null);
    case "image":
      return another(field);
    case "real":
    case "positive":
    case "count":
    case "binary":
    case "time":
      return null;
    default:
      return field satisfies never;
  }
}

/** The columns that any of the files takes. */
export function exampleRows({ fields }: FieldSchema, parts: readonly Part[]): ExampleRows {
  const modelled = fields.filter(isModelled);
  // A condition without its value says little, and so does a row without any.
  const first = modelled.find(({ role }) => role === "data");
  const rows: ExampleRows = {};
  for (const { columns } of parts) {
    for (const [name, field] of columns) {
      const value = ordinary(field);
      const alone = modelled.length === 1;
      rows[name] = [value, field !== first ? value : alone ? another(field) : gapOf(field)];
    }
  }
  return rows;
}
