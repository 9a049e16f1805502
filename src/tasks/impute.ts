// The gaps of data filled in: what a model expects there given the cells that are there, or draws of it.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import { refuseOutput } from "../data/write/output.ts";
import { openTableWriter, type TableColumn } from "../data/write/table.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { methods } from "../models/methods/index.ts";
import { type CompletedLayout, completedLayout, completedTables } from "./completed-table.ts";
import { type Completed, completions, hasInterval, targetsOf } from "./completion.ts";
import { copyTarget, imputeCopy } from "./impute-csv.ts";
import { imputeNpy, npyTarget } from "./impute-npy.ts";
import { seriesCompletions } from "./impute-series.ts";
import type { InferenceOptions } from "./inference.ts";
import { joined } from "./rows.ts";
import { type Run, runOf, sourceFor } from "./run.ts";
import { type OutputValues, outputColumns, outputValues } from "./table.ts";

export interface ImputeOptions extends InferenceOptions {
  /** K completed tables of draws, for multiple imputation. Default: one table of what is expected. */
  draws?: number;
  /** Intervals of numbers and moments that hold so large a share of what may stand there. */
  intervals?: number;
}

/** What was filled in. */
export interface ImputeSummary {
  rows: number;
  /** Cells that were missing and are not. */
  filled: number;
  /** Of each column that had gaps to be filled. */
  columns: { name: string; filled: number }[];
}

export interface Imputation extends ImputeSummary {
  /** The columns of the data and, with `intervals`, those of their ends. */
  infos: ColumnInfo[];
  /** The completed table, or with `draws` as many: values in the order of `infos`. */
  tables: ColumnValues[][];
}

const MOST_TABLES = 1000;

interface Asked {
  draws: number;
  interval: number | null;
}

function asked(run: Run, source: DataSource, options: ImputeOptions): Asked {
  const { draws, intervals, importanceSamples, seed = 0 } = options;
  checkNumber("--seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  if (importanceSamples !== undefined) {
    checkNumber("--importance-samples", importanceSamples, { min: 1, integer: true });
  }
  if (draws !== undefined) {
    checkNumber("--draws", draws, { min: 1, max: MOST_TABLES, integer: true });
  }
  if (intervals !== undefined) {
    const rule = { min: 0, above: true, max: 1 - 1e-9 };
    checkNumber("--intervals", intervals, rule);
  }
  const usage = (message: string, hint: string, code = "options-contradict") =>
    new ElboError({ code, kind: "usage", message, hint });
  if (draws !== undefined && intervals !== undefined) {
    throw usage(
      "--draws and --intervals both tell how sure a value is: draws differ by it, intervals are of the one that is expected",
      "Give one of them.",
    );
  }
  const { method } = run.config.model;
  const [flag] = [
    draws && "--draws",
    intervals && "--intervals",
    importanceSamples && "--importance-samples",
  ].filter(Boolean);
  if (flag && !methods[method].probabilistic) {
    throw usage(
      `${flag} needs a density; the run's method, ${method}, gives one value for a cell and no spread`,
      `Leave ${flag} out, or train with --method vae.`,
      "no-density",
    );
  }
  if (targetsOf(run, source).length === 0) {
    throw usage(
      `${source.source} has no column whose missing cells the run could fill in: the model gives no values of it, or of images and texts alone`,
      "Give data with columns that the run was trained on as data or targets.",
      "nothing-to-impute",
    );
  }
  if (intervals !== undefined && !targetsOf(run, source).some(({ field }) => hasInterval(field))) {
    throw usage(
      `--intervals are of numbers and times, one a row; what the run could fill in here are ${source.windows ? "windows of a series" : "vectors or levels"}`,
      "Give --draws K to see how sure the values are.",
      "no-interval",
    );
  }
  return { draws: draws ?? 0, interval: intervals ?? null };
}

/** The rows that are completed, those of the series where a run takes its windows, and how. */
function completing(run: Run, source: DataSource, options: ImputeOptions) {
  const { windows } = source;
  const { draws, interval } = asked(run, source, options);
  const wanted = { ...options, draws, interval };
  const rows = windows?.of ?? source;
  const chunks = windows
    ? seriesCompletions(run, source, windows, wanted)
    : completions(run, source, wanted);
  const tally = new Tally(rows);
  const layout = completedLayout(run, rows, interval !== null);
  return { draws, tally, layout, chunks: counted(chunks, tally) };
}

