// What a file, or rows in memory, is to training: src/train/summary.ts of what a person names.
import type { DataSource } from "../data/source.ts";
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
    return summaryOf(source, await fieldsOf(source, options));
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
