// What a file, or rows in memory, is to training: src/train/summary.ts of what a person names.
import type { DataNote, DataSource } from "../data/source.ts";
import { checkOptions, type TrainOptions } from "../train/options.ts";
import { fieldsOf } from "../train/prepare.ts";
import { sourceOf } from "../train/source.ts";
import { type DataSummary, summaryOf } from "../train/summary.ts";

/** The options of train that say what columns are. */
export type FieldOptions = Pick<
  TrainOptions,
  | "method"
  | "target"
  | "condition"
  | "id"
  | "ignore"
  | "weight"
  | "anomalyLabel"
  | "kind"
  | "timeFormat"
  | "missing"
  | "likelihood"
  | "schema"
  | "scale"
  | "binarize"
  | "labels"
  | "size"
  | "vocabulary"
  | "window"
>;

/** Columns named in a note. */
const NAMED = 5;

/** What a source knows of its rows beside their data, and how it is made part of a model. */
function carriedNotes({ columns, windows }: DataSource, { rows, fields }: DataSummary): DataNote[] {
  if (windows) return [];
  const known = columns.filter(({ role }) => role === "id").map(({ name }) => name);
  const names = fields
    .filter(({ name, role, distinct }) => {
      return known.includes(name) && role === "id" && distinct !== rows;
    })
    .map(({ name }) => name);
  if (names.length === 0) return [];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const are = names.length === 1 ? "is" : "are";
  return [
    {
      code: "columns-carried",
      message: `${names.slice(0, NAMED).join(", ")}${more} ${are} carried along and not learned: --target COLUMN has one predicted (a label), --condition COLUMN gives one to the model (a batch), --kind COLUMN=KIND makes it data`,
    },
  ];
}

/**
 * Summarises a file, or rows in memory, as training would take them.
 * @returns with `schema`, the text of a file of fields that can be edited and given to train.
 */
export async function inspect(
  data: string | DataSource,
  options: FieldOptions = {},
): Promise<DataSummary & { schema: string }> {
  checkOptions(options);
  const source = await sourceOf(data, options);
  try {
    const summary = summaryOf(source, await fieldsOf(source, options));
    return { ...summary, notes: [...summary.notes, ...carriedNotes(source, summary)] };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
