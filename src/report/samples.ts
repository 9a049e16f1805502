// New rows for a report, as `elbo sample` draws them, and a condition that all that is shown of latents has.
import { exampleOf } from "../fields/example.ts";
import { isModelled, type ModelledField } from "../fields/field.ts";
import { methods } from "../models/methods/index.ts";
import { unpacked } from "../tasks/kept-rows.ts";
import { type RawRows, sourceOfRows } from "../tasks/raw-rows.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
import { sample } from "../tasks/sample.ts";
import type { SamplerName } from "../tasks/samplers.ts";
import type { RunConfig } from "../train/config.ts";
import type { Reference } from "../train/reference.ts";
import { some, within } from "./shown-rows.ts";

/** New rows, and their numbers in all. */
const [MOST, NUMBERS] = [1000, 1e6];
/** Texts are written symbol by symbol. */
const MOST_TEXTS = 100;
/** Latents that a density is fitted to where a method has no prior. */
const FITTED = 5000;

export interface GeneratedRows {
  rows: RawRows;
  /** Where their latents come from. */
  sampler: SamplerName;
}

type Where = Readonly<Record<string, string>>;

const conditionsOf = ({ schema }: RunConfig) =>
  schema.fields.filter(isModelled).filter(({ role }) => role === "condition");

/** A value as `--where` takes it; null where it is missing. */
function textOf(field: ModelledField, rows: RawRows, row: number): string | null {
  const column = rows.values[rows.columns.findIndex(({ name }) => name === field.name)];
  if (column?.type === "text") return column.values[row] ?? null;
  if (column?.type !== "number" && column?.type !== "time") return null;
  const value = column.values[row]!;
  if (Number.isNaN(value)) return null;
  if (field.kind === "time") return new Date(value).toISOString();
  const truth = "of" in field && field.of === "boolean";
  return truth ? String(value === 1) : String(value);
}

/** Conditions of rows that have all of them. */
function whereOf(config: RunConfig, rows: RawRows | null, row: number): Where | null {
  const entries: [string, string][] = [];
  for (const field of conditionsOf(config)) {
    const text = rows && textOf(field, rows, row);
    if (text === null || ("levels" in field && !field.levels.includes(text))) return null;
    entries.push([field.name, text]);
  }
  return Object.fromEntries(entries);
}

/**
 * Of one row of the data, or by way of an example: what all that is drawn at one condition has; null where
 * a condition is no single value.
 */
export function exampleConditions(config: RunConfig, rows: RawRows | null): Where | null {
  const given = conditionsOf(config).every(
    ({ kind }) => !["image", "vector", "text"].includes(kind),
  );
  if (!given) return null;
  const first = rows && rows.rows > 0 ? whereOf(config, rows, 0) : null;
  if (first) return first;
  return Object.fromEntries(conditionsOf(config).map((field) => [field.name, exampleOf(field)]));
}

/** @param proposed what training proposes new rows with; null for the default. */
export async function generated(
  run: Run,
  kept: Reference | null,
  proposed: SamplerName | null,
  options: TaskOptions,
): Promise<GeneratedRows | null> {
  const { config } = run;
  const hasPrior = methods[config.model.method].prior !== undefined;
  const fallback = hasPrior ? "prior" : "mixture";
  // Where the rows are gone that a mixture would be fitted to, the prior's are what there is.
  const sampler = hasPrior && !kept ? "prior" : (proposed ?? fallback);
  // A density fitted to latents needs rows, and so do conditions.
  if ((sampler === "mixture" || conditionsOf(config).length > 0) && !kept) return null;
  const data = sampler === "mixture" && kept ? some(unpacked(config, kept.training), FITTED) : null;
  const texts = config.schema.fields.some((field) => isModelled(field) && field.kind === "text");
  const count = texts ? MOST_TEXTS : within(config, NUMBERS, MOST);
  const rows = await sample(run, count, {
    ...options,
    sampler,
    ...(data ? { data: sourceOfRows("rows of the report", data) } : {}),
    seed: 0,
  });
  return { rows, sampler };
}
