// What data is, before anything is trained on it: the fields that training would take, what the
// columns hold, and what a person should look at. It runs wherever a source can be read.
import type { DataNote, DataSource } from "../data/source.ts";
import type { ColumnProfile } from "../fields/column-profile.ts";
import type { Field } from "../fields/field.ts";
import type { Finding } from "../fields/findings.ts";
import { schemaText } from "../fields/schema-text.ts";
import type { DeclaredFields } from "./declared-fields.ts";

export interface FieldSummary {
  name: string;
  kind: Field["kind"];
  role: Field["role"];
  /** Null of columns that are not modelled. */
  likelihood: string | null;
  /** Rows without a value; of vectors, cells. */
  missing: number;
  /** Different values; null where they are not counted. */
  distinct: number | null;
  /** Of numbers, vectors and pixels; of times in ISO 8601; null where there is no order. */
  min: number | string | null;
  mean: number | null;
  max: number | string | null;
  /** The most frequent levels and their rows, at most 5. */
  frequent: { value: string; count: number }[];
  /** Of times that are not written as in ISO 8601: how they are. */
  format?: string;
  /** Values a row: 1, or of vectors their size and of images their shape. */
  shape: number[];
}

export interface DataSummary {
  source: string;
  rows: number;
  fields: FieldSummary[];
  findings: Finding[];
  /** Anything to know about how the data was read. */
  notes: DataNote[];
}

const iso = (ms: number, date: boolean) =>
  Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, date ? 10 : 19);
const finite = (value: number) => (Number.isFinite(value) ? value : null);

function frequentLevels(levels: readonly { value: string | number; count: number }[] | null) {
  return (levels ?? [])
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 5)
    .map(({ value, count }) => ({ value: String(value), count }));
}

function summary(field: Field, profile: ColumnProfile): FieldSummary {
  const { name, kind, role } = field;
  const common = {
    ...{ name, kind, role, missing: profile.missing, frequent: [], shape: [1] },
    likelihood: "likelihood" in field ? field.likelihood : null,
    ...{ distinct: null, min: null, mean: null, max: null },
  };
  switch (profile.type) {
    case "number":
      return {
        ...common,
        distinct: profile.distinct.count,
        ...{ min: finite(profile.min), mean: finite(profile.mean), max: finite(profile.max) },
        frequent:
          kind === "categorical" || kind === "ordinal" ? frequentLevels(profile.levels) : [],
      };
    case "text": {
      const { distinct, levels } = profile;
      return { ...common, distinct: distinct.count, frequent: frequentLevels(levels) };
    }
    case "time": {
      const { min, max, wholeDays, info } = profile;
      const other =
        info.format === undefined || info.format.startsWith("%Y-%m-%d")
          ? {}
          : { format: info.format };
      return { ...common, ...other, min: iso(min, wholeDays), max: iso(max, wholeDays) };
    }
    case "vector":
      return {
        ...common,
        ...{ min: finite(profile.min), max: finite(profile.max), shape: [profile.info.size] },
      };
    case "image": {
      const { height, width, channels } = profile.info;
      return { ...common, min: profile.min, max: profile.max, shape: [height, width, channels] };
    }
    default:
      return profile satisfies never;
  }
}

/** With `schema`, the text of a file of fields that can be edited and given to train. */
export function summaryOf(
  source: DataSource,
  { schema, findings, profiles }: DeclaredFields,
): DataSummary & { schema: string } {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  return {
    source: source.source,
    rows: source.rows,
    fields: schema.fields.map((field) => summary(field, byName.get(field.name)!)),
    findings,
    notes: source.notes,
    schema: schemaText(schema.fields),
  };
}
