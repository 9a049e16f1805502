// What synthetic rows are worth beside real ones: whether they are alike, whether they serve as well, and
// whether they give real rows away. Every figure stands beside the same of real rows and real rows.
import { ElboError } from "../../base/errors.ts";
import type { DataSource } from "../../data/source.ts";
import type { ModelledField } from "../../fields/field.ts";
import { matchColumns } from "../../fields/packing/match.ts";
import {
  type ComparedColumn,
  columnDistance,
  pairDistance,
} from "../../metrics/compared-columns.ts";
import { decodedGroups } from "../../models/graphs.ts";
import { streams } from "../../runtime/random.ts";
import { Sequence } from "../../runtime/sequence.ts";
import { someRows } from "../explain/some-rows.ts";
import type { ModelRows } from "../rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "../run.ts";
import {
  comparedColumns,
  comparedFields,
  type RawTable,
  rowsOf,
  tableOfColumns,
  tableOfPacked,
} from "./compared-table.ts";
import { copies, type Distances, type Membership, membership, recordDistances } from "./privacy.ts";
import { type Usefulness, usefulness } from "./usefulness.ts";

/** Of synthetic rows, and of one half of the real rows beside the other. */
export interface Beside {
  synthetic: number;
  real: number;
}

export interface SyntheticReport {
  rows: { synthetic: number; real: number };
  /** Of each column: the KS distance of numbers, the total variation of levels. */
  marginals: ({ field: string } & Beside)[];
  /** Pairs of columns that differ most, and the mean over all; see `pairDistance`. */
  pairs: { mean: Beside; worst: ({ fields: [string, string] } & Beside)[] };
  usefulness: Usefulness | null;
  distances: { synthetic: Distances; real: Distances };
  /** Null where the run holds too few rows of which some were held out. */
  membership: Membership | null;
  /** Shares of rows that are a real row, cell for cell. */
  copies: Beside;
}

/** Rows of each sort that are compared at most. */
export const REPORT_ROWS = 4000;
/** Columns that pairs are made of at most. */
const PAIRED = 30;
const WORST = 5;
/** Rows of the run's own that an attack is tried on, of either sort. */
const ATTACKED = 2000;

/** Two halves of the rows, by chance. */
function halves(table: RawTable, seed: number): [RawTable, RawTable] {
  const draws = new Sequence(seed, streams.split, 0);
  const keyed = Array.from({ length: table.rows }, (_, row) => ({ row, key: draws.uniform() }));
  keyed.sort((a, b) => a.key - b.key);
  const order = keyed.map(({ row }) => row);
  const middle = Math.floor(order.length / 2);
  return [rowsOf(table, order.slice(0, middle)), rowsOf(table, order.slice(middle))];
}

const first = (table: RawTable, rows: number): RawTable =>
  rowsOf(
    table,
    Array.from({ length: Math.min(rows, table.rows) }, (_, i) => i),
  );

function pairsOf(
  names: readonly string[],
  synthetic: readonly ComparedColumn[],
  real: readonly ComparedColumn[],
  other: readonly ComparedColumn[],
): SyntheticReport["pairs"] {
  const all: SyntheticReport["pairs"]["worst"] = [];
  for (let b = 1; b < Math.min(PAIRED, names.length); b++) {
    for (let a = 0; a < b; a++) {
      const of = (columns: readonly ComparedColumn[]) =>
        pairDistance([real[a]!, real[b]!], [columns[a]!, columns[b]!]);
      all.push({ fields: [names[a]!, names[b]!], synthetic: of(synthetic), real: of(other) });
    }
  }
  const mean = (of: (pair: Beside) => number) =>
    all.reduce((sum, pair) => sum + of(pair), 0) / Math.max(1, all.length);
  all.sort((p, q) => q.synthetic - q.real - (p.synthetic - p.real));
  return {
    mean: { synthetic: mean((pair) => pair.synthetic), real: mean((pair) => pair.real) },
    worst: all.slice(0, WORST),
  };
}

/** The fields that a report compares. @throws ElboError `no-columns` where the model gives none. */
function reportFields({ config: { schema } }: Run): ModelledField[] {
  const fields = comparedFields(schema);
  if (fields.length > 0) return fields;
  throw new ElboError({
    code: "no-columns",
    kind: "usage",
    message: "a report compares columns of one value a row, and the run's model gives none",
    hint: "Leave --report out; elbo evaluate tells how good a model of images or texts is.",
  });
}

/**
 * Refuses real rows that no report can be made of.
 * @throws ElboError `no-columns`, `data-mismatch`, `data-empty`.
 */
export function checkReal(run: Run, source: DataSource): void {
  reportFields(run);
  matchColumns(run.config.schema, source, "scoring");
  if (source.rows >= 4) return;
  throw new ElboError({
    code: "data-empty",
    kind: "usage",
    message: `a report compares halves of the real rows, and ${source.source} has ${source.rows}`,
    hint: "Give more rows by --report.",
  });
}

export interface SyntheticReportOptions extends TaskOptions {
  /** Of the halves of the real rows. Default 0. */
  seed?: number;
}

/**
 * @param made rows of the run's model, of which `REPORT_ROWS` are looked at.
 * @param data real rows, best those that training did not see.
 * @throws ElboError as `checkReal`.
 */
export async function syntheticReport(
  run: string | Run,
  made: ModelRows,
  data: string | DataSource,
  options: SyntheticReportOptions = {},
): Promise<SyntheticReport> {
  const opened = await runOf(run);
  const { schema, model } = opened.config;
  const fields = reportFields(opened);
  const source = await sourceFor(opened, data);
  try {
    checkReal(opened, source);
    const some = await someRows(opened, source, REPORT_ROWS, options.onNotes);
    const whole = tableOfColumns(
      some.packed.rows,
      fields,
      some.columns.map(({ info, values }) => ({ name: info.name, values })),
    );
    const [real, other] = halves(whole, options.seed ?? 0);
    const names = fields.map(({ name }) => name);
    const own = made.columns.map(({ name }, j) => ({ name, values: made.values[j]! }));
    const synthetic = first(tableOfColumns(made.rows, fields, own), REPORT_ROWS);
    // As many as half of the real rows: a distance of fewer is larger by chance.
    const few = first(synthetic, other.rows);
    const [a, b, c] = [synthetic, real, other].map((table) => comparedColumns(fields, table)) as [
      ComparedColumn[],
      ComparedColumn[],
      ComparedColumn[],
    ];
    const fewer = comparedColumns(fields, few);
    const { training, heldOut } = await opened.reference();
    const groups = decodedGroups(schema, model);
    const kept = (packed: typeof training) =>
      first(tableOfPacked(packed, fields, groups), ATTACKED);
    return {
      rows: { synthetic: a[0]!.values.length, real: whole.rows },
      marginals: names.map((field, j) => ({
        field,
        synthetic: columnDistance(b[j]!, fewer[j]!),
        real: columnDistance(b[j]!, c[j]!),
      })),
      pairs: pairsOf(names, fewer, b, c),
      usefulness: await usefulness(fields, { synthetic: few, real, test: other }, options),
      distances: await recordDistances(fields, { synthetic: few, real, other }, options),
      membership: await membership(
        fields,
        { synthetic, members: kept(training), others: kept(heldOut) },
        options,
      ),
      copies: { synthetic: copies(few, real), real: copies(other, real) },
    };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
