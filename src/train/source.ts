// Opens the data of training: as the options say, and again as a run had it.
import { openData } from "../data/open.ts";
import { type ReadingChoice, readBy } from "../data/reading/choice.ts";
import type { ColumnReading, Readings } from "../data/reading/read-as.ts";
import { type WindowChoice, windowsOf } from "../data/series/windows.ts";
import type { DataSource } from "../data/source.ts";
import { type Declarations, declaredReading } from "../fields/declarations.ts";
import { type Field, type FieldSchema, isModelled } from "../fields/field.ts";
import { ISO } from "../fields/times/detect.ts";
import type { RunConfig } from "./config.ts";
import { parseSize } from "./option-values.ts";
import type { TrainOptions } from "./options.ts";
import { declarationsOf } from "./prepare.ts";

/** Columns that a person has called something else than a vector of data. */
function declaredSingle({ schema = [], ...roles }: Declarations): string[] {
  const { target = [], condition = [], id = [], ignore = [], weight, kind = {} } = roles;
  const declared = { ...Object.fromEntries(schema.map((of) => [of.name, of.kind])), ...kind };
  return [
    ...[...target, ...condition, ...id, ...ignore, ...(weight === undefined ? [] : [weight])],
    ...Object.keys(declared).filter((name) => declared[name] && declared[name] !== "vector"),
  ];
}

/** Rows in memory are a source already: they are read as is asked, and cut where they have not been. */
async function cut(
  source: DataSource,
  reading: ReadingChoice,
  window: WindowChoice | undefined,
): Promise<DataSource> {
  if (source.windows !== undefined) return source;
  const read = await readBy(source, reading);
  return window === undefined ? read : windowsOf(read, window);
}

/**
 * Opens what a person named.
 * @param like data whose columns these are read as; default as they are declared, or seem to be.
 */
export async function sourceOf(
  data: string | DataSource,
  options: TrainOptions = {},
  like?: DataSource,
): Promise<DataSource> {
  const { labels, size, window } = options;
  const declarations = await declarationsOf(options);
  const reading: ReadingChoice = like
    ? { settled: readingsLike(like) }
    : { declared: declaredReading(declarations) };
  const windows =
    window === undefined ? undefined : { size: window, last: declaredSingle(declarations) };
  if (typeof data !== "string") return cut(data, reading, windows);
  return openData(data, {
    ...(labels === undefined ? {} : { labels }),
    ...(size === undefined ? {} : { size: parseSize(size) }),
    ...(windows === undefined ? {} : { window: windows }),
    reading,
  });
}

/** Other data read as one that is open. */
function readingsLike(source: DataSource): Readings {
  return new Map(
    source.columns.map((info): [string, ColumnReading] => [
      info.name,
      {
        missing: info.missing,
        ...(info.type === "time" ? { format: info.format ?? ISO, date: info.date } : {}),
        numbers: info.missing !== undefined && (info.type === "number" || info.type === "vector"),
      },
    ]),
  );
}

/** What the configuration of a run remembers of it. */
export function windowOf(
  { windows }: DataSource,
  { window }: TrainOptions,
): RunConfig["data"]["window"] {
  if (windows !== undefined) return { of: "series", size: windows.size };
  return window === undefined ? null : { of: "text", size: window };
}

/** The windows of a run, whose vectors are the columns that were cut. */
export function runWindow({ data, schema }: RunConfig): WindowChoice | undefined {
  if (data.window === null) return undefined;
  const single = schema.fields.filter(({ kind }) => kind !== "vector");
  return { size: data.window.size, last: single.map(({ name }) => name) };
}

const numberKinds: readonly string[] = ["real", "positive", "count", "binary", "vector"];

function readingOf(field: Field): ColumnReading {
  const missing = isModelled(field) ? field.missing : undefined;
  return {
    missing,
    ...(field.kind === "time" ? { format: "format" in field ? field.format : ISO } : {}),
    date: "date" in field && field.date,
    numbers: missing !== undefined && numberKinds.includes(field.kind),
  };
}

/** How a run's columns are read. @param fields those of them that are; default all. */
export const runReadings = (
  { fields }: FieldSchema,
  wanted: (field: Field) => boolean = () => true,
): Readings =>
  new Map(
    fields.filter(wanted).map((field): [string, ColumnReading] => [field.name, readingOf(field)]),
  );

/** Rows in memory for a run, of a series in windows; those that have vectors are windows already. */
export async function cutFor(
  config: RunConfig,
  source: DataSource,
  settled: Readings = runReadings(config.schema),
): Promise<DataSource> {
  const whole = !source.columns.some(({ type }) => type === "vector");
  const window = whole && config.data.window?.of === "series" ? runWindow(config) : undefined;
  return cut(source, { settled }, window);
}

/** The data of a run, or the same elsewhere, opened as for training. */
export async function reopen(config: RunConfig, data: string | DataSource): Promise<DataSource> {
  if (typeof data !== "string") return cutFor(config, data);
  const { labels, size } = config.data;
  const window = runWindow(config);
  return openData(data, {
    ...(labels === null ? {} : { labels }),
    ...(size === null ? {} : { size }),
    ...(window === undefined ? {} : { window }),
    reading: { settled: runReadings(config.schema) },
  });
}
