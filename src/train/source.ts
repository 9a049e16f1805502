// Opens the data of training: as the options say, and again as a run had it.
import { openData } from "../data/open.ts";
import { type WindowChoice, windowsOf } from "../data/series/windows.ts";
import type { DataSource } from "../data/source.ts";
import type { RunConfig } from "./config.ts";
import { parseSize, type TrainOptions } from "./options.ts";
import { declarationsOf } from "./prepare.ts";

/** Columns that a person has called something else than a vector of data. */
async function declaredSingle(options: TrainOptions): Promise<string[]> {
  const { schema = [], ...roles } = await declarationsOf(options);
  const { target = [], condition = [], id = [], ignore = [], weight, kind = {} } = roles;
  const declared = { ...Object.fromEntries(schema.map((of) => [of.name, of.kind])), ...kind };
  return [
    ...[...target, ...condition, ...id, ...ignore, ...(weight === undefined ? [] : [weight])],
    ...Object.keys(declared).filter((name) => declared[name] && declared[name] !== "vector"),
  ];
}

/** Rows in memory are a source already, and are cut where they have not been. */
async function cut(source: DataSource, window: WindowChoice | undefined): Promise<DataSource> {
  return window === undefined || source.windows !== undefined ? source : windowsOf(source, window);
}

/** Opens what a person named. */
export async function sourceOf(
  data: string | DataSource,
  options: TrainOptions = {},
): Promise<DataSource> {
  const { labels, size, window } = options;
  const windows =
    window === undefined ? undefined : { size: window, last: await declaredSingle(options) };
  if (typeof data !== "string") return cut(data, windows);
  return openData(data, {
    ...(labels === undefined ? {} : { labels }),
    ...(size === undefined ? {} : { size: parseSize(size) }),
    ...(windows === undefined ? {} : { window: windows }),
  });
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

/** Rows in memory for a run of a series; those that have vectors are windows. */
export async function cutFor(config: RunConfig, source: DataSource): Promise<DataSource> {
  if (source.columns.some(({ type }) => type === "vector")) return source;
  return cut(source, config.data.window?.of === "series" ? runWindow(config) : undefined);
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
  });
}