/** Counts what is filled in on the way. */
export class Tally {
  readonly #source: DataSource;
  readonly #filled = new Map<number, number>();
  #rows = 0;

  constructor(source: DataSource) {
    this.#source = source;
  }

  add({ rows, fills }: Completed): void {
    this.#rows += rows;
    for (const { column, cells } of fills) {
      this.#filled.set(column, (this.#filled.get(column) ?? 0) + cells);
    }
  }

  summary(): ImputeSummary {
    const columns = this.#source.columns.flatMap(({ name }, i) => {
      const filled = this.#filled.get(i);
      return filled === undefined ? [] : [{ name, filled }];
    });
    return {
      rows: this.#rows,
      filled: columns.reduce((sum, { filled }) => sum + filled, 0),
      columns,
    };
  }
}

/** All in memory. @throws ElboError `no-density` where draws are asked of a method without one. */
export async function impute(
  run: string | Run,
  data: string | DataSource,
  options: ImputeOptions = {},
): Promise<Imputation> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const { draws, tally, layout, chunks } = completing(opened, source, options);
    const count = Math.max(1, draws);
    const parts: ColumnValues[][][] = Array.from({ length: count }, () =>
      layout.infos.map(() => []),
    );
    for await (const chunk of chunks) {
      for (const [t, columns] of completedTables(chunk, layout, count).entries()) {
        for (const [i, values] of columns.entries()) parts[t]![i]!.push(values);
      }
    }
    const tables = parts.map((columns) => columns.map(joined));
    return { ...tally.summary(), infos: layout.infos, tables };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** The files of K tables: `NAME-1.csv`, …; of one the path itself. */
export function tablePaths(path: string, draws: number): string[] {
  if (draws === 0) return [path];
  const [, stem, extension] = /^(.*?)((?:\.[^./\\]*?(?:\.gz)?)?)$/s.exec(path)!;
  return Array.from({ length: draws }, (_, t) => `${stem}-${t + 1}${extension}`);
}

/**
 * Writes the completed table, or with `draws` K of them as `NAME-1.csv`, `NAME-2.csv`, …, in bounded
 * memory. From a CSV or TSV file to one of the same sort, and from .npy to .npy, what was there is copied
 * byte by byte.
 */
export async function imputeTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: ImputeOptions & { force?: boolean } = {},
): Promise<ImputeSummary & { outputs: string[] }> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const { draws, tally, layout, chunks } = completing(opened, source, options);
    const outputs = tablePaths(path, draws);
    for (const output of outputs) refuseOutput(output, "table", options);
    const added = layout.infos.slice(layout.own);
    // Of rows that were put in order no bytes can be copied.
    const csv = source.windows?.sorted ? null : await copyTarget(source.source, path);
    const npy = await npyTarget(source.source, path);
    if (csv) {
      const columns = layout.infos.flatMap(outputColumns);
      const cells = { columns, added: added.length, ranged: layout.ranged };
      await imputeCopy(outputs, csv, cells, source.columns, chunks);
    } else if (npy && added.length === 0) await imputeNpy(outputs, npy, chunks);
    else await writeTables(outputs, layout, chunks, options);
    return { ...tally.summary(), outputs };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

async function* counted(chunks: AsyncIterable<Completed>, tally: Tally): AsyncGenerator<Completed> {
  for await (const chunk of chunks) {
    tally.add(chunk);
    yield chunk;
  }
}

async function writeTables(
  paths: readonly string[],
  layout: CompletedLayout,
  chunks: AsyncIterable<Completed>,
  options: { force?: boolean },
): Promise<void> {
  const columns: TableColumn[] = layout.infos.flatMap(outputColumns);
  const writers = [];
  try {
    for (const path of paths) writers.push(await openTableWriter(path, columns, options));
    for await (const chunk of chunks) {
      const { rows } = chunk;
      for (const [t, values] of completedTables(chunk, layout, paths.length).entries()) {
        const cells = layout.infos.flatMap((info, i): OutputValues[] =>
          outputValues(info, values[i]!, rows),
        );
        await writers[t]!.write(cells, rows);
      }
    }
    for (const writer of writers) await writer.close();
  } catch (cause) {
    for (const writer of writers) await writer.abort();
    throw cause;
  }
}
